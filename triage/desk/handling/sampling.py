"""Reports read blind: those of the daily sample, drawn at random so that misses are seen, and those that teach most.

Two people read each, blind to each other and to what the engine said. Who finds that an agent has to act raises the
case at once, without waiting for the other. What is made of two readings: see `settling`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from math import ceil
from random import SystemRandom

from sqlalchemy import Connection

from triage.desk import journal
from triage.desk.decided import messages_of
from triage.desk.handling.deciding import Opinion, at_level, check
from triage.desk.handling.opening import permitted
from triage.desk.handling.reasons import LONGEST
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import ForbiddenError, Right
from triage.intake.moment import PARIS, in_paris
from triage.store import samples
from triage.store.cases import UnknownCaseError
from triage.store.people import Person
from triage.store.records import FINISHED, Case, Standing
from triage.store.samples import CALM, Purpose, Reading, Sample

# What a reading is called in the audit.
ACTS: Mapping[Purpose, str] = {"calm": "sample.read", "teaching": "teaching.read"}
_DICE = SystemRandom()


def draw(office: Office, now: datetime) -> int:
    """Draws the samples of the days gone by that have none; how many reports. To be called at least once a day."""
    today = in_paris(now).date()
    days = [today - timedelta(days=back) for back in range(office.policies.conduct.sampling.catch_up, 0, -1)]
    return sum(_draw(office, day, now) for day in days)


def waiting(office: Office, person: Person, purpose: Purpose = CALM) -> list[Sample]:
    """The reports that `person` may read: within their scope, not read by them, and not by enough others."""
    needed = office.policies.conduct.sampling.readers
    with office.database.read() as connection:
        found = [one for one in samples.open_ones(connection, needed, purpose) if person.id not in one.readers]
        return [one for one in found if may_read(office, connection, person, one)]


def open_sample(office: Office, person: Person, sample_id: str, now: datetime) -> tuple[Sample, Case]:
    """A report of the sample, to be read. Raises DeskError when it is not to be read by this person any more.

    ForbiddenError, UnknownCaseError besides.
    """
    with office.database.write() as connection:
        sample = samples.get(connection, sample_id)
        permitted(office, connection, person, sample.case_id, right=Right.LABEL)
        _check_open(office, sample, person)
        case = office.cases.get(connection, sample.case_id)
        journal.record(office, connection, person, "view", now, sample.case_id, "sample")
    return sample, case


def seen_of(case: Case) -> str:
    """How much of a case its reader has before them: what was told or written since is not what they read."""
    return f"{len(case.told.text)}.{len(messages_of(case))}"


def check_seen(case: Case, shown: str) -> None:
    """Raises DeskError when `shown`, what the page told of the case (empty: nothing), is not all of it any more."""
    if shown and shown != seen_of(case):
        raise DeskError("La personne a ajouté quelque chose depuis que vous lisez cette page : relisez son récit.")


def read(
    office: Office, person: Person, sample_id: str, opinion: Opinion, note: str, now: datetime, shown: str = ""
) -> bool:
    """Keeps what `person` finds of a report; whether it raised the case. `shown`: what they had before them.

    Raises DeskError for an opinion that is not made of the ids of the rules, ForbiddenError, UnknownCaseError.
    """
    check(office, opinion)
    note = note.strip()[:LONGEST]
    with office.database.write() as connection:
        found = samples.get(connection, sample_id)
        standing = permitted(office, connection, person, found.case_id, lock=True, right=Right.LABEL)
        sample = samples.get(connection, sample_id)  # as it is now that the case is locked
        _check_open(office, sample, person)
        case = office.cases.get(connection, sample.case_id)
        check_seen(case, shown)
        sealer = office.cases.sealer(connection, sample.case_id)
        reading = Reading(person.id, now, opinion.level, opinion.types, note, opinion.flags, seen_of(case))
        samples.add_reading(connection, sealer, sample, reading)
        raised = raise_case(office, connection, standing, opinion, now)
        about = f"{sample_id} {opinion.level}{' raised' if raised else ''}"
        journal.record(office, connection, person, ACTS[sample.purpose], now, sample.case_id, about, note)
    return raised


def _draw(office: Office, day: date, now: datetime) -> int:
    """The sample of one day, whose limits are those of Paris; nothing when it was drawn already."""
    policy, delays = office.policies.conduct.sampling, office.policies.queue
    calm = [level.id for level in office.engine.assessor.policy.levels if delays.delay(level.id) is None]
    begins, ends = (datetime.combine(one, time(), PARIS) for one in (day, day + timedelta(days=1)))
    with office.database.read() as connection:
        if samples.drawn_on(connection, day.isoformat()) or not samples.population(connection, calm, begins, ends):
            return 0
    with office.database.write() as connection:
        samples.alone(connection)
        if samples.drawn_on(connection, day.isoformat()):
            return 0
        found = samples.population(connection, calm, begins, ends)
        size = min(len(found), policy.most, max(policy.least, ceil(len(found) * policy.share)))
        if size:
            samples.add(connection, day.isoformat(), _DICE.sample(found, size), len(found), now)
            journal.record(office, connection, journal.SYSTEM, "sample.draw", now, about=f"{day} {size}/{len(found)}")
    return size


def raise_case(office: Office, connection: Connection, standing: Standing, opinion: Opinion, now: datetime) -> bool:
    """Raises the case to the level found, when an agent has to act at that level; never lowers it."""
    rank = office.engine.assessor.policy.rank(opinion.level)
    if office.policies.queue.delay(opinion.level) is None or rank <= standing.rank or standing.state in FINISHED:
        return False
    types = tuple(dict.fromkeys((*opinion.types, *standing.types)))
    flags = tuple(dict.fromkeys((*standing.flags, *opinion.flags)))
    if standing.state == "withdrawn":
        office.cases.set_state(connection, standing.id, "open", now)
    at_level(office, connection, standing, Opinion(types, flags, opinion.level), "Un agent a lu votre récit.", now)
    return True


def _check_open(office: Office, sample: Sample, person: Person) -> None:
    if person.id in sample.readers:
        raise DeskError("Vous avez déjà lu ce récit de l'échantillon.")
    if len(sample.readers) >= office.policies.conduct.sampling.readers:
        raise DeskError("Ce récit a déjà été lu par assez de personnes.")


def may_read(office: Office, connection: Connection, person: Person, sample: Sample) -> bool:
    """Whether the report is within the scope of `person`, who is not kept out of it."""
    try:
        permitted(office, connection, person, sample.case_id, right=Right.LABEL)
    except (ForbiddenError, UnknownCaseError):
        return False
    return True
