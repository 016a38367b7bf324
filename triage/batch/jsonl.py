"""Reads JSONL, one line at a time, as the contract has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from triage.batch.rows import Read, Rejected, row_of
from triage.errors import IntakeError

_LONGEST = 1_000_000  # bytes of a line: the longest report, each character escaped, is well below


def rows(path: Path) -> Iterator[Read]:
    """The reports of `path`; blank lines are passed over. Never more than one line is held."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(_LONGEST):
            number += 1
            if len(line) == _LONGEST and not line.endswith(b"\n"):
                _skip_line(file.readline)
                yield Rejected(number, "", f"ligne de plus d'un million d'octets : ce n'est pas un récit ({path.name})")
            elif line.strip():
                yield _read(number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)


def _skip_line(readline: Any) -> None:  # noqa: ANN401 (a bound method of the file)
    while (rest := readline(_LONGEST)) and not rest.endswith(b"\n"):
        pass


def _read(number: int, line: bytes) -> Read:
    try:
        return row_of(number, _record(line))
    except IntakeError as error:
        return Rejected(number, "", str(error))


def _record(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise IntakeError("cette ligne n'est pas en UTF-8 : enregistrez le fichier en UTF-8") from error
    except json.JSONDecodeError as error:
        raise IntakeError(f"JSON illisible, colonne {error.colno}") from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets without end
        raise IntakeError("JSON illisible") from error
    if not isinstance(record, dict):
        raise IntakeError("chaque ligne est un objet JSON avec au moins « text »")
    return record
