"""All that a diagnostic is made of, loaded from `rules/`, with the references in its texts filled in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

from triage.datafiles import Line, read
from triage.diagnostic.advice import Gesture, Library, Sheet, load_sheets
from triage.diagnostic.channels import Channel
from triage.diagnostic.clocks import Clock
from triage.diagnostic.contacts import Contact
from triage.diagnostic.diagnostic import Texts
from triage.diagnostic.law import Offence
from triage.diagnostic.measures import Measure
from triage.diagnostic.sources import Sourced, When, load_folder, load_list, resolve
from triage.errors import Location, Problem
from triage.signals.rule import Strict, build

Entry = TypeVar("Entry", bound=Strict)
OLD = timedelta(days=365)


class Procedure(Sourced):
    """Something to go through, told in steps: an entry that sheets name as their source (`rules/procedures.yaml`)."""

    id: str
    title: str
    text: str = ""
    steps: list[str] = []
    basis: str = ""


class Telling(Strict):
    """A fact that, if told, would raise the red flag `flag` or have an `effect` (`rules/changes.yaml`)."""

    id: str
    when: When
    text: str
    flag: str | None = None
    effect: str = ""


@dataclass(frozen=True)
class Knowledge:
    """Everything in `rules/` that a diagnostic says, by id."""

    texts: Texts
    library: Library = field(default_factory=Library)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    law: Mapping[str, Offence] = field(default_factory=dict)
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    contacts: Mapping[str, Contact] = field(default_factory=dict)
    measures: Mapping[str, Measure] = field(default_factory=dict)
    procedures: Mapping[str, Procedure] = field(default_factory=dict)
    tellings: Mapping[str, Telling] = field(default_factory=dict)

    @property
    def sourced(self) -> dict[str, Mapping[str, Sourced]]:
        """Every entry that carries a source, by the file or folder of `rules/` where it stands."""
        return {
            "channels": self.channels,
            "law": self.law,
            "clocks.yaml": self.clocks,
            "contacts.yaml": self.contacts,
            "measures.yaml": self.measures,
            "procedures.yaml": self.procedures,
        }

    @property
    def references(self) -> dict[str, str]:
        """What « {contact:17} » (number or site), « {nom:17} », « {delai:…} » and « {article:…} » stand for."""
        values = {f"contact:{name}": contact.reach for name, contact in self.contacts.items()}
        values |= {f"nom:{name}": contact.name for name, contact in self.contacts.items()}
        values |= {f"delai:{name}": clock.duration for name, clock in self.clocks.items()}
        return values | {f"article:{name}": offence.article for name, offence in self.law.items()}

    def stale(self, rules: Path, today: date) -> Iterator[Problem]:
        """The entries whose source was read more than a year ago, as notices."""
        for place, entries in self.sourced.items():
            for name, entry in entries.items():
                if today - entry.checked_on > OLD:
                    what = f"« {name} » : source lue le {entry.checked_on}, il y a plus d'un an"
                    yield Problem(Location(where(rules, place, name)), what, "avis")


def where(rules: Path, place: str, name: str) -> Path:
    """The file of an entry: one for all, or one each in a folder."""
    return rules / place if place.endswith(".yaml") else rules / place / f"{name}.yaml"


def read_knowledge(rules: Path, known: Collection[str], problems: list[Problem]) -> Knowledge | None:
    """The knowledge as it is written, references included; `known` are the labels that conditions may name."""
    gestures: dict[str, tuple[Gesture, ...]] = {}
    for gesture in load_list(rules / "steps.yaml", "steps", Gesture, known, problems, unique=False).values():
        gestures[gesture.id] = (*gestures.get(gesture.id, ()), gesture)
    file = read(rules / "texts.yaml", problems)
    texts = build(Texts, file, problems) if file else None
    if texts is None:
        return None
    knowledge = Knowledge(
        texts=texts,
        channels=load_folder(rules / "channels", Channel, known, problems),
        law=load_folder(rules / "law", Offence, known, problems),
        clocks=load_list(rules / "clocks.yaml", "clocks", Clock, known, problems),
        contacts=load_list(rules / "contacts.yaml", "contacts", Contact, known, problems),
        measures=load_list(rules / "measures.yaml", "measures", Measure, known, problems),
        procedures=load_list(rules / "procedures.yaml", "procedures", Procedure, known, problems),
        tellings=load_list(rules / "changes.yaml", "changes", Telling, known, problems),
    )
    sources = {name for entries in knowledge.sourced.values() for name in entries}
    sheets = load_sheets(rules / "advice", gestures, known, sources, problems)
    return replace(knowledge, library=Library(sheets, gestures))


def filled(knowledge: Knowledge) -> Knowledge:
    """The same knowledge, each reference in its texts replaced by what it stands for."""
    values = knowledge.references

    def fill(entries: Mapping[str, Entry]) -> dict[str, Entry]:
        return {name: _filled(entry, values) for name, entry in entries.items()}

    library = knowledge.library
    return Knowledge(
        texts=_filled(knowledge.texts, values),
        library=Library(
            {name: _filled_sheet(sheet, values) for name, sheet in library.sheets.items()},
            {name: tuple(_filled(one, values) for one in several) for name, several in library.gestures.items()},
        ),
        channels=fill(knowledge.channels),
        law=fill(knowledge.law),
        clocks=fill(knowledge.clocks),
        contacts=fill(knowledge.contacts),
        measures=fill(knowledge.measures),
        procedures=fill(knowledge.procedures),
        tellings=fill(knowledge.tellings),
    )


def _filled(entry: Entry, values: Mapping[str, str]) -> Entry:
    return type(entry).model_validate(_fill(entry.model_dump(by_alias=True), values))


def _fill(value: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 (a tree of whatever YAML holds)
    if isinstance(value, str):
        return resolve(value, values)
    if isinstance(value, dict):
        return {key: _fill(part, values) for key, part in value.items()}
    return [_fill(part, values) for part in value] if isinstance(value, list) else value


def _filled_sheet(sheet: Sheet, values: Mapping[str, str]) -> Sheet:
    about = tuple(Line(resolve(line.text, values), line.line) for line in sheet.about)
    sections = {
        name: tuple(replace(bullet, text=resolve(bullet.text, values)) for bullet in bullets)
        for name, bullets in sheet.sections.items()
    }
    return replace(sheet, about=about, sections=sections)
