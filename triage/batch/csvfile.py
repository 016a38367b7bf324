"""Reads CSV, one record at a time; fields in quotes may hold line breaks."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from triage.batch.rows import BatchError, Read, Rejected, row_of

_LONGEST = 1_000_000  # characters of a field: more means a quotation mark that is never closed


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
    csv.field_size_limit(_LONGEST)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.reader(file, delimiter=separator, strict=True)
        next(reader)
        while True:
            number = reader.line_num + 1
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield Rejected(number, "", _broken(number, reader.line_num))
                continue
            if record:
                yield _read(number, header, record)


def _header(path: Path) -> tuple[str, list[str]]:
    """The separator and the names of the columns."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        line = file.readline(_LONGEST)
    separator = max(",;", key=line.count)
    names = next(csv.reader([line], delimiter=separator), [])
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
