"""What is done already, beside the output until all is: one file per chunk, written whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from triage import __version__
from triage.batch import table
from triage.batch.reading import Source
from triage.batch.rows import CHUNK, BatchError
from triage.batch.sorting import Identity, Sorted

try:
    import fcntl
except ImportError:  # no such locks on this system: two runs at once are not told apart
    fcntl = None  # type: ignore[assignment]

_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """What the parts were made from; all of it but `started` must be the same to go on."""

    input: str
    rules: str
    model: str | None
    weights: str | None
    full: bool
    version: str
    chunk: int
    started: str

    @property
    def now(self) -> datetime:
        """The moment that relative dates count from: that of the first start, whenever the sorting goes on."""
        return datetime.fromisoformat(self.started)


_CHANGED = {
    "input": "le fichier à trier a changé",
    "rules": "les règles ont changé",
    "model": "le modèle a changé",
    "weights": "le modèle a changé",
    "full": "l'option --full a changé",
    "version": "la version de triage a changé",
    "chunk": "la version de triage a changé",
}


class Parts:
    """The folder of the parts of one output."""

    def __init__(self, output: Path, manifest: Manifest) -> None:
        self.folder = folder_of(output)
        self.manifest = manifest
        self._output = output
        self._done = {int(path.stem) for path in self.folder.glob("*.parquet") if path.stem.isdecimal()}

    def __contains__(self, index: int) -> bool:
        return index in self._done

    def __len__(self) -> int:
        return len(self._done)

    def write(self, done: Sorted) -> None:
        """Keeps a chunk. Its rejects are written first: the part itself says that all is there."""
        rejects = "".join(one.as_json() + "\n" for one in done.rejected)
        with _writing(self._output), _replaced(self._rejects(done.index)) as path:
            path.write_text(rejects, encoding="utf-8")
        with _writing(self._output), _replaced(self._part(done.index)) as path:
            table.write(path, done.lines, self.manifest.full)
        self._done.add(done.index)

    def finish(self, count: int) -> tuple[int, int]:
        """Writes the output and its rejects from the `count` parts. Gives how many rows each has."""
        with _writing(self._output):
            rejected = self._join_rejects(count)
            with _replaced(self._output) as path:
                total = table.join(path, map(self._part, range(count)), self.manifest.full)
        (self.folder / _MANIFEST).unlink()  # first: without it, what a kill leaves here is known to be of no use
        shutil.rmtree(self.folder)
        return total, rejected

    def _join_rejects(self, count: int) -> int:
        total, whole = 0, rejects_of(self._output)
        with _replaced(whole) as path, path.open("wb") as file:
            for index in range(count):
                some = self._rejects(index).read_bytes()
                file.write(some)
                total += some.count(b"\n")
        if not total:
            whole.unlink()
        return total

    def _part(self, index: int) -> Path:
        return self.folder / f"{index:08d}.parquet"

    def _rejects(self, index: int) -> Path:
        return self.folder / f"{index:08d}.jsonl"


def folder_of(output: Path) -> Path:
    """Where the parts of `output` wait."""
    return output.with_name(output.name + ".en-cours")


def rejects_of(output: Path) -> Path:
    """Where the rejects of `output` go."""
    return output.with_suffix(".rejets.jsonl")


def check_output(output: Path, source: Path) -> None:
    """Raises BatchError when `output` cannot be written, is there already, or is the file to sort."""
    if output.suffix.lower() != ".parquet":
        raise BatchError(f"{output} : le résultat est un fichier Parquet, son nom finit par .parquet.")
    if not os.access(output.absolute().parent, os.W_OK) or not output.absolute().parent.is_dir():
        raise BatchError(f"{output} : ce dossier n'existe pas, ou vous ne pouvez pas y écrire.")
    if output.is_dir():
        raise BatchError(f"{output} est un dossier : donnez le nom d'un fichier.")
    if output.exists() and source.exists() and output.samefile(source):
        raise BatchError(f"{output} est le fichier à trier : donnez un autre nom au résultat.")
    if source.resolve() == rejects_of(output).resolve():
        raise BatchError(
            f"{source} porte le nom du fichier des lignes mises de côté : donnez un autre nom au résultat."
        )
    if output.exists() and not (folder_of(output) / _MANIFEST).is_file():
        raise BatchError(f"{output} existe déjà : déplacez-le, ou donnez un autre nom au résultat.")


@contextmanager
def opened(output: Path, source: Source, identity: Identity, full: bool) -> Iterator[Parts]:
    """The parts of `output`, new or taken up where they were left.

    Raises BatchError when they were made from something else, when another process is at it, or when nothing can be
    written there.
    """
    folder = folder_of(output)
    wanted = Manifest(
        input=source.digest,
        **asdict(identity),
        full=full,
        version=__version__,
        chunk=CHUNK,
        started=datetime.now(UTC).isoformat(),
    )
    with _writing(output):
        folder.mkdir(exist_ok=True, mode=0o700)
        lock = (folder / "lock").open("w")
    with lock:
        _lock(lock, folder)
        with _writing(output):
            parts = Parts(output, _agreed(folder, wanted))
        yield parts


def _agreed(folder: Path, wanted: Manifest) -> Manifest:
    path = folder / _MANIFEST
    if not path.is_file():
        for left in folder.glob("*.*"):
            left.unlink()
        with _replaced(path) as new:
            new.write_text(json.dumps(asdict(wanted)), encoding="utf-8")
        return wanted
    try:
        found = Manifest(**json.loads(path.read_text(encoding="utf-8")))
        found.now  # noqa: B018 (raises ValueError on what is no date)
    except (ValueError, TypeError) as error:
        raise BatchError(f"{path} est abîmé. {_anew(folder)}") from error
    told = [why for name, why in _CHANGED.items() if getattr(found, name) != getattr(wanted, name)]
    if told:
        raise BatchError(f"Le tri commencé ne peut pas continuer : {', '.join(dict.fromkeys(told))}. {_anew(folder)}")
    return found


def _anew(folder: Path) -> str:
    return f"Pour recommencer du début, supprimez le dossier {folder} puis relancez la commande."


def _lock(lock: IO[str], folder: Path) -> None:
    """Raises BatchError while another process sorts into `folder`. The lock goes with the process, be it killed."""
    if fcntl is not None:
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BatchError(f"Un autre processus écrit déjà dans {folder} : attendez qu'il finisse.") from error


@contextmanager
def _writing(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BatchError(f"{output} : écriture impossible ({error.strerror or error}).") from error


@contextmanager
def _replaced(path: Path) -> Iterator[Path]:
    """A path to write to, which becomes `path` at once when all is written; only its owner reads what is told there."""
    new = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        new.unlink(missing_ok=True)
        new.touch(mode=0o600, exist_ok=False)  # nothing that somebody put there is followed
        yield new
        new.replace(path)
    finally:
        with suppress(OSError):
            new.unlink()
