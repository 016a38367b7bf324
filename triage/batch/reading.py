"""The file to sort: which kind it is, what makes it the same file later, and its rows as a stream."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from triage.batch import csvfile, jsonl, parquet
from triage.batch.rows import BatchError, Read

_READERS: dict[str, Callable[[Path], Iterator[Read]]] = {
    ".jsonl": jsonl.rows,
    ".csv": csvfile.rows,
    ".parquet": parquet.rows,
}
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Source:
    """A file that can be read. `total` is its number of rows, nearly so for text; `digest` changes with any byte."""

    path: Path
    digest: str
    total: int
    stamp: tuple[int, int]

    def rows(self) -> Iterator[Read]:
        """Every row, in order; the file is read as they are asked for. Raises BatchError when it is damaged."""
        try:
            yield from _READERS[self.path.suffix.lower()](self.path)
        except OSError as error:
            raise BatchError(f"{self.path} : lecture impossible ({error.strerror or error}).") from error

    def check_unchanged(self) -> None:
        """Raises BatchError when the file was written to since it was opened."""
        if _stamp(self.path) != self.stamp:
            raise BatchError(f"{self.path} a changé pendant le tri : attendez qu'il soit complet, puis recommencez.")


def open_source(path: Path) -> Source:
    """The file `path`, read once to know it again. Raises BatchError when it cannot be sorted."""
    if path.is_dir():
        raise BatchError(f"{path} est un dossier : donnez un fichier .jsonl, .csv ou .parquet.")
    if path.suffix.lower() not in _READERS:
        raise BatchError(f"{path} : le nom finit par .jsonl, .csv ou .parquet, selon ce que le fichier contient.")
    try:
        stamp = _stamp(path)
        digest, lines = _read_through(path)
        total = _checked(path, lines)
        source = Source(path, digest, total, stamp)
        if next(source.rows(), None) is None:
            raise BatchError(f"{path} ne contient aucun récit.")
    except FileNotFoundError as error:
        raise BatchError(f"{path} : fichier introuvable.") from error
    except OSError as error:
        raise BatchError(f"{path} : lecture impossible ({error.strerror}).") from error
    return source


def _checked(path: Path, lines: int) -> int:
    """The number of rows of `path`, nearly so for text, whose `lines` are counted."""
    if not path.stat().st_size:
        raise BatchError(f"{path} ne contient aucun récit.")
    if path.suffix.lower() == ".parquet":
        return parquet.check(path)
    if path.suffix.lower() == ".csv":
        csvfile.check(path)
    return lines


def _read_through(path: Path) -> tuple[str, int]:
    """The digest of what `path` holds, and its number of lines."""
    total, lines, end = hashlib.sha256(), 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            total.update(block)
            lines += block.count(b"\n")
            end = block[-1:]
    return total.hexdigest(), lines + (end != b"\n")


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
