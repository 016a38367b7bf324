"""What the verbs about accounts work with: no engine, so that a command answers at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from triage.datafiles import read
from triage.desk.office import Office
from triage.desk.people.policy import AccessPolicy
from triage.desk.service import Places
from triage.errors import DataError, Problem
from triage.signals.rule import build
from triage.store import audit
from triage.store.database import Database
from triage.store.keys import KeyRing
from triage.store.people import Person


@dataclass(frozen=True)
class Registry:
    """The store, the keys, the policy, and the codes of the départements."""

    database: Database
    ring: KeyRing
    policy: AccessPolicy
    departements: Collection[str]

    def note(self, connection: Connection, who: Person | str, what: str, now: datetime, about: str = "") -> None:
        """Adds to the audit what was done to an account, last in the transaction."""
        name, role = (who.id, who.role) if isinstance(who, Person) else (who, who)
        audit.append(connection, self.ring, audit.Entry(now, name, role, what, "", about))


def load_codes(rules: Path) -> list[str]:
    """The codes of the départements in `rules`. Raises DataError."""
    problems: list[Problem] = []
    file = read(rules / "departements.yaml", problems)
    places = build(Places, file, problems) if file else None
    if problems or places is None:
        raise DataError(problems)
    return [one.code for one in places.departements]


def registry_of(office: Office) -> Registry:
    """The accounts of the desk."""
    return Registry(office.database, office.ring, office.policies.access, office.service.departements)
