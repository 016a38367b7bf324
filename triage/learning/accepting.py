"""Accepts what a night's measure showed: it was meant, and the nights that come are compared with it."""

from __future__ import annotations

from datetime import datetime

from triage.errors import ModelError
from triage.store import audit, quality
from triage.store.database import Database
from triage.store.keys import KeyRing
from triage.store.people import Person

ACCEPTED = "quality.accept"


def accept(database: Database, ring: KeyRing, person: Person, reason: str, now: datetime) -> None:
    """Makes the last night the one of reference; the charts begin anew. Raises ModelError when none was measured."""
    with database.write() as connection:
        last = quality.last(connection)
        if last is None:
            raise ModelError("aucune mesure n'est à accepter : « triage quality --run » en fait une")
        quality.accept(connection, last.id, dict.fromkeys(last.charts, 0.0))
        sealed = ring.wrapping.seal(reason.encode())
        about = f"{last.rules} {last.model or ''}".strip()
        audit.append(connection, ring, audit.Entry(now, person.id, person.role, ACCEPTED, "", about, sealed))
