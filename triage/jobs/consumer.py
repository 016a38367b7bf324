"""Runs the worker: one process, one job of each kind at a time."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from triage.archive import keep_apart
from triage.bootstrap import build_engine, build_mailer, build_office, model_shelves
from triage.desk.auditing import note_audit
from triage.desk.office import Office
from triage.desk.serving import Follower
from triage.ending import end_after
from triage.engine import Engine
from triage.jobs.alerting import alert, channels_of, on_news
from triage.jobs.alone import alone_with
from triage.jobs.comparing import compare_as_they_come
from triage.jobs.daily import Purger, Teacher, draw_sample, send_notices
from triage.jobs.presence import beat
from triage.jobs.queue import OTHERS, make_queue, register
from triage.jobs.work import end_leases, never, read_files, set_apart, sort_comments
from triage.learning.observing import Observer
from triage.learning.trial import Trial
from triage.scratch import sweep
from triage.settings import Settings

# One for each kind of job, so that an export of comments does not keep screenshots waiting; one to look again.
_THREADS = 3 + len(OTHERS)


@dataclass
class _Place:
    """The office of this moment; a job works to its end with the one that it began with."""

    office: Office
    settings: Settings
    stopping: Callable[[], bool] = never

    def stopped(self) -> bool:
        """Whether the worker is to leave off."""
        return self.stopping()

    def swap(self, engine: Engine) -> None:
        """Serves with `engine` from now on."""
        self.office = replace(self.office, engine=engine)
        keep_apart(self.settings, engine)


def consume(settings: Settings, processes: int, follow: int = 0) -> None:
    """Works until stopped. `processes` sort an export together. Ends with the process `follow`, if one is given."""
    if follow:
        end_after(lambda: _wait_for(follow), settings.grace)
    sweep()
    follower = Follower(model_shelves(settings))
    place = _Place(build_office(settings, build_engine(settings)), settings)
    mailer = build_mailer(settings)
    queue = make_queue(settings)
    channels, trial, teacher = channels_of(settings, mailer), Trial(settings), Teacher(settings)
    purger, observer = Purger(settings), Observer(settings)
    jobs = register(
        queue,
        lambda: read_files(place.office, mailer, place.stopping),
        lambda: sort_comments(place.office, mailer, processes, place.stopping),
        alone_with(settings),
        leases=lambda: end_leases(place.office),
        notices=lambda: send_notices(place.office, mailer),
        sample=lambda: draw_sample(place.office),
        teach=lambda: teacher.run(place.office),
        anchor=lambda: note_audit(place.office.database, place.office.ring, settings.keys_folder),
        alerts=lambda: alert(place.office, channels),
        shadow=lambda: trial.run(place.office),
        purge=lambda: purger.run(place.office),
        quality=lambda: observer.run(place.office),
        beat=lambda: beat(queue),
        apart=lambda: set_apart(place.office),
    )
    threading.Thread(target=on_news, args=(place.office, lambda: alert(place.office, channels)), daemon=True).start()
    compare = partial(compare_as_they_come, lambda: place.office, alone_with(settings), place.stopped)
    threading.Thread(target=compare, daemon=True).start()
    keep_apart(settings, place.office.engine)
    with follower.following(place.office.engine, place.swap):
        for job in jobs:
            job()
        consumer = queue.create_consumer(
            workers=_THREADS,
            worker_type="thread",
            max_delay=1.0,
            graceful_signal="TERM",
            shutdown_timeout=settings.grace,
        )
        place.stopping = consumer.stop_flag.is_set
        consumer.run()
    if any(thread.is_alive() for _, thread in consumer.worker_threads):
        os._exit(0)  # what is not done is in the store, and is found there again


def _wait_for(parent: int) -> None:
    """Returns once `parent` is no longer the process that started this one."""
    while os.getppid() == parent:
        time.sleep(1)
