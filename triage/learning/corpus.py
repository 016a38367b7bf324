"""Labelled texts: read from JSONL, checked against the contract with file and line."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from triage.errors import DataError, Location, Problem
from triage.intake.report import Kind
from triage.threats.kinds import OUTPUTS

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
    """Every example of a JSONL file, or of all those of a folder. Raises DataError with every problem."""
    problems: list[Problem] = []
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not files or not all(file.is_file() for file in files):
        raise DataError([Problem(Location(path), "aucun fichier .jsonl à lire")])
    examples = [example for file in files for example in _read(file, labels, problems)]
    seen: dict[str, str] = {}
    for example in examples:
        if example.id in seen:
            problems.append(Problem(Location(path), f"identifiant « {example.id} » présent deux fois"))
        seen[example.id] = example.group
    if problems:
        raise DataError(problems)
    return examples


def _read(file: Path, labels: Labels, problems: list[Problem]) -> Iterator[Example]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        problems.append(Problem(Location(file), "fichier illisible : enregistrez-le en UTF-8"))
        return
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = Location(file, number)
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            problems.append(Problem(where, f"JSON illisible : {error.msg}"))
            continue
        wrong = list(_faults(record, labels))
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
        facts={name: value for name, value in record.get("facts", {}).items() if value != "inconnu"},
        axes=record.get("axes", {}),
        group=group,
    )


def _faults(record: object, labels: Labels) -> Iterator[str]:
    if not isinstance(record, dict):
        yield "une ligne est un objet JSON"
        return
    missing = [key for key in KEYS if key not in record]
    if missing:
        yield f"champs absents : {', '.join(missing)}"
        return
    if not isinstance(record["text"], str) or not record["text"].strip():
        yield "« text » est vide"
    if record.get("kind", "report") not in get_args(Kind):
        yield f"« kind » inconnu : {record['kind']}"
    yield from _unknown("threats", record["threats"], labels.types)
    yield from _unknown("red_flags", record["red_flags"], labels.flags)
    yield from _unknown("facts", record.get("facts", {}), labels.facts)
    yield from _unknown("axes", record.get("axes", {}), AXES)
    if record["disposition"] not in labels.dispositions:
        yield f"disposition inconnue : {record['disposition']}"
    if record["primary"] not in record["threats"]:
        yield "le type principal n'est pas parmi « threats »"
    if len(record["threats"]) > 1 and set(record["threats"]) & set(OUTPUTS):
        yield "« hors_perimetre » et « indetermine » ne vont avec aucun autre type"


def _unknown(field_name: str, values: Collection[str], known: Collection[str]) -> Iterator[str]:
    for value in values:
        if value not in known:
            yield f"« {field_name} » : valeur inconnue « {value} »"
