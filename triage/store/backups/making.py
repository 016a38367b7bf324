"""Makes a backup while the service writes: one moment of the store, and what its answers can be made again from.

It is made under another name and renamed once it is whole and on the disk: one that was cut is never taken for whole.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import text

from triage import __version__
from triage.store import audit
from triage.store.backups import manifest as told
from triage.store.backups.copying import BackupError, copy, make_table, new_file, tables_in
from triage.store.backups.manifest import File, Manifest
from triage.store.cases import Cases
from triage.store.database import Database
from triage.store.keys import KeyRing
from triage.store.tables import CASE_KEYS

# Beside the store: what served, and the models made here. Without them answers cannot be made again.
FOLDERS = ("archive", "models")
_MARGIN = 1.1


@dataclass(frozen=True)
class Source:
    """What is backed up: the store, the keys that open it (never copied) and the folder of data."""

    database: Database
    ring: KeyRing
    data: Path


def back_up(source: Source, destination: Path, now: datetime) -> Manifest:
    """Makes the backup in the folder `destination`, new or empty. Raises BackupError, StoreError, KeyRingError."""
    destination = destination.absolute()
    _check(source, destination)
    with _apart(destination) as folder:
        head, counts = _copy_store(source, folder)
        files = {name: _settled(folder / name) for name in (told.STORE, told.CASE_KEYS)}
        for path in beside(source.data):
            name = path.relative_to(source.data).as_posix()
            files[name] = told.copied(path, folder / name)
        made = Manifest(
            format=told.FORMAT,
            made_at=now,
            triage=__version__,
            schema_=source.database.revision() or "",
            database=source.database.engine.dialect.name,
            head=str(head),
            keys=tuple(source.ring.wrapping.marks),
            counts=counts,
            files=files,
        ).sealed(source.ring)
        (folder / told.NAME).write_text(made.model_dump_json(indent=1) + "\n", encoding="utf-8")
        _settled(folder / told.NAME)
    return made


def beside(data: Path) -> Iterator[Path]:
    """The files to keep beside the store; those that are being written have a name that begins with a dot."""
    for name in FOLDERS:
        for path in sorted((data / name).rglob("*")):
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(data).parts):
                yield path


def size_of(database: Database) -> int:
    """How much the store holds on its disk, in bytes."""
    if database.engine.dialect.name == "postgresql":
        with database.read() as connection:
            return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    path = Path(database.engine.url.database or "")
    return sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*"))


def check_room(folder: Path, needed: int) -> None:
    """Raises BackupError when the disk of `folder`, which may not be there yet, has not so many bytes left."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise BackupError(f"Il faut environ {needed / 1e6:,.0f} Mo dans {there}, il en reste {free / 1e6:,.0f}.")


def _check(source: Source, destination: Path) -> None:
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise BackupError(f"{destination} existe et n'est pas un dossier vide : donnez un autre nom.")
    inside = [source.data / name for name in FOLDERS]
    if any(one.absolute() in (destination, *destination.parents) for one in inside):
        raise BackupError(f"{destination} est dans ce qui est sauvegardé : donnez un dossier ailleurs.")
    with source.database.read() as connection:
        Cases(source.ring).check_keys(connection)
    files = sum(one.stat().st_size for one in beside(source.data))
    check_room(destination, int((size_of(source.database) + files) * _MARGIN))


@contextmanager
def _apart(destination: Path) -> Iterator[Path]:
    """A folder to be filled, which becomes `destination` at the end, or goes."""
    folder = destination.with_name(f".{destination.name}.en-cours-{secrets.token_hex(4)}")
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        yield folder
        for path in (*(one for one in folder.rglob("*") if one.is_dir()), folder):
            told.settle(path)
        folder.rename(destination)
        told.settle(destination.parent)
    except OSError as error:
        raise BackupError(f"La sauvegarde n'a pas pu être écrite dans {destination} : {error.strerror}.") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy_store(source: Source, folder: Path) -> tuple[audit.Head, dict[str, int]]:
    """All the tables, of one moment. The keys of the cases are in a file of their own: the last one serves for all."""
    with (
        source.database.read() as connection,
        new_file(folder / told.STORE) as store,
        new_file(folder / told.CASE_KEYS) as keys,
    ):
        audit.freeze(connection)
        head, counts = audit.head(connection), {}
        for table in tables_in(connection):
            target = keys if table is CASE_KEYS else store
            make_table(target, table)
            counts[table.name] = copy(connection, target, table)
    return head, counts


def _settled(path: Path) -> File:
    """The file, once it is on the disk."""
    told.settle(path)
    path.chmod(0o600)
    return told.file_of(path)
