"""Advice sheets (`rules/advice/*.md`) and the gestures that they share (`rules/steps.yaml`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import Field

from triage.datafiles import Line, MarkdownFile, read_markdown
from triage.diagnostic.conditions import faults, holds
from triage.diagnostic.sources import ALWAYS, When
from triage.errors import Location, Problem
from triage.signals.rule import Strict, build

ABOUT = "Ce que c'est"
# The sections of a sheet, in the order in which they are read, and the name of each in a diagnostic.
SECTIONS = {
    "Maintenant": "now",
    "Aujourd'hui": "today",
    "Cette semaine": "week",
    "À ne pas faire": "avoid",
    "Preuves": "evidence",
}
_CONDITION = re.compile(r"^\((?:si|sauf)\s")
_SHARED = "@"


class Gesture(Strict):
    """A gesture that several sheets ask for. Once one of `done` is told, `done_text` is said instead, or nothing."""

    id: str
    text: str
    when: When = Field(default=ALWAYS)
    done: When = Field(default=[])
    done_text: str = ""
    sources: list[str] = []


class Front(Strict):
    """The front matter of a sheet: when it applies, and the entries that its facts come from.

    `rank` orders the sheets that belong to no type, which come before those that do.
    """

    id: str
    when: When
    checked_on: date
    sources: list[str]
    rank: int = 50


@dataclass(frozen=True)
class Bullet:
    """One bullet of a sheet: its condition, and its own text or the id of the shared gesture."""

    when: str
    text: str
    shared: str
    line: int


@dataclass(frozen=True)
class Sheet:
    """What to know and do about one type, or one circumstance."""

    front: Front
    path: Path
    about: tuple[Line, ...]
    sections: Mapping[str, tuple[Bullet, ...]]


@dataclass(frozen=True)
class Step:
    """One thing to do (or not to), as it is said to this person; `done` when it is already done."""

    text: str
    sheet: str
    shared: str = ""
    done: bool = False


@dataclass(frozen=True)
class Library:
    """Every sheet and every shared gesture."""

    sheets: Mapping[str, Sheet] = field(default_factory=dict)
    gestures: Mapping[str, tuple[Gesture, ...]] = field(default_factory=dict)

    def steps(self, sheet: Sheet, section: str, labels: Set[str]) -> Iterator[Step]:
        """The steps of one section that concern a situation with `labels`."""
        for bullet in sheet.sections[section]:
            if not holds(bullet.when, labels):
                continue
            if bullet.shared:
                yield from self._shared(bullet.shared, sheet.front.id, labels)
            else:
                yield Step(bullet.text, sheet.front.id)

    def _shared(self, name: str, sheet: str, labels: Set[str]) -> Iterator[Step]:
        for gesture in self.gestures[name]:
            if holds(gesture.when, labels):
                done = bool(gesture.done) and holds(gesture.done, labels)
                if not done or gesture.done_text:
                    yield Step(gesture.done_text if done else gesture.text, sheet, name, done)
                return


def load_sheets(
    folder: Path, gestures: Collection[str], known: Collection[str], sources: Collection[str], problems: list[Problem]
) -> dict[str, Sheet]:
    """Every sheet by its id. Faults add to `problems`."""
    sheets = {}
    for path in sorted(folder.glob("*.md")):
        file = read_markdown(path, problems)
        front = build(Front, file.front, problems) if file else None
        if file and front:
            sheet = _sheet(file, front)
            problems += _faults(file, sheet, gestures, known, sources)
            sheets[front.id] = sheet
    return sheets


def _sheet(file: MarkdownFile, front: Front) -> Sheet:
    bullets = {name: tuple(map(_bullet, file.sections.get(title, ()))) for title, name in SECTIONS.items()}
    return Sheet(front, file.path, file.sections.get(ABOUT, ()), bullets)


def _bullet(line: Line) -> Bullet:
    """« (si a ; sauf b) Texte » or « (sauf b) @geste »."""
    when, text = "", line.text
    if _CONDITION.match(text):
        end = text.index(")") if ")" in text else len(text)
        when, text = text[1:end].removeprefix("si ").strip(), text[end + 1 :].strip()
    return Bullet(when, text, text.removeprefix(_SHARED) if text.startswith(_SHARED) else "", line.line)


def _faults(
    file: MarkdownFile, sheet: Sheet, gestures: Collection[str], known: Collection[str], sources: Collection[str]
) -> Iterator[Problem]:
    if sheet.front.id != file.path.stem:
        yield file.front.problem(f"l'identifiant doit être « {file.path.stem} », comme le fichier", "id")
    yield from (file.front.problem(what, "when") for what in faults(sheet.front.when, known))
    for name in sorted(set(sheet.front.sources) - set(sources)):
        yield file.front.problem(f"source inconnue « {name} »", "sources")
    for title in (ABOUT, *SECTIONS):
        if title not in file.sections:
            yield Problem(Location(file.path), f"titre « ## {title} » absent")
    for title in sorted(file.sections.keys() - {ABOUT, *SECTIONS}):
        yield Problem(Location(file.path), f"titre inconnu « ## {title} »")
    if not sheet.about:
        yield Problem(Location(file.path), f"« {ABOUT} » est vide")
    for bullet in (bullet for bullets in sheet.sections.values() for bullet in bullets):
        yield from (file.problem(what, bullet.line) for what in faults(bullet.when, known))
        if bullet.shared and bullet.shared not in gestures:
            yield file.problem(f"geste partagé inconnu « @{bullet.shared} »", bullet.line)
        if not bullet.text:
            yield file.problem("puce sans texte", bullet.line)


def texts_of(sheet: Sheet) -> Iterable[str]:
    """All that a sheet can say, gestures apart."""
    yield from (line.text for line in sheet.about)
    yield from (b.text for bullets in sheet.sections.values() for b in bullets if not b.shared)
