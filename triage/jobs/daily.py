"""What the worker does by the clock: tells officials that something new waits, draws and chooses what is read blind."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from triage.desk.forgetting.files import Beside
from triage.desk.forgetting.purging import purge
from triage.desk.handling.sampling import draw
from triage.desk.notice import Mailer, send_notice
from triage.desk.office import Office
from triage.errors import TriageError, traced
from triage.intake.moment import in_paris
from triage.learning import teaching, tried
from triage.settings import Settings
from triage.store import notices, samples
from triage.store.cases import UnknownCaseError

_LOG = logging.getLogger(__name__)
_AGAIN = timedelta(hours=1)  # after a choice that failed


def send_notices(office: Office, mailer: Mailer | None, now: datetime | None = None) -> None:
    """Tells each official of what an agent wrote to them, or did for a measure that they asked for: once for all of it.

    What fails waits for the next minute. Without a mailer nothing is sent, and nothing is kept for later either.
    """
    now = now or datetime.now(UTC)
    with office.database.read() as connection:
        waiting = notices.untold(connection, now - timedelta(minutes=office.policies.conduct.messages.notice))
    for case_id, told in waiting.items():
        try:
            if mailer:
                send_notice(office, mailer, case_id)
        except UnknownCaseError:
            continue  # erased meanwhile
        except TriageError as error:
            _LOG.warning("a notice of case %s waits: %s", case_id, error)
            continue
        with office.database.write() as connection:
            notices.noticed(connection, told, now)


def draw_sample(office: Office, now: datetime | None = None) -> None:
    """Draws the samples that have not been drawn yet."""
    try:
        draw(office, now or datetime.now(UTC))
    except TriageError as error:
        _LOG.warning("the sample waits: %s", error)


class Teacher:
    """Chooses the reports that would teach most, once a day: whether it was done is kept in the store, and here."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._done = settings, ""
        self._failed: datetime | None = None

    def run(self, office: Office, now: datetime | None = None) -> None:
        """A turn of the worker: does nothing when the day's were chosen. What goes wrong is tried again in an hour."""
        now = now or datetime.now(UTC)
        day = in_paris(now).date().isoformat()
        if day == self._done or (self._failed and now < self._failed + _AGAIN):
            return
        try:
            with office.database.read() as connection:
                chosen = samples.drawn_on(connection, day, samples.TEACHING)
            if not chosen:
                teaching.choose(office, teaching.learnt(self._settings), now)
            self._done = day
        except Exception as error:  # what is learnt later must not harm what serves now
            self._failed = now
            _LOG.error("no report was chosen to teach: %s\n%s", type(error).__name__, traced(error))


class Purger:
    """Erases what has been kept long enough, once a day: a second time finds nothing to do."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._done = settings, ""

    def run(self, office: Office, now: datetime | None = None) -> None:
        """A turn of the worker: does nothing until the hour, nor when the day's was done."""
        now = now or datetime.now(UTC)
        here = in_paris(now)
        day = here.date().isoformat()
        if day == self._done or here.hour < office.policies.retention.hour:
            return
        self._done = day
        named = tried.named(self._settings)
        try:
            done = purge(office, Beside(self._settings.data, named[0] if named else ""), now)
            if not done.nothing:
                _LOG.info("purged: %s cases, %s others", sum(done.cases.values()), sum(done.others.values()))
        except TriageError as error:
            _LOG.error("nothing more is purged today: %s", error)
        except Exception as error:  # what is left is found the next day
            _LOG.error("the purge stopped: %s\n%s", type(error).__name__, traced(error))
