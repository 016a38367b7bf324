"""Restores a backup: into an empty store of either database, all of it in one transaction, and what goes beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from triage.store import anchor, audit
from triage.store.audit import Head
from triage.store.backups import manifest as told
from triage.store.backups.copying import (
    BackupError,
    copy,
    empty,
    fill,
    follow_numbers,
    kept_file,
    tables_in,
)
from triage.store.backups.making import check_room
from triage.store.backups.older import brought_up
from triage.store.backups.opening import Backup
from triage.store.database import Database, revisions
from triage.store.desk_tables import NEWS
from triage.store.erasing import erase
from triage.store.keys import KeyRing
from triage.store.limit_tables import LIMITS, PROOFS
from triage.store.people_tables import ATTEMPTS, AUDIT_HEAD
from triage.store.tables import CASE_KEYS, CASES

# What a service that only started may have written, and what the migrations did.
_OF_A_START = (AUDIT_HEAD, ATTEMPTS, LIMITS, PROOFS, NEWS)
_WHO = "system: operator"
_BATCH = 500
# In SQLite what is restored is in the journal first.
_TIMES = 2.2


@dataclass(frozen=True)
class Target:
    """Where a backup is restored to: the store, the keys that open it, where they are, and the folder of data."""

    database: Database
    ring: KeyRing
    keys: Path
    data: Path


@dataclass(frozen=True)
class Restored:
    """What came back: rows by table, cases `erased` since for want of their key; `lost` lines of the audit, those that
    were noted outside the store and came after the backup."""

    counts: dict[str, int]
    erased: int
    lost: int


def restore(target: Target, backup: Backup, now: datetime) -> Restored:
    """Restores what `open_backup` found good. Raises BackupError, StoreError; cut, it is only run again."""
    files = list(backup.beside)
    _check_beside(target.data, backup, files)
    check_room(target.data, int(sum(one.size for one in backup.manifest.files.values()) * _TIMES))
    target.database.upgrade()
    with _up_to_date(target, backup) as store, target.database.write() as connection:
        tables = tables_in(connection)
        _check_empty(connection, tables)
        _copy_beside(target.data, backup, files)
        counts = {table.name: _restored(store, connection, table, backup) for table in tables}
        follow_numbers(connection)
        erased = _erase_keyless(connection, now)
        lost = _put_aside(target.keys, audit.head(connection), now)
        about = f"{backup.manifest.made_at.isoformat(timespec='seconds')} {lost}"
        entry = audit.Entry(now, _WHO, "system", "store.restore", about=about)
        head = audit.append(connection, target.ring, entry)
    anchor.note(target.keys, head)
    target.database.clear_journal()
    return Restored(counts, erased, lost)


@contextmanager
def _up_to_date(target: Target, backup: Backup) -> Iterator[Connection]:
    """The store of the backup; one that an older version made is brought to this one in a file of its own."""
    if backup.manifest.schema_ == revisions()[0]:
        with kept_file(backup.store) as store:
            yield store
        return
    with TemporaryDirectory(prefix=".restauration-", dir=target.data) as folder:
        path = brought_up(backup.store, Path(folder) / told.STORE, backup.manifest.schema_, target.ring)
        with kept_file(path) as store:
            yield store


def _check_empty(connection: Connection, tables: Sequence[Table]) -> None:
    used = [
        table.name
        for table in tables
        if table not in _OF_A_START and connection.scalar(select(1).select_from(table).limit(1))
    ]
    if used or audit.head(connection).seq:
        raise BackupError(
            "Le registre n'est pas vide : une sauvegarde ne se restaure que dans un registre neuf. "
            "Donnez un autre TRIAGE_DATA, ou une autre base dans TRIAGE_DATABASE."
        )


def _check_beside(data: Path, backup: Backup, names: Sequence[str]) -> None:
    """Raises BackupError when a file that is there already is another."""
    for name in names:
        there = data / name
        if there.exists() and told.file_of(there) != backup.manifest.files[name]:
            raise BackupError(f"{there} existe et n'est pas celui de la sauvegarde : déplacez-le d'abord.")


def _copy_beside(data: Path, backup: Backup, names: Sequence[str]) -> None:
    try:
        for name in names:
            if (
                not (data / name).exists()
                and told.copied(backup.folder / name, data / name) != backup.manifest.files[name]
            ):
                raise BackupError(f"{backup.folder / name} a changé pendant la restauration.")
    except OSError as error:
        raise BackupError(f"{data} n'a pas pu être rempli : {error.strerror}. Recommencez ensuite.") from None


def _restored(store: Connection, connection: Connection, table: Table, backup: Backup) -> int:
    if table in _OF_A_START:
        empty(connection, table)
    if table is CASE_KEYS:
        with kept_file(backup.case_keys) as kept:
            return fill(connection, table, _of_cases(connection, kept))
    number = copy(store, connection, table)
    expected = backup.manifest.counts.get(table.name, 0)
    if number != expected and backup.manifest.schema_ == revisions()[0]:
        raise BackupError(f"Table {table.name} : {expected} lignes attendues, {number} trouvées. Rien n'est restauré.")
    return number


def _of_cases(connection: Connection, kept: Connection) -> Iterator[Sequence[Row[Any]]]:
    """The keys of the cases that were restored: a later backup has keys of cases that came since."""
    rows = kept.execute(select(CASE_KEYS).execution_options(yield_per=_BATCH))
    for batch in rows.partitions(_BATCH):
        there = (CASES.c.state != "erased") & CASES.c.id.in_([row.case_id for row in batch])
        ids = set(connection.scalars(select(CASES.c.id).where(there)))
        found = [row for row in batch if row.case_id in ids]
        if found:
            yield found


def _erase_keyless(connection: Connection, now: datetime) -> int:
    """Erases the cases whose key was destroyed since the backup; how many."""
    keyless = select(CASES.c.id).outerjoin(CASE_KEYS, CASE_KEYS.c.case_id == CASES.c.id)
    ids = connection.scalars(keyless.where(CASE_KEYS.c.case_id.is_(None), CASES.c.state != "erased")).all()
    for case_id in ids:
        erase(connection, case_id, now)
    return len(ids)


def _put_aside(keys: Path, head: Head, now: datetime) -> int:
    """The last line of the audit that was noted may have come after the backup: kept under another name.

    How many lines came since, as far as is known.
    """
    noted = anchor.noted(keys)
    if noted is None:
        return 0
    (keys / anchor.NAME).rename(keys / f"{anchor.NAME}.{now:%Y%m%dT%H%M%S}")
    return max(0, noted.seq - head.seq)
