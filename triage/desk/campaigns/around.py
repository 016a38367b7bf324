"""What somebody may see around a case: its campaign, the cases like it. Nothing that was told is opened."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.desk import journal
from triage.desk.campaigns.finding import similar
from triage.desk.campaigns.similar import Similar
from triage.desk.campaigns.viewing import NotSeenError, View, view
from triage.desk.handling.opening import permitted
from triage.desk.office import Office
from triage.desk.people.rights import ForbiddenError
from triage.store import campaigns
from triage.store.campaigns import Member
from triage.store.cases import UnknownCaseError
from triage.store.people import Person
from triage.store.records import Standing

_MOST = 50  # similar cases shown


@dataclass(frozen=True)
class Around:
    """The campaign of the case and how it came there (`own`); the similar cases within the scope, how many outside.

    `together`: those of them that are in the same campaign.
    """

    campaign: View | None
    own: Member | None
    seen: tuple[tuple[Similar, Standing], ...]
    hidden: int
    together: frozenset[str]


def look_around(
    office: Office, connection: Connection, person: Person, case_id: str, now: datetime
) -> tuple[Standing, Around]:
    """Where the case stands, and what is around it; the audit keeps that `person` saw it.

    Raises ForbiddenError, UnknownCaseError.
    """
    standing = permitted(office, connection, person, case_id)
    found = similar(office, connection, case_id)[:_MOST]
    seen = []
    for one in found:
        with suppress(ForbiddenError, UnknownCaseError):
            seen.append((one, permitted(office, connection, person, one.case_id)))
    into = campaigns.of_cases(connection, [case_id, *(one.case_id for one, _ in seen)])
    own = into.get(case_id)
    shown = _campaign(office, connection, person, own) if own else None
    member = next((one for one in shown.seen if one.case_id == case_id), None) if shown else None
    together = frozenset(other for other, known in into.items() if known == own)
    journal.record(office, connection, person, "view", now, case_id, "campaign")
    return standing, Around(shown, member, tuple(seen), len(found) - len(seen), together)


def _campaign(office: Office, connection: Connection, person: Person, campaign_id: str) -> View | None:
    with suppress(NotSeenError):
        return view(office, connection, person, campaign_id)
    return None
