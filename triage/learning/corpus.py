"""Labelled texts: read from JSONL or from a table of cases, checked against the contract with file and line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from triage.errors import DataError, Location, Problem
from triage.intake.report import Kind
from triage.learning.frames import read_frame, record_of, records
from triage.threats.kinds import OUTPUTS

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("id", "text", "threats", "primary", "disposition", "red_flags")
# Who writes, in which register and form, and the pair of texts that differ by one fact.
AXES = ("who", "register", "form", "pair")


@dataclass(frozen=True)
class Example:
    """One labelled text. `group` names the file, hence the voice, that it comes from; `axes` what the plan crosses."""

    id: str
    text: str
    kind: Kind
    threats: tuple[str, ...]
    primary: str
    disposition: str
    red_flags: tuple[str, ...]
    facts: dict[str, str] = field(default_factory=dict)
    axes: dict[str, str] = field(default_factory=dict)
    group: str = ""


@dataclass(frozen=True)
class Labels:
    """The ids that labels may use."""

    types: Collection[str]
    dispositions: Collection[str]
    flags: Collection[str]
    facts: Collection[str]


def load(path: Path, labels: Labels) -> list[Example]:
    """Every example of a file, or of all the JSONL files of a folder. Raises DataError with every problem."""
    return load_all([path], labels)


def load_all(paths: Sequence[Path], labels: Labels) -> list[Example]:
    """Every example of several files and folders: JSONL, or tables of cases in Parquet or CSV.

    Raises DataError with every problem; an id may stand once only.
    """
    problems: list[Problem] = []
    examples: list[Example] = []
    for path in paths:
        files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        if not files or not all(file.is_file() for file in files):
            raise DataError([Problem(Location(path), "aucun fichier .jsonl à lire")])
        found = [example for file in files for example in _read(file, labels, problems)]
        seen = {example.id for example in examples}
        for example in found:
            if example.id in seen:
                problems.append(Problem(Location(path), f"identifiant « {example.id} » présent deux fois"))
            seen.add(example.id)
        examples += found
    if problems:
        raise DataError(problems)
    return examples


def examples_of(frame: pd.DataFrame, labels: Labels, group: str = "", source: Path = Path("cases")) -> list[Example]:
    """The examples in a table of cases (see `triage.learning.frames`); those without a decision teach nothing.

    `group` names the voice, the file `source` otherwise: what it taught is never measured on itself. Raises DataError
    with every problem, the rows counted from 1.
    """
    problems: list[Problem] = []
    examples = list(_of_rows(frame, labels, group or source.stem, source, problems))
    if problems:
        raise DataError(problems)
    return examples


def _of_rows(
    frame: pd.DataFrame, labels: Labels, group: str, source: Path, problems: list[Problem]
) -> Iterator[Example]:
    for number, row in enumerate(records(frame), 1):
        if not row.get("primary"):
            continue
        record: dict[str, Any] = {"id": f"{group}-{row['case']}" if "case" in row else row.get("id"), **row}
        wrong = list(faults(record, labels))
        problems += [Problem(Location(source, number), what) for what in wrong]
        if not wrong:
            yield _example(record, group)


def _read(file: Path, labels: Labels, problems: list[Problem]) -> Iterator[Example]:
    if file.suffix in (".parquet", ".csv"):
        yield from _of_rows(read_frame(file), labels, file.stem, file, problems)
        return
    try:
        lines = file.read_text(encoding="utf-8").split("\n")  # a text may hold other ends of lines
    except (OSError, UnicodeDecodeError):
        problems.append(Problem(Location(file), "fichier illisible : enregistrez-le en UTF-8"))
        return
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = Location(file, number)
        try:
            record = record_of(line)
        except ValueError as error:
            problems.append(Problem(where, str(error)))
            continue
        wrong = list(faults(record, labels))
        problems += [Problem(where, what) for what in wrong]
        if not wrong:
            yield _example(record, file.stem)


def _example(record: dict[str, Any], group: str) -> Example:
    return Example(
        id=record["id"],
        text=record["text"],
        kind=record.get("kind", "report"),
        threats=tuple(record["threats"]),
        primary=record["primary"],
        disposition=record["disposition"],
        red_flags=tuple(record["red_flags"]),
        facts={name: value for name, value in (record.get("facts") or {}).items() if value != "inconnu"},
        axes=record.get("axes") or {},
        group=group,
    )


def faults(record: object, labels: Labels) -> Iterator[str]:
    """What is wrong with a record, against the contract."""
    if not isinstance(record, dict):
        yield "une ligne est un objet JSON"
        return
    missing = [key for key in KEYS if key not in record]
    if missing:
        yield f"champs absents : {', '.join(missing)}"
        return
    misshapen = [f"« {name} » : {what} attendu" for name, what, is_one in _SHAPES if not is_one(record.get(name))]
    if misshapen:
        yield from misshapen
        return
    if not record["text"].strip():
        yield "« text » est vide"
    if record.get("kind", "report") not in get_args(Kind):
        yield f"« kind » inconnu : {record['kind']}"
    yield from _unknown("threats", record["threats"], labels.types)
    yield from _unknown("red_flags", record["red_flags"], labels.flags)
    yield from _unknown("facts", record.get("facts") or {}, labels.facts)
    yield from _unknown("axes", record.get("axes") or {}, AXES)
    if record["disposition"] not in labels.dispositions:
        yield f"disposition inconnue : {record['disposition']}"
    if record["primary"] not in record["threats"]:
        yield "le type principal n'est pas parmi « threats »"
    if len(record["threats"]) > 1 and set(record["threats"]) & set(OUTPUTS):
        yield "« hors_perimetre » et « indetermine » ne vont avec aucun autre type"


def _text(value: object) -> bool:
    return isinstance(value, str)


def _texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(map(_text, value))


def _table(value: object) -> bool:
    return value is None or (isinstance(value, dict) and all(map(_text, value.values())))


_SHAPES: tuple[tuple[str, str, Callable[[object], bool]], ...] = (
    *((name, "texte", _text) for name in ("id", "text", "primary", "disposition")),
    *((name, "liste de textes", _texts) for name in ("threats", "red_flags")),
    *((name, "objet de textes", _table) for name in ("facts", "axes")),
)


def _unknown(field_name: str, values: Collection[str], known: Collection[str]) -> Iterator[str]:
    for value in values:
        if value not in known:
            yield f"« {field_name} » : valeur inconnue « {value} »"
