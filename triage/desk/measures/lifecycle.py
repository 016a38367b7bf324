"""The life of a measure: opened, taken from state to state, brought back to mind.

Who may: whoever holds the case. A measure that is in force, or one of a case that has left the desk, belongs to no
holder any more, and must be renewed or ended all the same: anybody who may see the case may take it further.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from triage.desk import journal
from triage.desk.handling.opening import held, permitted
from triage.desk.measures.pack import Cycle, Step
from triage.desk.office import DeskError, Office
from triage.desk.queue.placing import place
from triage.intake.moment import in_paris
from triage.store import directory, measures
from triage.store.desk_tables import MEASURES
from triage.store.measures import Detail, Measure
from triage.store.people import Person
from triage.store.records import FINISHED, Case, Standing

LONGEST_NOTE = 2_000
_BY_OFFICIAL = "official"


@dataclass(frozen=True)
class Noted:
    """A step as an agent takes it: from the state that they saw to another, with what it notes; `since`: its day."""

    before: str
    to: str
    note: str = ""
    result: str = ""
    unit: str = ""
    since: date | None = None


def cycle_of(office: Office, kind: str) -> Cycle:
    """The life of the measures of that kind. Raises DeskError."""
    cycle = office.policies.pack.cycles.get(kind)
    if cycle is None:
        raise DeskError("Cette mesure n'existe pas, ou n'est pas suivie ici.")
    return cycle


def ask(office: Office, connection: Connection, case: Case, kind: str, now: datetime) -> None:
    """The official asks for a measure, in the caller's transaction; one that is already on its way goes on as it is."""
    cycle = office.policies.pack.cycles.get(kind)
    if cycle is None or not cycle.asked:
        return
    measure = measures.get(connection, case.id, kind)
    if measure is None:
        _open(office, connection, case.id, cycle, cycle.asked, _BY_OFFICIAL, "", now)
    elif measure.state == cycle.first or cycle.state(measure.state).final:
        _enter(office, connection, measure, cycle, cycle.asked, _BY_OFFICIAL, Detail(), now, now)


def propose(office: Office, person: Person, case_id: str, kind: str, note: str, now: datetime) -> None:
    """Opens a measure that nobody has opened for the case. Raises DeskError, ForbiddenError, NotHeldError."""
    cycle, note = cycle_of(office, kind), _short(note)
    with office.database.write() as connection:
        _may_act(office, connection, person, case_id, None, now)
        if measures.get(connection, case_id, kind):
            raise DeskError("Cette mesure est déjà suivie dans ce dossier : faites-la avancer.")
        _open(office, connection, case_id, cycle, cycle.first, person.id, note, now)
        measures.settle_request(connection, case_id, kind)
        place(office, connection, case_id, now, quiet=True)
        journal.record(office, connection, person, "measure.open", now, case_id, kind, note)


def advance(office: Office, person: Person, case_id: str, kind: str, noted: Noted, now: datetime) -> None:
    """Takes a measure to its next state, and tells the official. Raises DeskError, ForbiddenError, NotHeldError."""
    cycle = cycle_of(office, kind)
    with office.database.write() as connection:
        measure = _measure(office, connection, person, case_id, kind, now)
        if measure.state != noted.before:
            said = cycle.state(measure.state).label
            raise DeskError(f"Cette mesure a changé entre-temps : elle est à l'état « {said} ». Relisez-la.")
        step = cycle.step(noted.before, noted.to)
        if step is None:
            raise DeskError("Cette étape n'est pas possible depuis cet état.")
        since = _since(office, noted, now)
        detail = _detail(connection, cycle, step, noted)
        _enter(office, connection, measure, cycle, noted.to, person.id, detail, since, now)
        measures.settle_request(connection, case_id, kind)
        place(office, connection, case_id, now, quiet=True)
        about = " ".join(part for part in (f"{kind}:{noted.before}>{noted.to}", detail.result, detail.unit) if part)
        journal.record(office, connection, person, "measure.step", now, case_id, about, detail.note)


def remind(office: Office, person: Person, case_id: str, kind: str, day: date | None, now: datetime) -> None:
    """Sets the day on which a measure is brought back to mind; none: never. Raises DeskError, ForbiddenError."""
    pack = office.policies.pack
    cycle_of(office, kind)
    if day is not None:
        _near(office, day, now)
        if day < in_paris(now).date():
            raise DeskError("Ce rappel serait dans le passé : choisissez aujourd'hui ou un jour à venir.")
    with office.database.write() as connection:
        measure = _measure(office, connection, person, case_id, kind, now)
        measures.change(connection, measure.id, remind_at=pack.morning(day) if day else None)
        place(office, connection, case_id, now, quiet=True)
        about = f"{kind} {day.isoformat() if day else 'none'}"
        journal.record(office, connection, person, "measure.remind", now, case_id, about)


def due(office: Office, connection: Connection, now: datetime, limit: int = 1_000) -> list[tuple[Measure, Standing]]:
    """The measures whose reminder has come, the oldest first, with their cases, open or not."""
    return measures.listed(connection, [MEASURES.c.remind_at <= now], MEASURES.c.remind_at, limit)


def _may_act(
    office: Office, connection: Connection, person: Person, case_id: str, measure: Measure | None, now: datetime
) -> None:
    """Locks the case for somebody who may take its measures further. See the module."""
    standing = permitted(office, connection, person, case_id, lock=True)
    in_force = measure is not None and cycle_of(office, measure.kind).state(measure.state).in_force
    if not in_force and standing.state not in FINISHED:
        held(office, connection, person, case_id, now)


def _measure(office: Office, connection: Connection, person: Person, case_id: str, kind: str, now: datetime) -> Measure:
    """A measure of the case, locked with it, for somebody who may take it further."""
    permitted(office, connection, person, case_id, lock=True)
    measure = measures.get(connection, case_id, kind)
    _may_act(office, connection, person, case_id, measure, now)
    if measure is None:
        raise DeskError("Cette mesure n'est pas encore suivie dans ce dossier.")
    return measure


def _open(
    office: Office, connection: Connection, case_id: str, cycle: Cycle, state: str, by: str, note: str, now: datetime
) -> None:
    measure_id = measures.add(connection, case_id, cycle.id, by, now, state="")
    opened = Measure(measure_id, case_id, cycle.id, "", now, None, None, by, "")
    _enter(office, connection, opened, cycle, state, by, Detail(note=note), now, now)


def _enter(
    office: Office,
    connection: Connection,
    measure: Measure,
    cycle: Cycle,
    name: str,
    by: str,
    detail: Detail,
    since: datetime,
    now: datetime,
) -> None:
    """Keeps that a measure enters a state, and tells the official what they may read of it.

    They have a notice by e-mail of what moves a measure that they asked for.
    """
    state = cycle.state(name)
    until = state.until(since, measure.until)
    remind_at = office.policies.pack.reminder(state, since, until)
    kept = {"unit": detail.unit} if detail.unit else {}
    measures.change(connection, measure.id, state=name, since=since, until=until, remind_at=remind_at, **kept)
    told = detail.model_copy(update={"since": since, "until": until})
    sealer = office.cases.sealer(connection, measure.case_id)
    step = measures.Step(now, by, measure.state, name, told)
    tells = bool(state.told) and by != _BY_OFFICIAL  # what they ask for themselves is told where they ask
    notice = tells and measures.asked(connection, measure.case_id, cycle.id)
    measures.note_step(connection, measure.case_id, measure.id, step, sealer, notice=notice)
    if tells:
        office.cases.note(connection, measure.case_id, "measure", state.says(since, until), now)


def _detail(connection: Connection, cycle: Cycle, step: Step, noted: Noted) -> Detail:
    """What the step notes, nothing that it does not ask for. Raises DeskError for what does not exist."""
    if step.result and cycle.result(noted.result) is None:
        raise DeskError("Choisissez le résultat de l'évaluation dans la liste.")
    if step.unit and noted.unit and directory.unit(connection, noted.unit) is None:
        raise DeskError("Cette unité n'est pas dans l'annuaire.")
    result, unit = noted.result if step.result else "", noted.unit if step.unit else ""
    return Detail(note=_short(noted.note), result=result, unit=unit)


def _since(office: Office, noted: Noted, now: datetime) -> datetime:
    """When the state begins: now, or in the morning of the day that was noted."""
    if noted.since is None or noted.since == in_paris(now).date():
        return now
    _near(office, noted.since, now)
    return office.policies.pack.morning(noted.since)


def _near(office: Office, day: date, now: datetime) -> None:
    if abs(day - in_paris(now).date()) > timedelta(days=office.policies.pack.furthest):
        raise DeskError("Cette date est à plus d'un an : vérifiez l'année.")


def _short(note: str) -> str:
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise DeskError(f"La note compte {len(note)} caractères, la limite est de {LONGEST_NOTE}.")
    return note
