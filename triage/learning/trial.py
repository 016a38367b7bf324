"""Makes the candidate that is tried answer what was assessed; for the worker, which nothing here may harm."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from triage.archive import archive_of
from triage.desk.inputs import Inputs
from triage.desk.making import make
from triage.desk.office import Office
from triage.engine import Engine
from triage.errors import TriageError, traced
from triage.learning.tried import give_up, named
from triage.settings import Settings
from triage.store import history, shadows
from triage.store.cases import UnknownCaseError

_LOG = logging.getLogger(__name__)
# Assessments answered in one turn of the worker, about a minute of one core, and found by one query.
MOST, AT_ONCE = 2_000, 100
# In a row; then the candidate is tried no more.
MOST_FAILURES = 3


class Trial:
    """What the worker goes on with from one turn to the next: the candidate, read once, and how often it failed."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._archive = settings, archive_of(settings)
        self._version, self._failures = "", 0
        self._engine: Engine | None = None

    def run(self, office: Office) -> None:
        """A turn of the worker."""
        self.catch_up(office)

    def catch_up(self, office: Office, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> int:
        """Makes the candidate answer what waits, `MOST` at most; how many it answered. Nothing is ever raised."""
        done = 0
        try:
            for answered in self._answers(office):
                done += answered
                self._failures = 0 if answered else self._failures + 1
                if self._failures >= MOST_FAILURES:
                    _LOG.error("model %s failed %s times in a row: it is tried no more", self._version, self._failures)
                    give_up(office.database, office.ring, self._settings, self._version, "échecs répétés", clock())
        except Exception as error:  # what is tried must not harm what serves
            _LOG.warning("the model tried waits: %s\n%s", type(error).__name__, traced(error))
        return done

    def _answers(self, office: Office) -> Iterator[bool]:
        """Whether the candidate answered, one assessment after the other, while it is the one that is tried."""
        tried: set[str] = set()
        found = named(self._settings)
        self._change(found[0] if found else "")
        while found and len(tried) < MOST:
            with office.database.read() as connection:
                rules, most = office.engine.catalogue.digest, AT_ONCE + len(tried)
                waiting = shadows.waiting(connection, found[0], rules, found[1], most)
            waiting = [one for one in waiting if one[1] not in tried][:AT_ONCE]
            if not waiting:
                return
            for case_id, assessment_id in waiting:
                if named(self._settings) != found:
                    return
                tried.add(assessment_id)
                yield self._answered(office, case_id, assessment_id)

    def _answered(self, office: Office, case_id: str, assessment_id: str) -> bool:
        """Whether the candidate answered; a case that was erased meanwhile asks for nothing."""
        try:
            with office.database.read() as connection:
                made = history.made(connection, office.cases.sealer(connection, case_id), case_id, assessment_id)
            try:
                inputs = Inputs.from_bytes(made.inputs or b"")
                ranking = make(self._candidate(office), inputs).ranking
            except Exception as error:  # a broken candidate can fail in any way
                told = str(error) if isinstance(error, TriageError) else type(error).__name__
                _LOG.warning("model %s does not answer %s: %s", self._version, assessment_id, told)
                return False
            with office.database.write() as connection:
                office.cases.standing(connection, case_id, lock=True)
                shadows.add(connection, made, self._version, ranking, inputs.held is not None)
        except UnknownCaseError:
            pass
        return True

    def _change(self, version: str) -> None:
        if version != self._version:
            self._version, self._engine, self._failures = version, None, 0

    def _candidate(self, office: Office) -> Engine:
        """The engine that serves, with the candidate as its model."""
        if self._engine is None or self._engine.catalogue is not office.engine.catalogue:
            self._engine = replace(office.engine, model=self._archive.model_of(self._version), warning=None)
        return self._engine
