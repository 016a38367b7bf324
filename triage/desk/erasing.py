"""Withdrawing and erasing: at once while nobody works on the case, otherwise as a request that an agent decides."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from triage.desk.office import DeskError, Office
from triage.desk.queue.placing import place
from triage.store import joined
from triage.store.records import Case

ERASURE = "erasure"
# At these levels somebody may be in danger: an agent reads the case before anything is erased.
PRESSING = ("immediate", "urgent")
Outcome = Literal["erased", "asked", "kept"]


def possible(case: Case) -> Outcome:
    """What a request to erase the case now would do: erase, ask an agent, or nothing, as it was transmitted."""
    if case.state == "transmitted":
        return "kept"
    return "asked" if case.claimed_by or case.level in PRESSING else "erased"


def erase(office: Office, case_id: str, now: datetime) -> Outcome:
    """Erases the case if nobody works on it, or asks the agents to. Raises UnknownCaseError, StoreError."""
    with office.database.write() as connection:
        case = office.cases.get(connection, case_id, lock=True)
        outcome = possible(case)
        if outcome == "erased" and _worked_on(office, connection, case):
            outcome = "asked"
        if outcome == "erased":
            office.cases.erase(connection, case_id, now)
        elif outcome == "asked" and not any(one.kind == ERASURE for one in case.asked):
            office.cases.ask(connection, case_id, ERASURE, now)
            office.cases.note(connection, case_id, ERASURE, "Effacement demandé : un agent décidera.", now)
            place(office, connection, case_id, now)
    if outcome == "erased":
        office.database.clear_journal()
    return outcome


def withdraw(office: Office, case_id: str, now: datetime) -> None:
    """The person no longer asks for anything; the case stays, out of the queue. Raises DeskError where it may not."""
    with office.database.write() as connection:
        case = office.cases.get(connection, case_id, lock=True)
        if case.state != "open":
            raise DeskError("Ce dossier n'attend plus d'agent : il n'y a rien à retirer.")
        if possible(case) != "erased":
            raise DeskError("Un agent lit ou doit lire ce dossier. Écrivez-lui que vous n'attendez plus de réponse.")
        office.cases.set_state(connection, case_id, "withdrawn", now)
        office.cases.note(connection, case_id, "withdrawn", "Récit retiré de la file par son auteur.", now)
        for one in joined.joined_to(connection, case_id):  # their authors have withdrawn nothing
            office.cases.stand(connection, one, merged_into=None)
            place(office, connection, one, now)
        place(office, connection, case_id, now)


def _worked_on(office: Office, connection: Connection, case: Case) -> bool:
    """Whether an agent works on the case elsewhere: in the one that it is joined to, or in a part of it."""
    main = case.standing.merged_into
    held = main is not None and office.cases.standing(connection, main).claimed_by is not None
    return held or bool(joined.parts_of(connection, case.id))
