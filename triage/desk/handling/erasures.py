"""The agent who holds a case decides what becomes of a request to erase it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from triage.desk import journal
from triage.desk.erasing import ERASURE
from triage.desk.follow_up import LONGEST_MESSAGE
from triage.desk.handling.opening import held, permitted
from triage.desk.office import DeskError, Office
from triage.desk.queue.placing import place
from triage.store import joined
from triage.store.history import settle_request
from triage.store.people import Person
from triage.store.records import FINISHED, Case

_TOLD = (
    "Vous avez demandé l'effacement de ce dossier. Un agent a décidé de le garder pour le moment.\n\nMotif : {reason}"
)


def asked(case: Case) -> bool:
    """Whether the person waits for an answer to a request to erase the case."""
    return any(one.kind == ERASURE and one.state == "asked" for one in case.asked)


def accept(office: Office, person: Person, case_id: str, now: datetime) -> None:
    """Erases the case as asked; the audit alone remains. Raises DeskError, NotHeldError, ForbiddenError."""
    with office.database.write() as connection:
        _decidable(office, connection, person, case_id, now)
        office.cases.erase(connection, case_id, now)
        journal.record(office, connection, person, "erasure.accept", now, case_id)
    office.database.clear_journal()


def refuse(office: Office, person: Person, case_id: str, reason: str, now: datetime) -> None:
    """Keeps the case, and tells the person why. Raises DeskError, NotHeldError, ForbiddenError."""
    reason = reason.strip()
    if not reason:
        raise DeskError("Écrivez pourquoi le dossier est gardé : la personne lira ce motif.")
    if len(reason) > LONGEST_MESSAGE:
        raise DeskError(f"Le motif compte {len(reason)} caractères, la limite est de {LONGEST_MESSAGE}.")
    with office.database.write() as connection:
        _decidable(office, connection, person, case_id, now)
        settle_request(connection, case_id, ERASURE, "refused")
        office.cases.note(
            connection, case_id, ERASURE, "Effacement refusé par un agent : le motif vous est écrit.", now
        )
        office.cases.write(connection, case_id, "agent", _TOLD.format(reason=reason), now, person.id)
        place(office, connection, case_id, now)
        journal.record(office, connection, person, "erasure.refuse", now, case_id, why=reason)


def _decidable(office: Office, connection: Connection, person: Person, case_id: str, now: datetime) -> None:
    """The case is locked, and its erasure waits for this person's decision.

    A case that has left the desk can no longer be claimed: whoever may read it decides.
    """
    standing = permitted(office, connection, person, case_id, lock=True)
    if standing.state not in FINISHED:
        held(office, connection, person, case_id, now)
    if standing.state == "transmitted":
        raise DeskError("Ce dossier a été transmis à un service d'enquête : il est conservé et ne s'efface pas d'ici.")
    parts = [office.cases.standing(connection, one) for one in joined.parts_of(connection, case_id)]
    if any(one.held_by(now) not in (None, person.id) for one in parts):
        raise DeskError("Un collègue tient un dossier tiré de celui-ci : voyez ensemble avant de décider.")
    if not asked(office.cases.get(connection, case_id)):
        raise DeskError("Aucune demande d'effacement n'attend sur ce dossier.")
