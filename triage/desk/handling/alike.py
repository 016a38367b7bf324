"""The cases that look like this one, as far as an agent may know of them; nothing of what was told."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection

from triage.desk.campaigns.finding import similar
from triage.desk.campaigns.similar import Similar
from triage.desk.handling.opening import permitted
from triage.desk.office import Office
from triage.desk.people.rights import ForbiddenError
from triage.store.cases import UnknownCaseError
from triage.store.people import Person


@dataclass(frozen=True)
class Alike:
    """Another case, its level, and what it has in common."""

    found: Similar
    level: str


def alike(office: Office, connection: Connection, person: Person, case_id: str) -> list[Alike]:
    """The cases most like this one that `person` may see, the likest first."""
    seen: list[Alike] = []
    for one in similar(office, connection, case_id):
        with suppress(ForbiddenError, UnknownCaseError):
            seen.append(Alike(one, permitted(office, connection, person, one.case_id).level))
        if len(seen) == office.policies.handling.alike:
            break
    return seen
