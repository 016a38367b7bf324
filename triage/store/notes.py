"""Internal notes on a case: between agents, never shown to the official."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from triage.store.cases import new_id
from triage.store.desk_tables import NOTES
from triage.store.keys import Sealer


@dataclass(frozen=True)
class Note:
    """What somebody of the desk, or the service itself, notes for the others."""

    at: datetime
    by: str
    text: str


def add(connection: Connection, sealer: Sealer, case_id: str, by: str, text: str, now: datetime) -> str:
    """Keeps a note; its id."""
    note_id = new_id()
    row = {"id": note_id, "case_id": case_id, "at": now, "by": by, "text": sealer.seal(text.encode())}
    connection.execute(insert(NOTES).values(**row))
    return note_id


def of_case(connection: Connection, sealer: Sealer, case_id: str) -> list[Note]:
    """The notes on a case, the last first."""
    query = select(NOTES).where(NOTES.c.case_id == case_id).order_by(NOTES.c.at.desc())
    return [Note(row.at, row.by, sealer.open(row.text).decode()) for row in connection.execute(query)]
