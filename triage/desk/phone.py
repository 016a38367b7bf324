"""A report told by telephone: an agent types, reads aloud what to do, and keeps it once the caller agrees."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from triage.desk import journal
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import ForbiddenError, Right, require
from triage.desk.queue.claiming import claim
from triage.desk.submit import submit
from triage.desk.understanding import Understood, understand
from triage.store.people import Person
from triage.store.records import Told

CHANNEL = "phone"


@dataclass(frozen=True)
class Taken:
    """A report that was kept: its reference, and the code to read to the caller. `mine`: the agent has it now."""

    case_id: str
    reference: str
    receipt: str
    mine: bool


def listen(office: Office, told: Told, now: datetime) -> Understood:
    """What is told so far; nothing is kept. Raises IntakeError."""
    return understand(office.engine, told, now, now)


def take(office: Office, person: Person, told: Told, now: datetime, key: str) -> Taken:
    """Keeps a report for its caller, and gives it to the agent if it is of their scope.

    The same `key` and the same words give the same case. Raises IntakeError, StoreError, DeskError, ForbiddenError.
    """
    require(person, Right.HANDLE)
    body = hashlib.sha256(told.model_dump_json().encode()).digest()
    kept = submit(office, told, [], now, f"{CHANNEL}:{person.id}:{key}", body, CHANNEL)
    if not kept.again:
        with office.database.write() as connection:
            office.cases.note(connection, kept.case_id, CHANNEL, "Récit dit par téléphone à un agent.", now)
            journal.record(office, connection, person, "phone", now, kept.case_id)
    mine = _claimed(office, person, kept.case_id, now)
    with office.database.read() as connection:
        standing = office.cases.standing(connection, kept.case_id)
    return Taken(kept.case_id, standing.reference, kept.receipt, mine)


def _claimed(office: Office, person: Person, case_id: str, now: datetime) -> bool:
    """Whether the agent has the case; of another scope, it is left to those it is for, of another agent, to them."""
    with suppress(ForbiddenError, DeskError):
        claim(office, person, case_id, now)
        return True
    return False
