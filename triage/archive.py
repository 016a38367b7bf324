"""Keeps the rules, the shipped models and the environment that served, so that what they answered can be made again.

In DATA/archive: `rules/<digest>.zip`, `environments/<digest>.txt`, `models/<version>/`. Each is written once, in one
step, whatever the number of processes that start together. Models made here stay in DATA/models.
"""

from __future__ import annotations

import io
import logging
import os
import secrets
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from triage import environment
from triage.bootstrap import model_shelves
from triage.engine import Engine
from triage.errors import TriageError, traced
from triage.scratch import scratch
from triage.settings import Settings
from triage.signals.catalogue import digest as digest_of
from triage.threats import manifest
from triage.threats.modelfile import Model, Shelf, find, load_version

_LOG = logging.getLogger(__name__)
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same rules make the same zip
_READABLE = 0o644 << 16
_RULES = (".yaml", ".md")  # what the digest of the rules covers


class GoneError(TriageError):
    """What once served is not kept any more, or is damaged."""


@dataclass(frozen=True)
class Archive:
    """What served here. `shelves` are where models are found: made here, then shipped; `kept` has those that were."""

    root: Path
    rules: Path
    shelves: Sequence[Shelf]
    kept: Shelf

    def model_of(self, version: str) -> Model:
        """The model of that version. Raises ModelError."""
        return load_version(version, (*self.shelves, self.kept))

    @contextmanager
    def rules_of(self, digest: str) -> Iterator[Path]:
        """The folder of the rules of that digest, while they are read. Raises GoneError."""
        if digest_of(self.rules) == digest:
            yield self.rules
            return
        path = self.root / "rules" / f"{digest}.zip"
        if not digest.isalnum() or not path.is_file():
            raise GoneError(f"Les règles {digest} ne sont plus là : remettez {path} d'une sauvegarde.")
        with scratch() as folder:
            with suppress(zipfile.BadZipFile, OSError), zipfile.ZipFile(path) as kept:
                kept.extractall(folder)
            if digest_of(folder) != digest:
                raise GoneError(f"{path} est abîmé ou a changé : remettez-le d'une sauvegarde.")
            yield folder

    def environment_of(self, digest: str) -> Path:
        """Where the lock of that environment is, if it was kept."""
        return self.root / "environments" / f"{digest}.txt"

    def keep_rules(self, digest: str) -> None:
        """Keeps the rules in use. Raises GoneError when they have changed since they were read."""
        path = self.root / "rules" / f"{digest}.zip"
        if path.exists():
            return
        content = zipped(self.rules)
        if digest_of(self.rules) != digest:
            raise GoneError(f"les règles de {self.rules} ont changé depuis qu'elles servent : redémarrez le service")
        _write(path, content)

    def keep_environment(self) -> None:
        """Keeps the lock of what this process runs on."""
        path = self.environment_of(environment.digest())
        if not path.exists():
            _write(path, environment.lock().encode())

    def keep_model(self, version: str) -> None:
        """Keeps a shipped model, sealed: another release may come without it. Raises ModelError."""
        folder, shelf = find(version, self.shelves)
        kept = self.kept
        if shelf.seal or (kept.root / version).exists():
            return
        about = manifest.read(folder)
        manifest.contents(folder, shelf.seal)
        kept.root.mkdir(parents=True, exist_ok=True)
        apart = kept.root / f".{secrets.token_hex(4)}"
        try:
            copy = apart / version
            copy.mkdir(parents=True)
            for name in about.files:
                _linked(folder / name, copy / name)
            manifest.write(copy, about, kept.seal)
            with suppress(OSError):  # another process was faster
                copy.rename(kept.root / version)
        finally:
            shutil.rmtree(apart, ignore_errors=True)


def archive_of(settings: Settings) -> Archive:
    """The archive that `settings` place."""
    root = settings.data / "archive"
    shelves = model_shelves(settings)
    return Archive(root, settings.rules, shelves, Shelf(root / "models", shelves[0].seal))


def keep(settings: Settings, engine: Engine) -> None:
    """Keeps all that `engine` answers with. What cannot be kept is logged: nobody waits for an answer because of it."""
    archive = archive_of(settings)
    steps: list[Callable[[], None]] = [archive.keep_environment, partial(archive.keep_rules, engine.catalogue.digest)]
    if engine.model:
        steps.append(partial(archive.keep_model, engine.model.version))
    for step in steps:
        try:
            step()
        except (TriageError, OSError) as error:
            _LOG.warning("the archive is not complete: %s", error)
        except Exception as error:  # whatever it is, the service answers
            _LOG.error("the archive is not complete: %s\n%s", type(error).__name__, traced(error))


def keep_apart(settings: Settings, engine: Engine) -> None:
    """The same, in a thread: the service starts at once."""
    threading.Thread(target=keep, args=(settings, engine), name="archive", daemon=True).start()


def zipped(rules: Path) -> bytes:
    """The rules of a folder as a zip, the same to the byte for the same rules."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for path in sorted(rules.rglob("*")):
            if path.is_file() and path.suffix in _RULES:
                entry = zipfile.ZipInfo(path.relative_to(rules).as_posix(), _LONG_AGO)
                entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _READABLE, 3
                made.writestr(entry, path.read_bytes())
    return content.getvalue()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    apart = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with apart.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        apart.replace(path)
    finally:
        apart.unlink(missing_ok=True)


def _linked(source: Path, copy: Path) -> None:
    """The same file under another name, which stays when the first one goes; a copy where that cannot be."""
    try:
        os.link(source, copy)
    except OSError:
        shutil.copyfile(source, copy)
