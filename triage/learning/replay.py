"""Makes stored assessments again, from what they were made from, and compares.

Each is made with the rules and the model of its time, from the archive; the code and the libraries are those of today:
where they are others, the answer says so, and where the lock of its time is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from triage import environment
from triage.archive import GoneError
from triage.desk import journal
from triage.desk.inputs import Inputs
from triage.desk.making import make
from triage.desk.office import Office
from triage.desk.understanding import as_shown
from triage.errors import IntakeError
from triage.learning.differences import differences
from triage.learning.engines import Engines
from triage.store import history
from triage.store.cases import UnknownCaseError
from triage.store.history import Made
from triage.store.joined import by_reference
from triage.store.people import Person
from triage.store.records import reference_of

Wanted = tuple[str, str]  # the ids of a case and of one of its assessments
# How many cases are opened in one transaction: their readings are written down before anything is made again.
_AT_ONCE = 100


@dataclass(frozen=True)
class Replayed:
    """One assessment made again: the same when there are neither `differences` nor anything in its `way`.

    `lock` is where the environment of its time is described, when this one is another.
    """

    case_id: str
    assessment_id: str
    at: datetime
    cause: str
    differences: tuple[str, ...] = ()
    way: str = ""
    lock: Path | None = None

    @property
    def identical(self) -> bool:
        """Whether the whole stored answer came out again."""
        return not (self.differences or self.way)

    @property
    def reference(self) -> str:
        """What to call its case by."""
        return reference_of(self.case_id)


def found(office: Office, case: str, assessment: str = "") -> list[Wanted]:
    """The assessments of a case, by its reference or its id, the oldest first; or that one. Raises UnknownCaseError."""
    with office.database.read() as connection:
        ids = [case, *by_reference(connection, case)]
        wanted = [(one, made.id) for one in ids for made in history.assessments(connection, one)]
    if not wanted:
        raise UnknownCaseError(f"Aucun dossier « {case} » : il n'existe pas, ou il a été effacé.")
    chosen = [one for one in wanted if assessment in ("", one[1])]
    if not chosen:
        raise UnknownCaseError(f"Aucune évaluation « {assessment} » dans ce dossier.")
    return chosen


def latest(office: Office, most: int | None = None) -> list[Wanted]:
    """The last assessments of all cases; all of them without `most`."""
    with office.database.read() as connection:
        return history.latest(connection, most)


def replay(
    office: Office, engines: Engines, who: Person | str, wanted: Sequence[Wanted], now: datetime
) -> Iterator[Replayed]:
    """Makes each of them again, those of one engine together. The audit keeps that `who` read these cases.

    A case that was erased meanwhile is left out.
    """
    for start in range(0, len(wanted), _AT_ONCE):
        opened = _opened(office, who, wanted[start : start + _AT_ONCE], now)
        for one in sorted(opened, key=lambda made: (made.rules, made.model or "", made.at)):
            yield again(engines, one)


def again(engines: Engines, made: Made) -> Replayed:
    """One assessment, made again with the rules and the model of its time."""
    lock = engines.archive.environment_of(made.environment or "")
    elsewhere = lock if made.environment not in (None, environment.digest()) else None
    about = (made.case_id, made.id, made.at, made.cause)
    if made.inputs is None:
        return Replayed(*about, way="Faite avant que le récit de chaque évaluation ne soit gardé avec elle.")
    try:
        engine = engines.of(made.rules, made.model)
        shown = as_shown(engine, make(engine, Inputs.from_bytes(made.inputs)))
    except (GoneError, IntakeError) as error:
        return Replayed(*about, way=str(error), lock=elsewhere)
    return Replayed(*about, differences(made.shown, json.loads(json.dumps(shown))), lock=elsewhere)


def _opened(office: Office, who: Person | str, wanted: Sequence[Wanted], now: datetime) -> list[Made]:
    opened: list[Made] = []
    with office.database.write() as connection:
        for case_id, assessment_id in wanted:
            try:
                sealer = office.cases.sealer(connection, case_id)
                opened.append(history.made(connection, sealer, case_id, assessment_id))
            except UnknownCaseError:
                continue
        for case_id in dict.fromkeys(one.case_id for one in opened):
            journal.record(office, connection, who, "replay", now, case_id)
    return opened
