"""One worker at a time for each kind of job, on however many machines.

The lock goes with whoever holds it: with the process when it is killed, with the machine when it is lost.
"""

from __future__ import annotations

import fcntl
import logging
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from triage.settings import Settings

# What is entered with the name of a job; it gives false where another worker does it.
Alone = Callable[[str], AbstractContextManager[bool]]
_LOCKS = 7_418  # the first half of our locks' names in PostgreSQL
# A machine that is gone says nothing: the server asks it after half a minute, and lets its locks go after another.
_ASKED = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
_PATIENCE = 10  # seconds
_LOG = logging.getLogger(__name__)


def alone_with(settings: Settings) -> Alone:
    """Locks beside the store: in PostgreSQL with PostgreSQL, else in files."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "postgresql":
        dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return lambda name: _in_postgresql(dsn, name)
    return lambda name: _in_file(settings.data / "locks", name)


def nobody_else(_: str) -> AbstractContextManager[bool]:
    """No lock, where there is one worker only."""
    return nullcontext(True)


@contextmanager
def _in_file(folder: Path, name: str) -> Iterator[bool]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def _in_postgresql(dsn: str, name: str) -> Iterator[bool]:
    """The lock lasts as long as a connection of its own, whatever becomes of the others."""
    try:
        connection = psycopg.connect(dsn, autocommit=True, connect_timeout=_PATIENCE, options=_ASKED)
    except psycopg.OperationalError:
        _LOG.warning("job %s waits: the store does not answer", name)
        yield False
        return
    try:
        number = zlib.crc32(name.encode()) - 2**31  # PostgreSQL's integers have a sign
        row = connection.execute("SELECT pg_try_advisory_lock(%s::int, %s::int)", (_LOCKS, number)).fetchone()
        yield bool(row and row[0])
    finally:
        connection.close()
