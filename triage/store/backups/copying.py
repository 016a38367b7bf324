"""Rows from one database to another, a few at a time: whatever the two are, and whatever the size of the store."""

from __future__ import annotations

import pkgutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from sqlalchemy import Connection, Row, Table, create_engine, delete, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateTable

import triage.store
from triage.errors import TriageError
from triage.store.desk_tables import MESSAGE_FILES, NEWS
from triage.store.tables import CONTENTS, METADATA

_BATCH = 1_000
# Files of up to 25 MB each: one at a time in memory.
_HEAVY = (CONTENTS, MESSAGE_FILES)
# The queue of jobs only wakes the worker, which looks by itself: nothing of it is to be kept. The other is Alembic's.
_NOT_OURS = ("huey_", "alembic_version")


class BackupError(TriageError):
    """A backup cannot be made or read: why, and what to do."""


def known_tables() -> list[Table]:
    """All the tables of this version, those that others refer to first."""
    for module in pkgutil.iter_modules(triage.store.__path__):
        if module.name.endswith("_tables"):
            import_module(f"triage.store.{module.name}")
    return METADATA.sorted_tables


def tables_in(connection: Connection) -> list[Table]:
    """The tables that are in the database. Raises BackupError for one that this version does not know."""
    there = set(inspect(connection).get_table_names())
    known = known_tables()
    strange = sorted(one for one in there - {table.name for table in known} if not one.startswith(_NOT_OURS))
    if strange:
        raise BackupError(
            f"Le registre contient des tables inconnues de cette version ({', '.join(strange)}) : "
            "utilisez la version de triage qui l'a écrit."
        )
    return [table for table in known if table.name in there]


@contextmanager
def new_file(path: Path) -> Iterator[Connection]:
    """A new SQLite file to be filled: nothing reads it before it is whole, so it keeps no journal."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, hide_parameters=True)
    with engine.connect() as connection:
        with _written():
            for pragma in ("journal_mode=OFF", "synchronous=OFF"):
                connection.exec_driver_sql(f"PRAGMA {pragma}")
        yield connection
        with _written():
            connection.commit()


@contextmanager
def kept_file(path: Path) -> Iterator[Connection]:
    """A SQLite file of a backup, only read, be it on a medium that cannot be written."""
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def make_table(target: Connection, table: Table) -> None:
    """The table alone: a file that is read from end to end needs no index."""
    with _written():
        target.execute(CreateTable(table))


def copy(source: Connection, target: Connection, table: Table) -> int:
    """Every row of `table`; how many."""
    if source.dialect.name == target.dialect.name == "sqlite":
        return _as_it_is(source, target, table)
    return fill(target, table, _rows(source, table))


def fill(target: Connection, table: Table, rows: Iterator[Sequence[Row[Any]]]) -> int:
    """Puts rows, given in batches, into a table; how many."""
    put = _streamed if target.dialect.name == "postgresql" else _inserted
    number = 0
    for batch in rows:
        with _written():
            put(target, table, batch)
        number += len(batch)
    return number


def empty(target: Connection, table: Table) -> None:
    """Takes the rows of a table out; of what the migrations wrote, for one."""
    target.execute(delete(table))


def follow_numbers(target: Connection) -> None:
    """What PostgreSQL numbers by itself goes on after what was put in; SQLite does so by itself."""
    if target.dialect.name == "postgresql":
        column = NEWS.c.seq
        target.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{NEWS.name}', '{column.name}'), max({column.name})) "  # noqa: S608
                f"FROM {NEWS.name} HAVING max({column.name}) IS NOT NULL"
            )
        )


@contextmanager
def _written() -> Iterator[None]:
    """What cannot be written is not told as a store that does not answer."""
    try:
        yield
    except (DBAPIError, psycopg.Error, sqlite3.Error) as error:
        why = error.orig if isinstance(error, DBAPIError) else error
        raise BackupError(f"La copie a échoué, rien n'est gardé ({why}) : disque plein, ou fichier abîmé ?") from None


def _rows(source: Connection, table: Table) -> Iterator[Sequence[Row[Any]]]:
    size = 1 if table in _HEAVY else _BATCH
    yield from source.execute(select(table).execution_options(yield_per=size)).partitions(size)


def _as_it_is(source: Connection, target: Connection, table: Table) -> int:
    """From one SQLite file to another no value is read on the way: twice as fast, a row at a time in memory."""
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    marks = ", ".join("?" for _ in table.columns)
    with _written(), closing(source.connection.cursor()) as rows, closing(target.connection.cursor()) as into:
        rows.execute(f'SELECT {columns} FROM "{table.name}"')  # noqa: S608
        streamed: Any = rows  # the driver takes any iterable
        into.executemany(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', streamed)  # noqa: S608
        return max(into.rowcount, 0)


def _inserted(target: Connection, table: Table, rows: Sequence[Row[Any]]) -> None:
    target.execute(insert(table), [dict(row._mapping) for row in rows])


def _streamed(target: Connection, table: Table, rows: Sequence[Row[Any]]) -> None:
    """PostgreSQL's own way for many rows: several times as fast as inserting them."""
    dialect = target.dialect
    prepared = dialect.identifier_preparer
    made = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.columns]
    columns = ", ".join(prepared.quote(column.name) for column in table.columns)
    with (
        closing(target.connection.cursor()) as cursor,
        cursor.copy(f"COPY {prepared.format_table(table)} ({columns}) FROM STDIN") as into,
    ):
        for row in rows:
            into.write_row([make(value) if make else value for make, value in zip(made, row, strict=True)])
