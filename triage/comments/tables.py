"""Comments in a table: a CSV file with any separator, the rows of a page, with names of columns or without."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from statistics import mean

from triage.comments.fields import Names, Raw, Role, Table
from triage.comments.moments import read_dates
from triage.comments.policy import CommentsPolicy
from triage.errors import IntakeError

_SEPARATORS = (";", ",", "\t", "|")
_LOOKED_AT = 50  # rows that tell what the columns are
_PREAMBLE = 20  # rows before the names of the columns, at most
_NEARLY_ALL = 0.7
_SHORT = 40  # characters of a name

Row = tuple[int, list[str]]


def read_csv(text: str, policy: CommentsPolicy) -> Table:
    """The comments of a CSV file. Raises IntakeError when a line cannot be read."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))  # of the whole process: never lowered
    separator = _separator(text)
    rows, notes = _rows(text, separator)
    table = read_rows(rows, policy)
    return Table(table.rows, (*notes, *table.notes))


def read_rows(rows: Sequence[Row], policy: CommentsPolicy) -> Table:
    """The comments of `rows`, whose columns are found by their names, else by what they hold."""
    names = Names(policy)
    for index, (_, cells) in enumerate(rows[:_PREAMBLE]):
        columns = names.assign(cells)
        if "text" in columns and (len(columns) > 1 or len(cells) == 1 or index == 0):
            return Table(tuple(_raws(rows[index + 1 :], columns)))
    columns = names.assign(rows[0][1]) if rows else {}
    body = rows[1:] if columns else rows
    columns = {**_guessed(body, policy), **columns}
    note = "Les colonnes n'étaient pas nommées : elles ont été reconnues à leur contenu."
    return Table(tuple(_raws(body, columns)), (note,) if "text" in columns else ())


def _raws(rows: Sequence[Row], columns: dict[Role, int]) -> Iterator[Raw]:
    for line, cells in rows:
        yield Raw.of({role: cells[place] for role, place in columns.items() if place < len(cells)}, line)


def _separator(text: str) -> str:
    """The separator that gives most rows the same number of cells, more than one."""

    def regularity(separator: str) -> float:
        try:
            rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), _LOOKED_AT))
        except csv.Error:
            return 0.0
        sizes = Counter(len(row) for row in rows if row)
        size, count = max(sizes.items(), key=lambda one: (one[0] > 1, one[1]), default=(1, 0))
        return count / len(rows) + size / 1000 if size > 1 else 0.0

    return max(_SEPARATORS, key=regularity)


def _rows(text: str, separator: str) -> tuple[list[Row], tuple[str, ...]]:
    """The rows with the line where each begins; one by one when quotation marks do not close."""
    for escape in (None, "\\"):
        try:
            return list(_strict(text, separator, escape)), ()
        except csv.Error:
            continue
    lines = text.splitlines()
    rows = [(i, _loose(line, separator)) for i, line in enumerate(lines, 1) if line.strip()]
    return rows, ("Des guillemets ne se fermaient pas : ce fichier a été lu ligne par ligne.",)


def _strict(text: str, separator: str, escape: str | None) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True, escapechar=escape)
    begin = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begin, cells
        begin = reader.line_num + 1


def _loose(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator))
    except csv.Error as error:
        raise IntakeError(f"Ce tableau ne peut pas être lu ({error}). Enregistrez-le au format CSV (UTF-8).") from error


def _guessed(rows: Sequence[Row], policy: CommentsPolicy) -> dict[Role, int]:
    """The columns by what they hold: dates, addresses, names that are short, and the longest text."""
    sample = [cells for _, cells in rows[:_LOOKED_AT]]
    width = max(map(len, sample), default=0)
    columns = [[cells[i].strip() for cells in sample if i < len(cells) and cells[i].strip()] for i in range(width)]
    found: dict[Role, int] = {}
    for place, cells in enumerate(columns):
        if cells and _share([when is not None for when in read_dates(cells, policy.numbers.months)]) >= _NEARLY_ALL:
            found.setdefault("when", place)
        elif cells and _share([cell.startswith(("http://", "https://")) for cell in cells]) >= _NEARLY_ALL:
            found.setdefault("url", place)
    rest = {i: cells for i, cells in enumerate(columns) if i not in found.values() and _wordy(cells)}
    if rest:
        found["text"] = max(rest, key=lambda i: mean(map(len, rest[i])))
        names = [i for i in rest if i != found["text"] and max(map(len, rest[i])) <= _SHORT]
        if names:
            found["author"] = names[0]
    return found


def _wordy(cells: Sequence[str]) -> bool:
    return bool(cells) and _share([any(map(str.isalpha, cell)) for cell in cells]) >= 0.5


def _share(states: Sequence[bool]) -> float:
    return sum(states) / len(states)
