"""A mapping file: which column of somebody else's set holds what, and which of their values are which of our ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from triage.datafiles import DataFile, read
from triage.errors import DataError, Problem
from triage.intake.report import Kind
from triage.learning.corpus import Labels
from triage.signals.rule import Strict, build

MANY = ("threats", "red_flags")
FIELDS = ("id", "text", "kind", "threats", "primary", "disposition", "red_flags")
_FACT = "facts."


class Defaults(Strict):
    """What a row that does not say it is."""

    kind: Kind = "report"
    disposition: str = ""
    threats: list[str] = []
    red_flags: list[str] = []


class MappingFile(Strict):
    """`columns`: our field → their column. `values`: our field → their value → our ids (none: the row is left out).

    `levels`: type → level, for sets that have no level; `separator` stands between several values in one cell. A field
    « facts.<name> » is a decisive fact.
    """

    columns: dict[str, str]
    values: dict[str, dict[str, list[str]]] = {}
    levels: dict[str, str] = {}
    defaults: Defaults = Defaults()
    separator: str = "|"


@dataclass(frozen=True)
class Mapped:
    """A mapping, checked, and the file that it came from."""

    rules: MappingFile
    path: Path

    def ours(self, field: str, told: str) -> list[str] | None:
        """Our ids for their value; None for one that the mapping does not know."""
        values = self.rules.values.get(field)
        if values is None:
            return [told] if told else []
        return values.get(told)

    def theirs(self, field: str, ids: list[str]) -> str | None:
        """Their value for one of our ids, or for several; None when the mapping has none."""
        values: Mapping[str, list[str]] | None = self.rules.values.get(field)
        if values is None:
            return self.rules.separator.join(ids)
        whole = next((name for name, ours in values.items() if sorted(ours) == sorted(ids)), None)
        if whole is not None:
            return whole
        each = [next((name for name, ours in values.items() if one in ours), None) for one in ids]
        told = [one for one in dict.fromkeys(each) if one is not None]
        return self.rules.separator.join(told) if ids and None not in each else None


def load_mapping(path: Path, labels: Labels) -> Mapped:
    """The mapping in a YAML file. Raises DataError with every problem, and its line."""
    problems: list[Problem] = []
    file = read(path, problems)
    rules = build(MappingFile, file, problems) if file else None
    if file and rules:
        problems += _problems(file, rules, labels)
    if problems or rules is None:
        raise DataError(problems)
    return Mapped(rules, path)


def _problems(file: DataFile, rules: MappingFile, labels: Labels) -> Iterator[Problem]:
    known = known_ids(labels)
    for field in (*rules.columns, *rules.values):
        if field not in FIELDS and not _is_fact(field, labels):
            place = "columns" if field in rules.columns else "values"
            possible = ", ".join((*FIELDS, "facts.<nom>"))
            yield file.problem(f"champ inconnu « {field} » ; possibles : {possible}", place, field)
    for needed in ("text", "threats"):
        if needed not in rules.columns and not (needed == "threats" and rules.defaults.threats):
            yield file.problem(f"dites dans quelle colonne est « {needed} »", "columns")
    for field, values in rules.values.items():
        for told, ids in values.items():
            for one in ids:
                if field in known and one not in known[field]:
                    yield file.problem(f"« {field} » : valeur inconnue « {one} »", "values", field, told)
    for name, level in rules.levels.items():
        if name not in labels.types or level not in labels.dispositions:
            yield file.problem(f"type ou niveau inconnu : « {name} », « {level} »", "levels", name)
    yield from _of_defaults(file, rules.defaults, labels)


def _of_defaults(file: DataFile, defaults: Defaults, labels: Labels) -> Iterator[Problem]:
    told = {"disposition": [defaults.disposition] if defaults.disposition else []}
    told |= {"threats": defaults.threats, "red_flags": defaults.red_flags}
    for field, ids in told.items():
        for one in ids:
            if one not in known_ids(labels)[field]:
                yield file.problem(f"« {field} » : valeur inconnue « {one} »", "defaults", field)


def known_ids(labels: Labels) -> dict[str, set[str]]:
    """Our ids, by field."""
    types = set(labels.types)
    return {
        "threats": types,
        "primary": types,
        "disposition": set(labels.dispositions),
        "red_flags": set(labels.flags),
        "kind": set(get_args(Kind)),
    }


def _is_fact(field: str, labels: Labels) -> bool:
    return field.startswith(_FACT) and field.removeprefix(_FACT) in labels.facts
