"""Checks a store: its file or its server, its tables, its references, the keys of its cases, its evidence, its audit.

Everything is read a few rows at a time, and all that is wrong is said at once. `quick` opens no text and no evidence,
and reads the audit from the last line that was noted on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select, text

from triage.store import anchor, audit
from triage.store.backups.copying import BackupError, tables_in
from triage.store.checking_sealed import evidence_faults, key_faults, missing_contents, sealed_faults
from triage.store.database import Database, StoreError, revisions
from triage.store.keys import KeyRing
from triage.store.tables import CASES, EXHIBITS

_MOST_SHOWN = 20  # of each check
_INDEXES = text(
    "SELECT c.relname, bt_index_check(c.oid) FROM pg_class c JOIN pg_am m ON m.oid = c.relam "
    "WHERE m.amname = 'btree' AND c.relkind = 'i' AND c.relnamespace = current_schema()::regnamespace"
)
_AMCHECK = text("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'")


@dataclass(frozen=True)
class Store:
    """What is checked: the store, the keys that open it, and where they are."""

    database: Database
    ring: KeyRing
    keys: Path


@dataclass(frozen=True)
class Health:
    """What is wrong, in French, nothing when all is well; and how many cases and pieces there are."""

    faults: tuple[str, ...]
    cases: int = 0
    exhibits: int = 0


Check = tuple[str, Callable[[Connection], Iterable[str]]]


def check(store: Store, quick: bool = False) -> Health:
    """Checks the store; each check sees one moment of it, and the service goes on. Raises StoreError."""
    wrong_version = _version(store.database)
    if wrong_version:
        return Health((wrong_version,))
    found: list[str] = []
    for name, faults in _checks(store, quick):
        found += _told(store.database, name, faults)
    with store.database.read() as connection:
        cases = connection.scalar(select(func.count()).select_from(CASES).where(CASES.c.state != "erased")) or 0
        exhibits = connection.scalar(select(func.count()).select_from(EXHIBITS)) or 0
    return Health(tuple(found), cases, exhibits)


def _checks(store: Store, quick: bool) -> Iterator[Check]:
    yield "base", partial(_whole, quick=quick)
    yield "tables", _tables
    yield "références", _orphans
    yield "clés des dossiers", partial(key_faults, ring=store.ring)
    yield "pièces", missing_contents
    if not quick:
        yield "pièces", partial(evidence_faults, ring=store.ring)
        yield "textes scellés", partial(sealed_faults, ring=store.ring)
    yield "journal", partial(_audit, store=store, quick=quick)


def _told(database: Database, name: str, faults: Callable[[Connection], Iterable[str]]) -> list[str]:
    shown: list[str] = []
    more = 0
    try:
        with database.read() as connection:
            audit.freeze(connection)
            for fault in faults(connection):
                if len(shown) < _MOST_SHOWN:
                    shown.append(f"{name} : {fault}")
                else:
                    more += 1
    except StoreError as error:
        shown.append(f"{name} : {error} {error.__cause__ or ''}".strip())
    return [*shown, f"{name} : et {more} autres"] if more else shown


def _version(database: Database) -> str:
    path = Path(database.engine.url.database or "")
    if database.engine.dialect.name == "sqlite" and not path.exists():
        return f"base : {path} n'existe pas (voyez TRIAGE_DATA et TRIAGE_DATABASE)"
    found, known = database.revision(), revisions()
    if found == known[0]:
        return ""
    if found in known or found is None:
        return f"tables : version {found or 'absente'} au lieu de {known[0]} : lancez « triage db upgrade »"
    return f"tables : version {found}, plus récente que ce programme ({known[0]}) : mettez-le à jour"


def _whole(connection: Connection, quick: bool) -> Iterator[str]:
    """What the database itself says of its files."""
    if connection.dialect.name == "sqlite":
        said = connection.exec_driver_sql(
            f"PRAGMA {'quick' if quick else 'integrity'}_check({_MOST_SHOWN + 1})"
        ).scalars()
        yield from (one for one in said if one != "ok")
    elif not quick and connection.scalar(_AMCHECK):
        for _ in connection.execute(_INDEXES.execution_options(yield_per=1)):
            pass


def _tables(connection: Connection) -> Iterator[str]:
    """The tables and the columns of this version that are not there, and those that it does not know."""
    try:
        known = tables_in(connection)
    except BackupError as error:
        yield str(error)
        return
    there = inspect(connection)
    for table in known:
        columns = {one["name"] for one in there.get_columns(table.name)}
        for column in table.columns:
            if column.name not in columns:
                yield f"la colonne {table.name}.{column.name} manque"


def _orphans(connection: Connection) -> Iterator[str]:
    """Rows that belong to something that is not there."""
    for table in tables_in(connection):
        for column in table.columns:
            for key in column.foreign_keys:
                other = key.column.table.alias()
                lost = (
                    select(func.count())
                    .select_from(table.outerjoin(other, other.c[key.column.name] == column))
                    .where(column.is_not(None), other.c[key.column.name].is_(None))
                )
                if number := connection.scalar(lost):
                    yield f"{number} lignes de {table.name} renvoient à {key.column.table.name} qui n'est plus là"


def _audit(connection: Connection, store: Store, quick: bool) -> Iterator[str]:
    try:
        noted = anchor.noted(store.keys)
    except anchor.AnchorError as error:
        yield str(error)
        noted = None
    if quick and noted:
        yield from audit.faults_since(connection, store.ring, noted)
    else:
        yield from audit.faults(connection, store.ring, [noted] if noted else [])
