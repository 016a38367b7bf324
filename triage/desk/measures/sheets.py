"""Reads the tables that an operator imports (CSV): every problem at once, with its line and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.desk.measures.names import plain
from triage.errors import Location, Problem

_DELIMITERS = ";,\t"
_LONGEST_FIELD = 10_000
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Row:
    """One line: its number in the file, and the value of each field, trimmed."""

    line: int
    values: Mapping[str, str]


class Sheet:
    """A file being read: its rows, and the problems found so far."""

    def __init__(self, name: str, columns: Mapping[str, Sequence[str]]) -> None:
        self.path, self.columns = Path(name), columns
        self.problems: list[Problem] = []

    def refuse(self, line: int, what: str, field: str = "") -> None:
        """Something is wrong on `line`, in the column of `field`."""
        where = f"colonne « {self.columns[field][0]} » : " if field else ""
        self.problems.append(Problem(Location(self.path, line), f"{where}{what}"))

    def rows(self, content: bytes) -> Iterator[Row]:
        """The lines of `content`; what cannot be read is refused."""
        text = self._text(content)
        if not text.strip():
            if not self.problems:
                self.refuse(1, "le fichier est vide")
            return
        first = text.split("\n", 1)[0]
        delimiter = max(_DELIMITERS, key=first.count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            places = self._places(next(reader))
            if self.problems:
                return
            for cells in reader:
                if row := self._row(reader.line_num, cells, places):
                    yield row
        except csv.Error:
            self.refuse(reader.line_num, "guillemets mal fermés : la suite n'a pas pu être lue")

    def check(self, row: Row, field: str, good: Callable[[str], bool] | bool, what: str) -> bool:
        """Whether the value of `field` is good; refused otherwise, `what` said of it."""
        value = row.values[field]
        fine = good if isinstance(good, bool) else good(value)
        if not fine:
            self.refuse(row.line, what.format(value), field)
        return fine

    def _text(self, content: bytes) -> str:
        if content.startswith(_UTF16):
            self.refuse(0, "le fichier est en UTF-16 : enregistrez-le en « CSV UTF-8 »")
            return ""
        try:
            return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self.refuse(line, "le fichier n'est pas en UTF-8 : enregistrez-le en « CSV UTF-8 »")
            return ""

    def _places(self, header: list[str]) -> dict[str, int]:
        """Field → its place in a line."""
        known = {plain(name): field for field, names in self.columns.items() for name in names}
        places: dict[str, int] = {}
        for place, title in enumerate(header):
            field = known.get(plain(title))
            if field is None and title.strip():
                self.refuse(1, f"colonne inconnue : « {title.strip()} »")
            elif field in places:
                self.refuse(1, "colonne donnée deux fois", field)
            elif field:
                places[field] = place
        for field in self.columns:
            if field not in places:
                self.refuse(1, f"colonne absente : « {self.columns[field][0]} »")
        return places

    def _row(self, line: int, cells: list[str], places: Mapping[str, int]) -> Row | None:
        if not any(cell.strip() for cell in cells):
            return None
        if len(cells) < max(places.values()) + 1:
            self.refuse(line, f"{len(cells)} colonnes lues, il en faut {max(places.values()) + 1}")
            return None
        return Row(line, {field: cells[place].strip()[:_LONGEST_FIELD] for field, place in places.items()})
