"""Labelled sets of others into ours, and ours into theirs, by a mapping file."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from triage.errors import DataError, Location, Problem
from triage.learning.corpus import Labels, faults
from triage.learning.frames import record_of
from triage.learning.mapping import FIELDS, MANY, Mapped
from triage.spreadsheets import harmless, restored

NO_LABEL = "valeur sans équivalent chez nous"
NO_WORD = "étiquette sans équivalent chez eux"
_FACT = "facts."
_SEPARATORS = ",;\t"


@dataclass
class Converted:
    """The records, how many of each main type, and how many rows were left out, by reason."""

    records: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def read_set(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV or JSONL file, each with the line where it begins. Raises DataError with every problem."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise DataError([Problem(Location(path), "fichier illisible : il doit exister et être en UTF-8")]) from None
    if path.suffix not in (".csv", ".jsonl"):
        raise DataError([Problem(Location(path), "le nom du fichier finit par .csv ou .jsonl")])
    try:
        rows = list(_csv(text) if path.suffix == ".csv" else _jsonl(text, path))
    except csv.Error:
        raise DataError([Problem(Location(path), "un champ est trop long, ou un guillemet n'est pas fermé")]) from None
    if not rows:
        raise DataError([Problem(Location(path), "aucune ligne à lire")])
    return rows


def imported(path: Path, mapped: Mapped, labels: Labels) -> Converted:
    """The rows of `path` as our examples. Raises DataError with every problem: file, line and field."""
    rows, problems, done = read_set(path), list[Problem](), Converted()
    absent = [name for name in mapped.rules.columns.values() if all(name not in row for _, row in rows)]
    if absent:
        raise DataError([Problem(Location(path, 1), f"colonne absente « {name} »") for name in absent])
    seen: dict[str, int] = {}
    for number, (line, row) in enumerate(rows, 1):
        where, wrong = Location(path, line), list[str]()
        record = _ours(row, mapped, f"{path.stem}-{number:05d}", wrong)
        if record is not None and not wrong:
            wrong += faults(record, labels)
            if record["id"] in seen:
                wrong.append(f"« id » : « {record['id']} » est déjà à la ligne {seen[record['id']]}")
            seen[record["id"]] = line
        problems += [Problem(where, what) for what in wrong]
        if record is None:
            done.left_out[NO_LABEL] += 1
        else:
            done.records.append(record)
            done.counts[record["primary"]] += 1
    if problems:
        raise DataError(problems)
    return done


def exported(rows: Iterable[Mapping[str, Any]], mapped: Mapped) -> Converted:
    """Our rows (records of a table, or lines of the corpus) with the columns and values of the other set."""
    done = Converted()
    for row in rows:
        record = {column: _theirs(row, name, mapped) for name, column in mapped.rules.columns.items()}
        needed = {column for name, column in mapped.rules.columns.items() if name in ("threats", "primary")}
        if any(record[column] is None for column in needed):
            done.left_out[NO_WORD] += 1
        else:
            done.records.append({column: value or "" for column, value in record.items()})
            done.counts[str(row["primary"])] += 1
    return done


def as_csv(records: Iterable[Mapping[str, Any]]) -> bytes:
    """Their rows as a CSV file; no cell can be taken for a formula."""
    rows = list(records)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([harmless(name) for name in rows[0]] if rows else [])
    writer.writerows([harmless(str(cell)) for cell in row.values()] for row in rows)
    return out.getvalue().encode()


def as_jsonl(records: Iterable[Mapping[str, Any]]) -> bytes:
    """Records, one a line."""
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records).encode()


def _csv(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    header = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_SEPARATORS, key=header.count))
    names, line = [restored(name) for name in next(reader, [])], reader.line_num
    for row in reader:
        cells = [restored(cell) for cell in row]
        if any(cell.strip() for cell in cells):
            yield line + 1, dict(zip(names, [*cells, *[""] * (len(names) - len(cells))], strict=False))
        line = reader.line_num


def _jsonl(text: str, path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    problems = []
    for number, line in enumerate(text.split("\n"), 1):
        try:
            told = record_of(line) if line.strip() else None
            if told is not None:
                yield number, {name: _cell(value) for name, value in told.items()}
        except (ValueError, AttributeError):
            problems.append(Problem(Location(path, number), "une ligne est un objet JSON"))
    if problems:
        raise DataError(problems)


def _cell(value: object) -> str:
    """A value of JSON as a cell; a list as its values, one a line."""
    if isinstance(value, list):
        return "\n".join(map(_cell, value))
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _ours(row: Mapping[str, str], mapped: Mapped, identifier: str, wrong: list[str]) -> dict[str, Any] | None:
    """Their row as our record; None for one that says nothing of ours. What the mapping does not know is `wrong`."""
    rules, told = mapped.rules, dict[str, list[str]]()
    for name, column in rules.columns.items():
        if name in ("id", "text"):
            continue
        cell = row.get(column, "")
        parts = _parts(cell, rules.separator) if name in MANY else [cell.strip()] if cell.strip() else []
        told[name] = []
        for part in parts:
            ids = mapped.ours(name, part)
            if ids is None:
                wrong.append(f"« {column} » : valeur « {part} » absente de {mapped.path.name} (values, {name})")
            told[name] += ids or []
    threats = list(dict.fromkeys(told.get("threats") or rules.defaults.threats))
    if not threats and not wrong:
        return None
    primary = (told.get("primary") or threats or [""])[0]
    level = (told.get("disposition") or [rules.levels.get(primary, rules.defaults.disposition)])[0]
    if not level and not wrong:
        wrong.append(
            f"« disposition » : aucun niveau ; donnez-en un pour « {primary} » (levels) ou pour tous (defaults)"
        )
    return {
        "id": row.get(rules.columns.get("id", ""), "").strip() or identifier,
        "kind": (told.get("kind") or [rules.defaults.kind])[0],
        "text": row.get(rules.columns["text"], ""),
        "threats": threats,
        "primary": primary,
        "disposition": level,
        "red_flags": list(dict.fromkeys(told.get("red_flags") or rules.defaults.red_flags)),
        "facts": {name.removeprefix(_FACT): ids[0] for name, ids in told.items() if name not in FIELDS and ids},
    }


def _parts(cell: str, separator: str) -> list[str]:
    """The values in a cell."""
    return [part.strip() for part in cell.replace("\n", separator).split(separator) if part.strip()]


def _theirs(row: Mapping[str, Any], name: str, mapped: Mapped) -> str | None:
    told = _told(row, name)
    return "".join(told) if name in ("id", "text") else mapped.theirs(name, told)


def _told(row: Mapping[str, Any], name: str) -> list[str]:
    """What our row says of a field, as a list of ids."""
    if name == "id":
        return [str(row.get("case") or row.get("id", ""))]
    facts = row.get("facts", {})
    value = facts.get(name.removeprefix(_FACT)) if name.startswith(_FACT) else row.get(name)
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)] if value else []
