"""What a backup says of itself: what is in it, made by which version, and sealed by the keys that open it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from triage.store.backups.copying import BackupError
from triage.store.keys import KeyRing

NAME = "manifeste.json"
STORE, CASE_KEYS = "registre.sqlite", "cles-des-dossiers.sqlite"
FORMAT = 1
_CHUNK = 1 << 20


class File(BaseModel):
    """A file of the backup; `size` in bytes."""

    model_config = ConfigDict(frozen=True)

    size: int
    sha256: str


class Manifest(BaseModel):
    """`database`: what it was made from; `head`: the last line of the audit; `keys`: what the keys of the service
    were called by; `counts`: rows by table; `seal`: the keyed digest of all the rest."""

    model_config = ConfigDict(frozen=True)

    format: int
    made_at: datetime
    triage: str
    schema_: str
    database: str
    head: str
    keys: tuple[str, ...]
    counts: Mapping[str, int]
    files: Mapping[str, File]
    seal: str = ""

    def sealed(self, ring: KeyRing) -> Manifest:
        """The same with its seal."""
        return self.model_copy(update={"seal": self._digest(ring)})

    def sealed_by(self, ring: KeyRing) -> bool:
        """Whether these keys sealed it, and nothing was changed since."""
        return bool(self.seal) and self.seal == self._digest(ring)

    def _digest(self, ring: KeyRing) -> str:
        return ring.digest("backup", self.model_dump_json(exclude={"seal"})).hex()


def read(folder: Path) -> Manifest:
    """The manifest of the backup in `folder`. Raises BackupError."""
    path = folder / NAME
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BackupError(f"{folder} n'est pas une sauvegarde entière : {NAME} n'y est pas.") from None
    except OSError as error:
        raise BackupError(f"{path} ne peut être lu : {error.strerror}.") from None
    except ValidationError:
        raise BackupError(f"{path} est abîmé, ou n'est pas celui d'une sauvegarde de triage.") from None
    if manifest.format > FORMAT:
        raise BackupError(
            f"Cette sauvegarde a été faite par une version plus récente ({manifest.triage}) : installez-la d'abord."
        )
    return manifest


def file_of(path: Path) -> File:
    """The size and the SHA-256 of a file. Raises OSError."""
    total = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            total.update(chunk)
        return File(size=file.tell(), sha256=total.hexdigest())


def copied(source: Path, target: Path) -> File:
    """Copies a file in one step, on the disk when this returns; what was copied. Raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    total = hashlib.sha256()
    apart = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with source.open("rb") as original, os.fdopen(os.open(apart, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            while chunk := original.read(_CHUNK):
                total.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        apart.replace(target)
    finally:
        apart.unlink(missing_ok=True)
    return File(size=size, sha256=total.hexdigest())


def settle(path: Path) -> None:
    """What is in a file, or the names in a folder, are on the disk when this returns. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
