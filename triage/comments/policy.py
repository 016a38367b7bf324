"""What `rules/comments.yaml` says: what counts, what supports a level, what a raid is, how columns are named."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from triage.assessment.disposition import Level
from triage.assessment.red_flags import load_red_flags
from triage.datafiles import DataFile, read
from triage.errors import DataError, Problem
from triage.settings import Settings
from triage.signals.rule import Strict, build
from triage.threats.kinds import load_kinds


class Jokes(Strict):
    """What tells a joke: words and emoji of a comment, ids of signals found in it; what a joke excuses."""

    words: list[str]
    emoji: str
    signals: list[str]
    excused: list[str]


class Kept(Strict):
    """The least weight of a rule, or the least chance, for a comment to be more than counted."""

    weight: float
    chance: float


class Clear(Strict):
    """A rule of this weight, unless the chance is under `doubt`; or this chance; `unseen` without any rule."""

    weight: float
    doubt: float
    chance: float
    unseen: float


class Alone(Strict):
    """The weight of a rule and the chance, both needed, for one comment to decide."""

    weight: float
    chance: float


class DespiteJokes(Strict):
    """How many of these red flags, clear and at once, hold even under a laugh."""

    flags: list[str]
    at_once: int


class Support(Strict):
    """`level` is supported by that many comments of level `of` or above, from so many authors, that share of all.

    Only those count that are clear, unless `clear` is false, and at least as probable as `chance`.
    """

    level: str
    of: str
    comments: int
    authors: int
    share: float = 0.0
    chance: float = 0.0
    clear: bool = True


class Crowd(Strict):
    """How many hostile authors in the window make a raid, when they wrote at least this share of its comments."""

    authors: int
    share: float


class Copies(Strict):
    """How many authors of one hostile text, of so many letters at least, make a raid."""

    authors: int
    letters: int


class Raid(Strict):
    """What a raid is; the window is in hours."""

    type: str
    level: str
    hours: int
    crowds: list[Crowd]
    copies: Copies


class Harassment(Strict):
    """How many clear hostile comments by one author are harassment."""

    type: str
    level: str
    comments: int


class Columns(Strict):
    """The names that a column or a field can have, for each thing to be read."""

    text: list[str]
    author: list[str]
    when: list[str]
    url: list[str]


class Classes(Strict):
    """What the class of an element of a page says that it holds."""

    text: list[str]
    author: list[str]


class Numbers(Strict):
    """`rules/comments.yaml` as it is written."""

    types: list[str]
    flags: list[str]
    jokes: Jokes
    kept: Kept
    clear: Clear
    alone: Alone
    despite_jokes: DespiteJokes
    flags_without_type: list[str]
    support: list[Support]
    raid: Raid
    harassment: Harassment
    columns: Columns
    inner: list[str]
    threads: list[str]
    classes: Classes
    acts: list[str]
    months: dict[str, int]


@dataclass(frozen=True)
class CommentsPolicy:
    """The numbers, the levels (lowest first) and the French labels of types and red flags."""

    numbers: Numbers
    levels: tuple[Level, ...]
    labels: Mapping[str, str]

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """The place of each level, 0 for the lowest."""
        return {level.id: rank for rank, level in enumerate(self.levels)}

    @cached_property
    def joke(self) -> re.Pattern[str]:
        """What tells a joke in a text."""
        jokes = self.numbers.jokes
        words = "|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in jokes.words)
        return re.compile(rf"{words}|[{re.escape(jokes.emoji)}]", re.IGNORECASE)


def load_policy(rules: Path) -> CommentsPolicy:
    """The policy of `rules`, checked against the known types, red flags and levels. Raises DataError."""
    problems: list[Problem] = []
    file = read(rules / "comments.yaml", problems)
    numbers = build(Numbers, file, problems) if file else None
    kinds, flags = load_kinds(rules), load_red_flags(rules)
    levels = _levels(rules, problems)
    if file and numbers:
        problems += _faults(numbers, file, kinds, flags, [level.id for level in levels])
    if problems or numbers is None:
        raise DataError(problems)
    labels = {name: one.label for group in (kinds, flags) for name, one in group.items()}
    return CommentsPolicy(numbers, levels, labels)


@lru_cache(maxsize=1)
def current() -> CommentsPolicy:
    """The policy of the rules in use, read once."""
    return load_policy(Settings().rules)


def _levels(rules: Path, problems: list[Problem]) -> tuple[Level, ...]:
    file = read(rules / "dispositions.yaml", problems)
    rows: list[Any] = file.data.get("levels", []) if file else []
    return tuple(Level.model_validate(row) for row in rows)


def _faults(
    numbers: Numbers, file: DataFile, types: Collection[str], flags: Collection[str], levels: Collection[str]
) -> Iterator[Problem]:
    yield from _unknown(file, "type", numbers.types, types, "types")
    yield from _unknown(file, "drapeau", numbers.flags, flags, "flags")
    yield from _unknown(file, "type ou drapeau", numbers.jokes.excused, {*types, *flags}, "jokes", "excused")
    yield from _unknown(file, "drapeau", numbers.despite_jokes.flags, numbers.flags, "despite_jokes", "flags")
    yield from _unknown(file, "drapeau", numbers.flags_without_type, numbers.flags, "flags_without_type")
    for name, one in (("raid", numbers.raid), ("harassment", numbers.harassment)):
        yield from _unknown(file, "type", [one.type], types, name, "type")
        yield from _unknown(file, "niveau", [one.level], levels, name, "level")
    for i, row in enumerate(numbers.support):
        yield from _unknown(file, "niveau", [row.level, row.of], levels, "support", i)
        if not (row.comments >= 1 and row.authors >= 1 and 0 <= row.share <= 1):
            yield file.problem("au moins un commentaire, un auteur, une part entre 0 et 1", "support", i)
    for i, crowd in enumerate(numbers.raid.crowds):
        if crowd.authors < 2 or not 0 <= crowd.share <= 1:
            yield file.problem("au moins deux auteurs, une part entre 0 et 1", "raid", "crowds", i)
    for month, number in numbers.months.items():
        if not 1 <= number <= 12:
            yield file.problem(f"« {month} » : un mois va de 1 à 12", "months", month)


def _unknown(
    file: DataFile, what: str, names: Iterable[str], known: Collection[str], *place: str | int
) -> Iterator[Problem]:
    for name in names:
        if name not in known:
            yield file.problem(f"{what} inconnu « {name} »", *place)
