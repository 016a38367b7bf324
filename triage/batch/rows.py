"""What a batch is made of: rows to sort, rows that cannot be, and the chunks that they travel in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, cast

from triage.errors import IntakeError, TriageError
from triage.intake.report import MAX_CHARACTERS, Kind, Report, validate

CHUNK = 200  # reports: some two seconds of work, all that a stopped process loses


class BatchError(TriageError):
    """A batch that cannot begin, or cannot go on: its files, its processes or its cluster."""


@dataclass(frozen=True)
class Row:
    """A report and its place in the file: the line (JSONL, CSV) or the row (Parquet) where it begins, from 1."""

    number: int
    report: Report


@dataclass(frozen=True)
class Rejected:
    """A row that cannot be sorted, and why, in French."""

    number: int
    id: str
    reason: str

    def as_json(self) -> str:
        """One line of the file of rejects."""
        return json.dumps({"row": self.number, "id": self.id, "reason": self.reason}, ensure_ascii=False)


Read = Row | Rejected


@dataclass(frozen=True)
class Chunk:
    """Neighbouring rows, sorted together by one process; `index` counts chunks from 0."""

    index: int
    rows: tuple[Read, ...]


def chunks(rows: Iterable[Read]) -> Iterator[Chunk]:
    """`rows` in chunks of the same size, the last one excepted."""
    source, index = iter(rows), 0
    while some := tuple(islice(source, CHUNK)):
        yield Chunk(index, some)
        index += 1


def row_of(number: int, fields: Mapping[str, Any]) -> Read:
    """The row that `fields` (of the contract: « id », « text », « kind », « received_at ») describe."""
    identifier = ""
    try:
        identifier = _identifier(fields.get("id"))
        text, kind = fields.get("text"), fields.get("kind") or "report"
        if not isinstance(text, str):
            raise IntakeError("« text » manque ou n'est pas un texte")
        if kind not in ("report", "message"):
            raise IntakeError("« kind » vaut « report » ou « message »")
        if len(text) > MAX_CHARACTERS:
            validate(text)  # refused here, so that no chunk is ever large
        _encodable(text)
        return Row(number, Report(text, cast(Kind, kind), moment_of(fields.get("received_at")), identifier))
    except IntakeError as error:
        return Rejected(number, identifier, str(error))


def moment_of(value: object) -> datetime | None:
    """The moment that `value` tells, if it tells one. Raises IntakeError."""
    if value is None or value == "":
        return None
    try:
        return value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    except ValueError as error:
        raise IntakeError("« received_at » est une date ISO 8601, par exemple 2026-03-01T22:15:00+01:00") from error


def _identifier(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise IntakeError("« id » est un texte ou un nombre")
    return _encodable(str(value))


def _encodable(text: str) -> str:
    """`text` itself. Half a character (a lone surrogate) comes from bytes that are no UTF-8, or from a cut emoji."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise IntakeError("cette ligne n'est pas en UTF-8 : enregistrez le fichier en UTF-8") from error
    return text
