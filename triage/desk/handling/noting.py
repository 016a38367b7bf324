"""Internal notes, by anybody who may read the case."""

from __future__ import annotations

from datetime import datetime

from triage.desk import journal
from triage.desk.handling.opening import permitted
from triage.desk.handling.reasons import said
from triage.desk.office import Office
from triage.store import notes
from triage.store.people import Person


def note(office: Office, person: Person, case_id: str, text: str, now: datetime) -> None:
    """Keeps a note for the other agents. Raises DeskError for an empty one; ForbiddenError, UnknownCaseError."""
    text = said(text, "La note est vide.")
    with office.database.write() as connection:
        permitted(office, connection, person, case_id, lock=True)
        note_id = notes.add(connection, office.cases.sealer(connection, case_id), case_id, person.id, text, now)
        journal.record(office, connection, person, "note", now, case_id, note_id)
