"""Loads all that a diagnostic is made of, checks that every id resolves, and fills in the references in texts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

from triage.datafiles import Line, read
from triage.diagnostic.advice import Gesture, Library, Sheet, load_sheets, texts_of
from triage.diagnostic.channels import Channel
from triage.diagnostic.clocks import Clock
from triage.diagnostic.contacts import Contact
from triage.diagnostic.diagnostic import Texts
from triage.diagnostic.law import Offence
from triage.diagnostic.measures import Measure
from triage.diagnostic.sources import (
    Sourced,
    When,
    load_folder,
    load_list,
    references,
    resolve,
    unknown_references,
)
from triage.errors import DataError, Location, Problem
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
    """Everything in `rules/` that a diagnostic says, references filled in."""

    library: Library
    channels: Mapping[str, Channel]
    law: Mapping[str, Offence]
    clocks: Mapping[str, Clock]
    contacts: Mapping[str, Contact]
    measures: Mapping[str, Measure]
    procedures: Mapping[str, Procedure]
    tellings: Mapping[str, Telling]
    texts: Texts
    values: Mapping[str, str]

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

    def stale(self, rules: Path, today: date) -> Iterator[Problem]:
        """The entries whose source was read more than a year ago, as notices."""
        for place, entries in self.sourced.items():
            for name, entry in entries.items():
                if today - entry.checked_on > OLD:
                    path = rules / place if place.endswith(".yaml") else rules / place / f"{name}.yaml"
                    what = f"« {name} » : source lue le {entry.checked_on}, il y a plus d'un an"
                    yield Problem(Location(path), what, "avis")


def load_knowledge(rules: Path, known: Collection[str], kinds: Collection[str], flags: Collection[str]) -> Knowledge:
    """The knowledge of `rules`; `known` are the labels that conditions may name. Raises DataError, all problems."""
    problems: list[Problem] = []
    channels = load_folder(rules / "channels", Channel, known, problems)
    law = load_folder(rules / "law", Offence, known, problems)
    clocks = load_list(rules / "clocks.yaml", "clocks", Clock, known, problems)
    contacts = load_list(rules / "contacts.yaml", "contacts", Contact, known, problems)
    measures = load_list(rules / "measures.yaml", "measures", Measure, known, problems)
    procedures = load_list(rules / "procedures.yaml", "procedures", Procedure, known, problems)
    tellings = load_list(rules / "changes.yaml", "changes", Telling, known, problems)
    gestures = _gestures(rules, known, problems)
    sources = {*law, *clocks, *contacts, *measures, *procedures, *channels}
    sheets = load_sheets(rules / "advice", gestures, known, sources, problems)
    file = read(rules / "texts.yaml", problems)
    texts = build(Texts, file, problems) if file else None
    values = reference_values(contacts, clocks, law)
    knowledge = (channels, measures, contacts, tellings, law, clocks, procedures)
    problems += _unresolved(rules, knowledge, sheets, gestures, values)
    problems += _unknown_ids(rules, law, clocks, tellings, sheets, gestures, sources, kinds, flags)
    if problems or texts is None:
        raise DataError(problems)
    return Knowledge(
        library=Library(
            {name: _sheet(sheet, values) for name, sheet in sheets.items()},
            {name: tuple(_filled(one, values) for one in several) for name, several in gestures.items()},
        ),
        channels={name: _filled(one, values) for name, one in channels.items()},
        law={name: _filled(one, values) for name, one in law.items()},
        clocks={name: _filled(one, values) for name, one in clocks.items()},
        contacts={name: _filled(one, values) for name, one in contacts.items()},
        measures={name: _filled(one, values) for name, one in measures.items()},
        procedures={name: _filled(one, values) for name, one in procedures.items()},
        tellings={name: _filled(one, values) for name, one in tellings.items()},
        texts=_filled(texts, values),
        values=values,
    )


def reference_values(
    contacts: Mapping[str, Contact], clocks: Mapping[str, Clock], law: Mapping[str, Offence]
) -> dict[str, str]:
    """What each reference stands for: « contact:17 » the number, « nom:17 » the name, « delai: », « article: »."""
    values = {f"contact:{name}": contact.reach for name, contact in contacts.items()}
    values |= {f"nom:{name}": contact.name for name, contact in contacts.items()}
    values |= {f"delai:{name}": clock.duration for name, clock in clocks.items()}
    return values | {f"article:{name}": offence.article for name, offence in law.items()}


def _gestures(rules: Path, known: Collection[str], problems: list[Problem]) -> dict[str, list[Gesture]]:
    """Shared gestures by id: several with one id say it differently under conditions that exclude each other."""
    path = rules / "steps.yaml"
    numbered = load_list(path, "steps", Gesture, known, problems, unique=False)
    gestures: dict[str, list[Gesture]] = {}
    for gesture in numbered.values():
        gestures.setdefault(gesture.id, []).append(gesture)
    return gestures


def _unresolved(
    rules: Path,
    groups: Collection[Mapping[str, Strict]],
    sheets: Mapping[str, Sheet],
    gestures: Mapping[str, list[Gesture]],
    values: Mapping[str, str],
) -> Iterator[Problem]:
    """References that name nothing."""
    for group in groups:
        for name, entry in group.items():
            for what in unknown_references(strings(entry.model_dump()), values):
                yield Problem(Location(rules), f"« {name} » : référence inconnue {what}")
    for several in gestures.values():
        for one in several:
            for what in unknown_references(strings(one.model_dump()), values):
                yield Problem(Location(rules / "steps.yaml"), f"« {one.id} » : référence inconnue {what}")
    for sheet in sheets.values():
        for what in unknown_references(texts_of(sheet), values):
            yield Problem(Location(sheet.path), f"référence inconnue {what}")


def _unknown_ids(
    rules: Path,
    law: Mapping[str, Offence],
    clocks: Mapping[str, Clock],
    tellings: Mapping[str, Telling],
    sheets: Mapping[str, Sheet],
    gestures: Mapping[str, list[Gesture]],
    sources: Collection[str],
    kinds: Collection[str],
    flags: Collection[str],
) -> Iterator[Problem]:
    for offence in law.values():
        if offence.clock is not None and offence.clock not in clocks:
            yield Problem(Location(rules / "law" / f"{offence.id}.yaml"), f"délai inconnu « {offence.clock} »")
    for clock in clocks.values():
        for name in sorted({*clock.near.types, *clock.near.repeated} - set(kinds)):
            yield Problem(Location(rules / "clocks.yaml"), f"« {clock.id} » : type inconnu « {name} »")
    for telling in tellings.values():
        if telling.flag is not None and telling.flag not in flags:
            yield Problem(Location(rules / "changes.yaml"), f"« {telling.id} » : drapeau inconnu « {telling.flag} »")
    for several in gestures.values():
        for gesture in several:
            for name in sorted(set(gesture.sources) - set(sources)):
                yield Problem(Location(rules / "steps.yaml"), f"« {gesture.id} » : source inconnue « {name} »")
    for name in sorted(set(kinds) - set(sheets)):
        yield Problem(Location(rules / "advice"), f"fiche absente : « {name}.md »")


def strings(value: Any) -> Iterator[str]:  # noqa: ANN401 (a tree of whatever YAML holds)
    """Every text in a tree of lists and mappings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from strings(part)


def _fill(value: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return resolve(value, values) if next(references(value), None) else value
    if isinstance(value, dict):
        return {key: _fill(part, values) for key, part in value.items()}
    return [_fill(part, values) for part in value] if isinstance(value, list) else value


def _filled(entry: Entry, values: Mapping[str, str]) -> Entry:
    """The entry with its references filled in."""
    return type(entry).model_validate(_fill(entry.model_dump(by_alias=True), values))


def _sheet(sheet: Sheet, values: Mapping[str, str]) -> Sheet:
    about = tuple(Line(resolve(line.text, values), line.line) for line in sheet.about)
    sections = {
        name: tuple(replace(bullet, text=resolve(bullet.text, values)) for bullet in bullets)
        for name, bullets in sheet.sections.items()
    }
    return replace(sheet, about=about, sections=sections)
