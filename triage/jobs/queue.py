"""The queue of jobs (huey). It only wakes the worker.

What waits to be done is in the store, and is found there again after a crash, whatever became of the queue.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing

from huey import Huey, PostgresHuey, SqliteHuey, crontab
from sqlalchemy.engine import make_url

from triage.jobs.alone import Alone, nobody_else
from triage.jobs.messages import Plain
from triage.settings import Settings

NAME = "triage"
FILES, COMMENTS = "read_files", "sort_comments"
# The other jobs, by name: their work is given in the consumer.
OTHERS = ("alerts", "leases", "notices", "sample", "teach", "shadow", "purge", "quality", "beat", "apart")
# What is done at once when something comes; the rest has its minute.
_WOKEN = (FILES, COMMENTS, "alerts")
_LOG = logging.getLogger(__name__)


def make_queue(settings: Settings) -> Huey:
    """The queue beside the store: PostgreSQL with PostgreSQL, else a SQLite file."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "postgresql":
        dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return PostgresHuey(NAME, dsn=dsn, results=False, serializer=Plain())
    return SqliteHuey(NAME, filename=str(settings.data / "jobs.sqlite"), results=False, serializer=Plain())


def waker(settings: Settings) -> Callable[[], None]:
    """What tells the worker that something waits. It never fails: the worker looks by itself every minute."""

    def wake() -> None:
        try:
            queue = make_queue(settings)
            with closing(queue.storage):  # each thread would keep a connection otherwise
                for name, job in zip((FILES, COMMENTS, *OTHERS), register(queue, _nothing, _nothing), strict=True):
                    if name in _WOKEN:
                        job()
        except Exception:  # whatever the driver raises: the report is in the store already
            _LOG.warning("the queue of jobs does not answer", exc_info=True)

    return wake


def register(
    queue: Huey,
    read: Callable[[], None],
    sort: Callable[[], None],
    alone: Alone = nobody_else,
    **others: Callable[[], None],
) -> list[Callable[[], object]]:
    """Names the jobs on `queue`, each run by one worker at a time as `alone` has it, when woken and every minute.

    One of `OTHERS` whose work is not given does nothing.
    """
    jobs: list[Callable[[], object]] = []
    every = {FILES: read, COMMENTS: sort, **dict.fromkeys(OTHERS, _nothing), **others}
    for name, work in every.items():
        jobs.append(queue.task(name=name)(_once(alone, name, work)))
        queue.periodic_task(crontab(minute="*"), name=f"{name}_again")(_once(alone, name, work))
    return jobs


def _once(alone: Alone, name: str, work: Callable[[], None]) -> Callable[[], None]:
    """`work`, unless it goes on already: what came meanwhile is found by the one that goes on, or a minute later."""

    def job() -> None:
        with alone(name) as mine:
            if mine:
                work()

    return job


def _nothing() -> None:
    """Who only wakes does not work."""
