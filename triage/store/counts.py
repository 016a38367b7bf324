"""What addresses may still do, counted by all processes in their store: one small write each time, never waited for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, create_engine, delete, event, select, text
from sqlalchemy.exc import SQLAlchemyError

from triage.store.database import Database, StoreError
from triage.store.limit_tables import LIMITS, PROOFS

# Seconds that a count waits for another writer, for a connection, for a server that does not answer.
_BUSY, _CONNECT = 0.5, 2
_CONNECTIONS = 4
_TIDY = 60  # seconds between two deletions of what no longer counts

# Spends and checks in one statement: of many at once, no more pass than may. What a machine whose clock is ahead began
# is the present window for the others too. Written out: SQLAlchemy would compile it anew each time, which costs more.
_TAKE = text("""
INSERT INTO limits AS own (key, slot, spent, before, until) VALUES (:key, :slot, :cost, 0, :until)
ON CONFLICT (key) DO UPDATE SET
  slot = CASE WHEN own.slot = :slot + 1 THEN own.slot ELSE :slot END,
  spent = CASE WHEN own.slot IN (:slot, :slot + 1) THEN own.spent ELSE 0 END + :cost,
  before = CASE WHEN own.slot IN (:slot, :slot + 1) THEN own.before WHEN own.slot = :slot - 1 THEN own.spent ELSE 0 END,
  until = :until
WHERE CASE WHEN own.slot IN (:slot, :slot + 1) THEN own.spent ELSE 0 END + :cost
  + CASE WHEN own.slot IN (:slot, :slot + 1) THEN own.before WHEN own.slot = :slot - 1 THEN own.spent ELSE 0 END * :left
  <= :most
RETURNING spent
""")
_FIRST = text("INSERT INTO proofs (key, made_for, until) VALUES (:key, :made_for, :until) ON CONFLICT (key) DO NOTHING")


class Counts:
    """Connections of their own, so that counting neither takes those of reports nor waits as long as they may.

    A count that is lost with the machine harms nobody: it does not wait for the disk.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._clock, self._tidied = clock, 0.0
        self._engine = create_engine(
            database.url,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            pool_size=_CONNECTIONS,
            max_overflow=0,
            pool_timeout=_BUSY,
            connect_args=_arguments(database),
        )
        if database.engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _not_waiting_for_the_disk)
        # The store's connections are closed, or its file was replaced: so are these.
        event.listen(database.engine, "engine_disposed", lambda _: self._engine.dispose())

    def take(self, key: bytes, most: int, seconds: int, cost: int = 1) -> bool:
        """Spends `cost` of the `most` that `key` may spend in `seconds`; false, with nothing spent, beyond them.

        What was spent in the window before counts less and less. Raises StoreError.
        """
        now = self._clock()
        slot, part = divmod(now, seconds)
        given = {"key": key, "slot": int(slot), "cost": cost, "most": most, "left": 1 - part / seconds}
        if cost > most:
            return False
        with self._connected() as connection:
            self._tidy(connection, now)
            return connection.execute(_TAKE, given | {"until": int(now) + 2 * seconds}).first() is not None

    def spent(self, key: bytes, seconds: int) -> float:
        """What `key` has spent within `seconds`. Writes nothing. Raises StoreError."""
        slot, part = divmod(self._clock(), seconds)
        with self._connected() as connection:
            row = connection.execute(select(LIMITS).where(LIMITS.c.key == key)).first()
        if row is None or not slot - 1 <= row.slot <= slot + 1:  # over, or of a clock that was wrong since
            return 0.0
        left = 1 - part / seconds
        return float(row.spent + row.before * left if row.slot >= slot else row.spent * left)

    def first_use(self, key: bytes, made_for: bytes, seconds: float) -> bool:
        """Whether `key` serves for the first time, or again for the same thing. Raises StoreError."""
        now = self._clock()
        row = {"key": key, "made_for": made_for, "until": int(now + max(seconds, 0)) + 1}
        with self._connected() as connection:
            self._tidy(connection, now)
            connection.execute(_FIRST, row)
            return connection.scalar(select(PROOFS.c.made_for).where(PROOFS.c.key == key)) == made_for

    def _tidy(self, connection: Connection, now: float) -> None:
        if now - self._tidied < _TIDY:
            return
        self._tidied = now
        forget(connection, now)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StoreError(f"Le registre ne compte pas ({type(error).__name__}).") from error


def forget(connection: Connection, now: float) -> None:
    """Deletes what no longer counts, where nobody comes any more to do so in passing."""
    for table in (LIMITS, PROOFS):
        connection.execute(delete(table).where(table.c.until < int(now)))


def _arguments(database: Database) -> dict[str, Any]:
    return {"timeout": _BUSY} if database.engine.dialect.name == "sqlite" else {"connect_timeout": _CONNECT}


def _not_waiting_for_the_disk(raw: Any, _record: object) -> None:  # noqa: ANN401 (the driver's own connection)
    raw.execute("PRAGMA synchronous=NORMAL")
