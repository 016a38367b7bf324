"""The database: SQLite beside the service, or PostgreSQL by its URL; one way to write, one way to read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.exc import DataError, DBAPIError, InvalidatePoolError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from triage.errors import IntakeError, TriageError
from triage.store.keys import KeyRing, KeyRingError
from triage.store.sealing import OPTION

_MIGRATIONS = Path(__file__).parent / "migrations"
_UPGRADING = 7_417  # the lock that two starting processes take in turn
_BUSY = 30  # seconds that a SQLite writer waits for the one before it
# PostgreSQL keeps no null character, and no number beyond its columns: what was sent is wrong, not the store.
_IMPOSSIBLE = "Cette valeur ne peut pas être enregistrée : elle contient un signe ou un nombre impossible. Corrigez-la."
MOST_AT_ONCE, _MORE = 16, 8  # connections that a process keeps to PostgreSQL, and opens beside for a moment
# Seconds after which a connection is tried before it is used: asking each time is a tenth of what a page asks.
_FRESH, _GIVEN_BACK = 1.0, "given_back"
_SOON = 500  # milliseconds that the journal is worth waiting for


class StoreError(TriageError):
    """The store cannot be reached, or refuses to write; nothing of the transaction was kept."""


class Database:
    """Connections to one database. `keys` gives those that close names in it, once they are needed."""

    def __init__(self, url: str, keys: Callable[[], KeyRing] | None = None) -> None:
        self.url = url
        arguments: dict[str, Any] = {"timeout": _BUSY} if url.startswith("sqlite") else {"connect_timeout": 5}
        # More than threads that answer or work: those above would be opened and closed each time.
        kept: dict[str, Any] = {} if url.startswith("sqlite") else {"pool_size": MOST_AT_ONCE, "max_overflow": _MORE}
        self.engine = create_engine(url, hide_parameters=True, connect_args=arguments, **kept)
        self.engine = self.engine.execution_options(**{OPTION: keys or _no_keys})
        alone = {} if url.startswith("sqlite") else {"isolation_level": "AUTOCOMMIT"}
        self._asked = self.engine.execution_options(**alone)
        self._current = False
        self._file: tuple[int, int] | None = None
        self._closed = False
        event.listen(self.engine, "checkin", self._given_back)
        event.listen(self.engine, "checkout", self._taken)
        if self.engine.dialect.name == "sqlite":
            _tune(self.engine)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction, durable once this returns. Raises StoreError when it could not be kept."""
        self._ensure_tables()
        with _told_plainly(), self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One state of the store, without locking it. Raises StoreError."""
        self._ensure_tables()
        with _told_plainly(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """For a few questions, each answered as things are at that moment. Raises StoreError.

        On PostgreSQL nothing is opened and closed around them, which takes as long as two of them. Nothing is written
        here, nor read by a cursor that lasts.
        """
        self._ensure_tables()
        with _told_plainly(), self._asked.connect() as connection, connection.begin():
            yield connection

    def upgrade(self, revision: str = "head") -> None:
        """Makes the tables, or brings them to this version (Alembic). Raises StoreError."""
        config = _alembic()
        with _told_plainly(), self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            if self.engine.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_UPGRADING)))
            config.attributes["connection"] = connection
            before = MigrationContext.configure(connection).get_current_revision()
            if revision != "head" or before != revisions()[0]:  # else Alembic reads all its scripts to do nothing
                command.upgrade(config, revision)
            changed = MigrationContext.configure(connection).get_current_revision() != before
        self._current = revision == "head"
        if changed and before:  # what it closed was in clear
            self.clear_journal()

    def revision(self) -> str | None:
        """The version of the tables as they are; none where there are none. Raises StoreError."""
        with _told_plainly(), self.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def _ensure_tables(self) -> None:
        """A service that started while the store was down makes the tables once it is back.

        A SQLite file that was removed or replaced is left: what is written in it would be lost with its last reader.
        """
        if self._current and self._file != self._on_disk():
            self.engine.dispose()
            self._current = False
        if not self._current:
            self.upgrade()
            self._file = self._on_disk()

    def _on_disk(self) -> tuple[int, int] | None:
        """Which file SQLite's is at this moment."""
        path = self.engine.url.database
        if self.engine.dialect.name != "sqlite" or not path:
            return None
        try:
            found = Path(path).stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def clear_journal(self) -> None:
        """Takes what was erased out of SQLite's journal too, unless somebody reads: the next call will.

        The tables themselves hold nothing of it any more (`secure_delete`).
        """
        if self.engine.dialect.name == "sqlite":
            with suppress(SQLAlchemyError), self.engine.connect().execution_options(journal=True) as connection:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={_SOON}")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.exec_driver_sql(f"PRAGMA busy_timeout={_BUSY * 1000}")

    def close(self) -> None:
        """Gives all connections back; those in use at this moment, as soon as they are no longer."""
        self._closed = True
        self.engine.dispose()

    def _taken(self, raw: Any, record: ConnectionPoolEntry, _proxy: object) -> None:  # noqa: ANN401 (the driver's own)
        """A connection that was left alone may be one to a server that is no longer there; all the others too."""
        left = record.info.get(_GIVEN_BACK)
        if left is None or time.monotonic() - left < _FRESH:
            return
        try:
            alive = self.engine.dialect.do_ping(raw)
        except self.engine.dialect.loaded_dbapi.Error:
            alive = False
        if not alive:
            raise InvalidatePoolError

    def _given_back(self, _raw: object, record: ConnectionPoolEntry) -> None:
        record.info[_GIVEN_BACK] = time.monotonic()
        if self._closed:
            record.close()


def _no_keys() -> KeyRing:
    raise KeyRingError("Le registre a été ouvert sans les clés du service : les noms n'y sont pas lisibles.")


@cache
def revisions() -> tuple[str, ...]:
    """The versions of the tables that this version knows, the newest first."""
    return tuple(one.revision for one in ScriptDirectory.from_config(_alembic()).walk_revisions())


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except DataError as error:
        raise IntakeError(_IMPOSSIBLE) from error
    except DBAPIError as error:
        raise StoreError(f"Le registre ne répond pas ou refuse d'écrire ({type(error.orig).__name__}).") from error
    except SQLAlchemyError as error:
        raise StoreError(f"Le registre ne répond pas ({type(error).__name__}).") from error


def _tune(engine: Engine) -> None:
    """WAL so that readers never wait; a commit returns once it is on the disk; writers queue from their first line."""

    @event.listens_for(engine, "connect")
    def _connect(raw: Any, _record: Any) -> None:  # noqa: ANN401 (the driver's own connection)
        raw.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("journal"):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")
