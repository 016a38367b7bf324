"""What every piece of shown knowledge carries: where it comes from, when it was read, what is uncertain."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field

from triage.datafiles import DataFile, read
from triage.diagnostic.conditions import faults
from triage.errors import Problem
from triage.signals.rule import Strict, build

Confidence = Literal["high", "medium", "low"]
REFERENCE = re.compile(r"\{([a-z]+):([^{}]+)\}")


def _several(told: object) -> object:
    return [told] if isinstance(told, str) else told


# One condition, or several of which one is enough; none written: always.
When = Annotated[list[str], BeforeValidator(_several)]
ALWAYS: list[str] = [""]


class Sourced(Strict):
    """A fact shown to people. `checked_on`: the day on which the source was really read; `uncertain`: said with it."""

    confidence: Confidence
    sources: list[str]
    checked_on: date
    uncertain: list[str] = []

    @property
    def heading(self) -> str:
        """What the entry is called."""
        return str(next(getattr(self, name) for name in ("name", "label", "title") if hasattr(self, name)))


class Value(Strict):
    """A value by date of effect: it holds from `since` (None: before any date known here) up to `until`, left out."""

    text: str
    label: str = ""
    when: When = Field(default=ALWAYS)
    since: date | None = None
    until: date | None = None

    def in_force(self, day: date | None) -> bool:
        """Whether it held on `day`; where the day is not told, whether it holds still."""
        if day is None:
            return self.until is None
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


Entry = TypeVar("Entry", bound=Strict)


def load_list(
    path: Path, key: str, model: type[Entry], known: Collection[str], problems: list[Problem], unique: bool = True
) -> dict[str, Entry]:
    """The entries in the list `key` of one file, by id; by their place where ids are not `unique`.

    Every fault adds to `problems`.
    """
    file = read(path, problems)
    if file is None:
        return {}
    entries: dict[str, Entry] = {}
    listed = file.data.get(key)
    if not isinstance(listed, list) or set(file.data) - {key}:
        problems.append(file.problem(f"le fichier contient une seule liste, « {key}: »"))
        return {}
    for i, data in enumerate(listed):
        entry = _entry(model, file, data, (key, i), known, problems)
        if entry is not None:
            identifier = str(getattr(entry, "id", i)) if unique else str(i)
            if identifier in entries:
                problems.append(file.problem(f"« {identifier} » est écrit deux fois", key, i))
            entries[identifier] = entry
    return entries


def load_folder(folder: Path, model: type[Entry], known: Collection[str], problems: list[Problem]) -> dict[str, Entry]:
    """One entry a file, by id; the id is the file's name."""
    entries: dict[str, Entry] = {}
    for path in sorted(folder.glob("*.yaml")):
        file = read(path, problems)
        entry = _entry(model, file, file.data, (), known, problems) if file else None
        if file and entry is not None:
            identifier = str(getattr(entry, "id", ""))
            if identifier != path.stem:
                problems.append(file.problem(f"l'identifiant doit être « {path.stem} », comme le fichier", "id"))
            entries[identifier] = entry
    return entries


def _entry(
    model: type[Entry],
    file: DataFile,
    data: Any,  # noqa: ANN401 (what a YAML file holds)
    place: tuple[str | int, ...],
    known: Collection[str],
    problems: list[Problem],
) -> Entry | None:
    if not isinstance(data, dict):
        problems.append(file.problem("des champs « nom: valeur » sont attendus ici", *place))
        return None
    entry = build(model, DataFile(file.path, data), problems, place)
    if entry is not None:
        problems += [file.problem(what, *place, *keys) for keys, what in _faults(entry, known)]
    return entry


def _faults(entry: Strict, known: Collection[str]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What is wrong in the conditions of `entry`, at any depth, and in its sources."""
    for name in type(entry).model_fields:
        value = getattr(entry, name)
        if name in CONDITIONS:
            yield from (((name,), what) for what in faults(value, known))
        elif isinstance(value, Strict):
            yield from (((name, *keys), what) for keys, what in _faults(value, known))
        elif isinstance(value, list):
            for i, part in enumerate(value):
                if isinstance(part, Strict):
                    yield from (((name, i, *keys), what) for keys, what in _faults(part, known))
    if isinstance(entry, Sourced) and not entry.sources and (entry.confidence == "high" or not entry.uncertain):
        yield ("sources",), "sans source, la fiche dit ce qui est incertain (« uncertain ») et n'est pas « high »"


CONDITIONS = ("when", "settled", "done", "asked")


def references(text: str) -> Iterator[tuple[str, str]]:
    """The pieces of knowledge that `text` names: « {contact:17} » gives ("contact", "17")."""
    for match in REFERENCE.finditer(text):
        yield match[1], match[2]


def resolve(text: str, values: Mapping[str, str]) -> str:
    """`text` with each reference replaced by its value in `values` (« contact:17 » → « 17 »)."""
    return REFERENCE.sub(lambda match: values.get(f"{match[1]}:{match[2]}", match[0]), text)


def unknown_references(texts: Iterable[str], values: Mapping[str, str]) -> list[str]:
    """The references of `texts` that name nothing."""
    return sorted(
        {f"{{{kind}:{name}}}" for text in texts for kind, name in references(text) if f"{kind}:{name}" not in values}
    )
