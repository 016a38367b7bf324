"""Counts of the cases that were purged, by closed values. Every function works within the caller's transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from triage.store.statistics_tables import STATISTICS

_LOCK = 7_419  # whoever makes counts wider does it alone
Cell = tuple[str, str, str, str, str]  # month, departement, type, level, outcome
_CELL = (STATISTICS.c.month, STATISTICS.c.departement, STATISTICS.c.type, STATISTICS.c.level, STATISTICS.c.outcome)
NOTHING: Cell = ("", "", "", "", "")


def add(connection: Connection, cell: Cell, since: str, count: int = 1) -> None:
    """Adds to the count of a cell that waits since a month, or for good (empty)."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    columns = dict(zip((column.name for column in _CELL), cell, strict=True))
    added: Any = dialect.insert(STATISTICS).values(**columns, since=since, count=count)
    key = [*_CELL, STATISTICS.c.since]
    more = {"count": STATISTICS.c.count + added.excluded.count}
    connection.execute(added.on_conflict_do_update(index_elements=key, set_=more))


def alone(connection: Connection) -> None:
    """Waits for whoever makes counts wider at this moment; SQLite's writers wait already."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def waiting(connection: Connection) -> Mapping[str, Counter[Cell]]:
    """The counts that wait, by the month since when."""
    found: dict[str, Counter[Cell]] = {}
    for *cell, since, count in connection.execute(select(*_CELL, STATISTICS.c.since, STATISTICS.c.count)):
        if since:
            found.setdefault(since, Counter())[tuple(cell)] += count
    return found


def settled(connection: Connection) -> Counter[Cell]:
    """The counts that are there for good."""
    rows = connection.execute(select(*_CELL, STATISTICS.c.count).where(STATISTICS.c.since == ""))
    return Counter({tuple(cell): count for *cell, count in rows})


def settle(connection: Connection, gone: Iterable[tuple[str, Cell]], counts: Mapping[Cell, int]) -> None:
    """Takes away those that waited, and adds what became of them for good."""
    for since, cell in gone:
        where = [column == value for column, value in zip(_CELL, cell, strict=True)]
        connection.execute(delete(STATISTICS).where(*where, STATISTICS.c.since == since))
    for cell, count in counts.items():
        add(connection, cell, "", count)
