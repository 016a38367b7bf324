"""Chooses the reports whose labels would teach the model most, to be read blind in the desk by two people each."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from triage.desk import journal
from triage.desk.case import assessed, load
from triage.desk.erasing import ERASURE
from triage.desk.handling.opening import permitted
from triage.desk.handling.sampling import draw
from triage.desk.office import Office
from triage.desk.people.rights import ForbiddenError, Right
from triage.errors import IntakeError
from triage.intake.moment import PARIS, in_paris
from triage.learning.cases import labels_of
from triage.learning.corpus import load as load_corpus
from triage.learning.lessons import Lesson, lesson, likenesses, teaching_most
from triage.settings import Settings
from triage.store import labelled, samples, teachable
from triage.store.cases import UnknownCaseError
from triage.store.keys import KeyRingError
from triage.store.people import Person
from triage.store.records import reference_of
from triage.store.samples import TEACHING
from triage.threats.features import plain_text

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chosen:
    """A report chosen, and why; no word of it is in `whys`."""

    case_id: str
    score: float
    whys: tuple[str, ...]

    @property
    def reference(self) -> str:
        """What to call its case by."""
        return reference_of(self.case_id)


def learnt(settings: Settings) -> list[str]:
    """The texts that the shipped model was trained on; none where they were not installed. Raises DataError."""
    folder = settings.models / "corpus"
    return [one.text for one in load_corpus(folder, labels_of(settings))] if folder.is_dir() else []


def choose(
    office: Office, texts: Sequence[str], now: datetime, number: int | None = None, person: Person | None = None
) -> list[Chosen]:
    """Chooses `number` reports (the rules' otherwise) and puts them on the list; those that teach most first.

    Only what was received before today: the samples of those days are drawn first, so that a case which a reader
    raises is still in the population that it belongs to. `texts`: those already learnt. `person`: who asks; reports of
    their scope only, in their name. Raises StoreError.
    """
    policy = office.policies.conduct.teaching
    draw(office, now)
    today = in_paris(now).date()
    until = datetime.combine(today, time(), PARIS)
    with office.database.read() as connection:
        waiting = len(samples.open_ones(connection, office.policies.conduct.sampling.readers, TEACHING))
        pool = teachable.teachable(connection, until - timedelta(days=policy.days), until, policy.pool)
        leaving = labelled.asked(connection, ERASURE)
        pool = [one for one in pool if one not in leaving and _within(office, connection, person, one)]
    wanted = min(number or policy.number, policy.most_waiting - waiting)
    lessons = _lessons(office, pool, texts, now) if wanted > 0 else []
    places = teaching_most([(found, text) for _, found, text in lessons], policy, wanted)
    if not places:
        return []
    with office.database.write() as connection:
        samples.alone(connection)
        still = {*teachable.teachable(connection, until - timedelta(days=policy.days), until, policy.pool)}
        done = [place for place in places if lessons[place][0] in still]
        for place in done:
            case_id, found, _ = lessons[place]
            sealer = office.cases.sealer(connection, case_id)
            day, whys = today.isoformat(), [*found.whys.values()]
            samples.add_teaching(connection, sealer, case_id, day, whys, len(lessons), now)
        about = f"{today} {len(done)}/{len(lessons)}"
        journal.record(office, connection, person or journal.SYSTEM, "teaching.choose", now, about=about)
    weights, told = policy.weights.model_dump(), [lessons[place] for place in done]
    return [Chosen(case_id, found.score(weights), _without_words(found)) for case_id, found, _ in told]


def _lessons(office: Office, pool: Sequence[str], texts: Sequence[str], now: datetime) -> list[tuple[str, Lesson, str]]:
    """Each case that can be read: its id, what it would teach, its words."""
    found = []
    for case_id in pool:
        try:
            case = load(office, case_id)
            triaged = assessed(office, case, case.told, now).triaged
        except (UnknownCaseError, KeyRingError, IntakeError) as error:
            _LOG.info("case %s teaches nothing: %s", case_id, type(error).__name__)
            continue
        found.append((case_id, triaged, plain_text(triaged.document)))
    if not found:
        return []
    near, _ = likenesses([text for *_, text in found], texts)
    policy = office.policies.conduct.teaching
    return [
        (case_id, lesson(office.engine, triaged, policy, near[place] if near else None), text)
        for place, (case_id, triaged, text) in enumerate(found)
    ]


def _within(office: Office, connection: Connection, person: Person | None, case_id: str) -> bool:
    try:
        return person is None or bool(permitted(office, connection, person, case_id, right=Right.LABEL))
    except (ForbiddenError, UnknownCaseError):
        return False


def _without_words(found: Lesson) -> tuple[str, ...]:
    return tuple(why for name, why in found.whys.items() if name != "words")
