"""A backup before it is restored: whole, unchanged, of a version that is known, and opened by the keys at hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from triage.store.backups import manifest as told
from triage.store.backups.copying import BackupError, kept_file
from triage.store.backups.manifest import Manifest
from triage.store.database import revisions
from triage.store.keys import KeyRing, KeyRingError
from triage.store.tables import CASE_KEYS

_MOST_SHOWN = 10


@dataclass(frozen=True)
class Backup:
    """A backup that may be restored. `case_keys` is the file of the cases' keys, its own or that of a later one."""

    folder: Path
    manifest: Manifest
    case_keys: Path

    @property
    def store(self) -> Path:
        """The file of the store."""
        return self.folder / told.STORE

    @property
    def beside(self) -> Iterator[str]:
        """The names of the files that go beside the store."""
        return (name for name in self.manifest.files if name not in (told.STORE, told.CASE_KEYS))


def open_backup(folder: Path, ring: KeyRing, case_keys: Path | None = None) -> Backup:
    """Reads and checks everything before anything is restored. Raises BackupError, KeyRingError.

    `case_keys` is the folder of a later backup, whose keys of cases are taken: what was erased since stays erased.
    """
    manifest = _sealed(folder, ring)
    if manifest.schema_ not in revisions():
        raise BackupError(
            f"Cette sauvegarde vient d'une version plus récente ({manifest.triage}, tables {manifest.schema_}) : "
            "installez cette version d'abord."
        )
    taken = folder
    if case_keys:
        later, taken = _sealed(case_keys, ring), case_keys
        if later.made_at < manifest.made_at:
            raise BackupError(f"{case_keys} est plus ancienne que {folder} : des dossiers y perdraient leur clé.")
        _check_files(case_keys, later, [told.CASE_KEYS])
    _check_files(folder, manifest, [one for one in manifest.files if one != told.CASE_KEYS or not case_keys])
    _check_keys(taken / told.CASE_KEYS, manifest, ring)
    return Backup(folder, manifest, taken / told.CASE_KEYS)


def _sealed(folder: Path, ring: KeyRing) -> Manifest:
    if not folder.is_dir():
        raise BackupError(f"{folder} n'est pas le dossier d'une sauvegarde.")
    manifest = told.read(folder)
    if not manifest.sealed_by(ring):
        raise KeyRingError(
            f"Les clés à disposition n'ouvrent pas {folder} : ce ne sont pas celles de ce registre (remettez celles "
            f"qui ont été sauvegardées à part), ou {told.NAME} a été modifié."
        )
    return manifest


def _check_files(folder: Path, manifest: Manifest, names: list[str]) -> None:
    """Raises BackupError with every file that is missing or changed."""
    problems = [problem for name in names if (problem := _problem(folder / name, manifest.files[name]))]
    if problems:
        shown = [
            *problems[:_MOST_SHOWN],
            *([f"et {len(problems) - _MOST_SHOWN} autres"] * (len(problems) > _MOST_SHOWN)),
        ]
        raise BackupError("\n".join([f"Cette sauvegarde est abîmée, prenez-en une autre : {folder}", *shown]))


def _problem(path: Path, expected: told.File) -> str:
    try:
        return "" if told.file_of(path) == expected else f"{path} : le contenu a changé"
    except FileNotFoundError:
        return f"{path} : manque"
    except OSError as error:
        return f"{path} : illisible ({error.strerror})"


def _check_keys(path: Path, manifest: Manifest, ring: KeyRing) -> None:
    """Raises KeyRingError when a key of a case does not open: mostly an old key of the service that was not kept."""
    with kept_file(path) as kept:
        wrapped = kept.execute(select(CASE_KEYS.c.wrapped).execution_options(yield_per=1_000)).scalars()
        closed = sum(ring.wrapping.mark_of(one) is None for one in wrapped)
    if closed:
        missing = [mark for mark in manifest.keys if mark not in ring.wrapping.marks]
        named = f" Il manque : {', '.join(missing)}." if missing else ""
        raise KeyRingError(
            f"Les clés à disposition n'ouvrent pas {closed} dossiers de cette sauvegarde.{named} "
            "Ajoutez à la fin de store.keys les clés de cette époque, puis recommencez."
        )
