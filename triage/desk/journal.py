"""Writes the audit: every view, decision and export of somebody at the desk, or of the service itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from triage.desk.office import Office
from triage.store import audit
from triage.store.people import Person

SYSTEM = "system"
OFFICIAL = "official"


def record(
    office: Office,
    connection: Connection,
    who: Person | str,
    what: str,
    now: datetime,
    case_id: str = "",
    about: str = "",
    why: str = "",
) -> None:
    """Adds a line, last in the transaction. `what` is a short verb (« view », « claim », « export.pdf »).

    `about` holds ids and closed values only: what people write goes in `why`, sealed with the key of the case.
    Raises UnknownCaseError when `why` is given about a case that was erased.
    """
    sealed = office.cases.sealer(connection, case_id).seal(why.encode()) if why and case_id else None
    name, role = (who.id, who.role) if isinstance(who, Person) else (who, who)
    audit.append(connection, office.ring, audit.Entry(now, name, role, what, case_id, about, sealed))
