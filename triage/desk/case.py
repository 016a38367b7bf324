"""Opens a case, and assesses it anew when something was added to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from triage.desk import recent
from triage.desk.campaigns import finding
from triage.desk.comments import sortings
from triage.desk.decided import as_decided, messages_of, raised_to
from triage.desk.inputs import Held, Inputs, pieces_of
from triage.desk.making import as_answer, make, opinion
from triage.desk.office import Office, hashed, read_receipt
from triage.desk.queue.placing import place
from triage.desk.understanding import Understood
from triage.store import decisions
from triage.store.records import Case, Told

# What may lower the level of a case: an answer to a question. Evidence and corrections only raise it.
_MAY_LOWER = ("answer",)


def open_by(office: Office, receipt: str) -> str | None:
    """The id of the case that the code opens, None for a wrong code. Raises DeskError for one badly typed."""
    digits = read_receipt(receipt)
    with office.database.glance() as connection:
        return office.cases.by_receipt(connection, hashed(office.ring, digits))


def opened_by(office: Office, receipt: str) -> Case | None:
    """The case that the code opens, None for a wrong code. Raises DeskError for one badly typed, StoreError."""
    digits = read_receipt(receipt)
    with office.database.glance() as connection:
        return office.cases.of_receipt(connection, hashed(office.ring, digits))


def load(office: Office, case_id: str) -> Case:
    """The case. Raises UnknownCaseError, StoreError."""
    with office.database.glance() as connection:
        return office.cases.get(connection, case_id)


def understood(office: Office, case: Case, now: datetime) -> Understood:
    """What the case says, today's date and hours counted; its level is never shown lower than the queue has it.

    Where an agent has decided, what they decided is what it says.
    """
    engine = office.engine
    found = opinion(engine, inputs_of(office, case, case.told, now), partial(recent.compose, engine))
    if case.standing.decided:
        return as_decided(engine, found, case.types, case.flags, case.rank)
    return raised_to(engine, found, case.level)


def reassess(office: Office, case_id: str, cause: str, now: datetime, told: Told | None = None) -> Understood:
    """Assesses the case anew, with `told` in place of what was told, and keeps both."""
    with office.database.write() as connection:
        return reassess_within(office, connection, case_id, cause, now, told)


def reassess_within(
    office: Office, connection: Connection, case_id: str, cause: str, now: datetime, told: Told | None = None
) -> Understood:
    """The same, in the caller's transaction. Raises IntakeError when the new text cannot be read."""
    cases, engine = office.cases, office.engine
    case = cases.get(connection, case_id, lock=True)
    inputs = inputs_of(office, case, told or case.told, now, cause)
    if case.standing.decided:
        seen = decisions.last_seen(connection, cases.sealer(connection, case_id), case_id)
        inputs = replace(inputs, held=Held(case.types, case.flags, case.level, seen))
    elif cause not in _MAY_LOWER:
        inputs = replace(inputs, floor=case.level)
    found = make(engine, inputs)
    if told is not None:
        cases.tell(connection, case_id, told, now)
    cases.rank(connection, case_id, found.ranking, now)
    level = found.diagnostic.level
    cases.record(connection, case_id, level.id, as_answer(engine, found, inputs), now)
    if level.id != case.level:
        before = engine.assessor.policy.level(case.level).label
        cases.note(connection, case_id, "level", f"Niveau : {before} → {level.label}.", now)
    place(office, connection, case_id, now)
    finding.ask(connection, case_id, now)
    return found


def assessed(office: Office, case: Case, told: Told, now: datetime) -> Understood:
    """The engine's own opinion of the case with `told` in it, whatever was decided. Raises IntakeError."""
    return opinion(office.engine, inputs_of(office, case, told, now))


def inputs_of(office: Office, case: Case, told: Told, now: datetime, cause: str = "") -> Inputs:
    """All that the case is assessed from, with `told` as what was told."""
    found = tuple(sortings(office, case))
    return Inputs(told, case.received_at, now, cause, pieces_of(case.exhibits), found, tuple(messages_of(case)))
