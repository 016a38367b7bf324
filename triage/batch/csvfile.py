"""Reads CSV, one record at a time; fields in quotes may hold line breaks. Never more than a million signs are held."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from triage.batch.rows import BatchError, Read, Rejected, row_of

_LONGEST = 1_000_000  # characters of a record: more is no report, or a quotation mark that is never closed


class _EndlessError(csv.Error):
    """A line that is no report by its length alone."""


class _Lines:
    """The lines of a file for `csv.reader`; a record that goes on and on is cut off by an error, and passed over."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._held = 0
        self.number = 0

    def begin(self) -> None:
        """What is read from now on is another record."""
        self._held = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._file.readline(_LONGEST)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == _LONGEST and not line.endswith(("\n", "\r")):
            while (rest := self._file.readline(_LONGEST)) and not rest.endswith(("\n", "\r")):
                pass
            raise _EndlessError
        self._held += len(line)
        if self._held > _LONGEST:
            raise csv.Error
        return line


def check(path: Path) -> None:
    """Raises BatchError when the header of `path` has no « text »."""
    _, header = _header(path)
    if "text" not in header:
        raise BatchError(
            f"{path} : l'en-tête n'a pas de colonne « text ». La première ligne est « id,text » ou « id;text », en "
            "UTF-8 ; « kind » et « received_at » peuvent suivre."
        )


def rows(path: Path) -> Iterator[Read]:
    """The reports of `path`; the header says which column is which, other columns are passed over."""
    separator, header = _header(path)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        lines = _Lines(file)
        reader = csv.reader(lines, delimiter=separator, strict=True)
        next(reader)
        while True:
            number = lines.number + 1
            lines.begin()
            try:
                record = next(reader)
            except StopIteration:
                return
            except _EndlessError:
                yield Rejected(lines.number, "", "ligne de plus d'un million de signes : ce n'est pas un récit")
                continue
            except csv.Error:
                yield Rejected(number, "", _broken(number, lines.number))
                continue
            if record:
                yield _read(number, header, record)


def _header(path: Path) -> tuple[str, list[str]]:
    """The separator and the names of the columns."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        line = file.readline(_LONGEST)
    if len(line) == _LONGEST:
        raise BatchError(f"{path} : la première ligne est trop longue pour un en-tête de colonnes.")
    separator = max(",;", key=line.count)
    csv.field_size_limit(_LONGEST)
    try:
        names = next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        raise BatchError(f"{path} : un guillemet n'est pas fermé dans la première ligne, celle des colonnes.") from None
    return separator, [name.strip().lower() for name in names]


def _read(number: int, header: list[str], record: list[str]) -> Read:
    if len(record) != len(header):
        told = dict(zip(header, record, strict=False)).get("id", "").encode(errors="replace").decode()
        return Rejected(
            number,
            told,
            f"{len(record)} colonnes au lieu de {len(header)} : mettez le texte entre guillemets s'il contient une "
            "virgule ou un point-virgule",
        )
    return row_of(number, dict(zip(header, record, strict=True)))


def _broken(first: int, last: int) -> str:
    lines = f"lignes {first} à {last}" if last > first else f"ligne {first}"
    return f"CSV illisible, {lines} : un guillemet n'est pas fermé, ou n'est pas doublé à l'intérieur d'un texte"
