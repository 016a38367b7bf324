"""What a change of rules would do: the same reports judged by two engines, the one that serves and the changed one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from triage.assessment.triaged import Triaged
from triage.engine import Engine
from triage.errors import IntakeError
from triage.intake.report import Report
from triage.learning.build import gold_of, labelled
from triage.learning.corpus import Example
from triage.learning.evaluation import LEVELS, Labelled
from triage.learning.spreading import Progress, spread
from triage.learning.touching import Touching, unheard

# Written texts have no date of their own; any fixed moment makes a measure repeatable.
READ_AT = datetime(2026, 1, 15, 9, 0)
_AGENT, _URGENT = LEVELS.index("agent"), LEVELS.index("urgent")
# The mistake that counts most levels: any difference with readers.
LEVEL = "niveau différent de celui des lecteurs"
Direction = Literal["up", "down", "same"]
Labels = Callable[[Labelled], frozenset[str]]


class Subject(Protocol):
    """Something that both engines judge. `gold`: what readers, or an agent, say of it, if anybody did."""

    @property
    def id(self) -> str: ...  # noqa: D102 (what to call it by)
    @property
    def gold(self) -> Labelled | None: ...  # noqa: D102
    @property
    def reports(self) -> Sequence[Report]:
        """All that an engine reads to judge it."""

    @property
    def now(self) -> datetime:
        """The moment that relative dates count from."""

    def judged(self, engine: Engine) -> Triaged:
        """What `engine` says of it. Raises IntakeError."""


@dataclass(frozen=True)
class Text:
    """A text by itself."""

    id: str
    report: Report
    gold: Labelled | None = None
    now: datetime = READ_AT

    @property
    def reports(self) -> Sequence[Report]:
        """See `Subject`."""
        return (self.report,)

    def judged(self, engine: Engine) -> Triaged:
        """See `Subject`."""
        return engine.assess(self.report, self.now)


def text_of(example: Example) -> Text:
    """A labelled text."""
    return Text(example.id, Report(example.text, example.kind, id=example.id), gold_of(example))


@dataclass(frozen=True)
class Judgement:
    """What both engines say of the subject at `place` in the list."""

    id: str
    place: int
    before: Labelled
    after: Labelled
    gold: Labelled | None

    @property
    def step(self) -> int:
        """How many levels higher (above 0) or lower."""
        return self.after.rank - self.before.rank

    @property
    def differs(self) -> bool:
        """Whether the level, a type, the main one or a flag does."""
        return self.before != self.after


@dataclass(frozen=True)
class Shift:
    """How many subjects go one way and the other."""

    gained: int
    lost: int


@dataclass(frozen=True)
class Impact:
    """The judgements, in the order of the subjects; those that cannot be read are `unreadable`.

    `twice`: how many had to be judged twice. `changed`: the ids of signals; `everything`: more than signals changed.
    `unheard`: what they speak for that the model does not hear.
    """

    judgements: tuple[Judgement, ...]
    changed: tuple[str, ...]
    everything: bool
    unheard: tuple[str, ...]
    twice: int
    unreadable: int

    @property
    def different(self) -> list[Judgement]:
        """Those on which the engines differ, those that fall first, then the farther the earlier."""
        found = [one for one in self.judgements if one.differs]
        return sorted(found, key=lambda one: (one.step >= 0, -abs(one.step), one.place))

    @property
    def moves(self) -> Counter[tuple[str, str]]:
        """(level before, level after) → subjects, for all of them."""
        return Counter((one.before.disposition, one.after.disposition) for one in self.judgements)

    @property
    def levels(self) -> Shift:
        """How many go up, and down."""
        return Shift(sum(one.step > 0 for one in self.judgements), sum(one.step < 0 for one in self.judgements))

    def appearing(self, labels: Labels) -> dict[str, Shift]:
        """Label → how many subjects gain it, and lose it. `labels`: `types` or `flags`."""
        gained = Counter(name for one in self.judgements for name in labels(one.after) - labels(one.before))
        lost = Counter(name for one in self.judgements for name in labels(one.before) - labels(one.after))
        return {name: Shift(gained[name], lost[name]) for name in sorted({*gained, *lost})}

    @property
    def mistakes(self) -> dict[str, Shift]:
        """Mistake → how many subjects with labels make it anew, and how many no more."""
        told = [(one.gold, one) for one in self.judgements if one.gold]
        pairs = {
            name: [(wrong(gold, one.before), wrong(gold, one.after)) for gold, one in told]
            for name, wrong in _WRONG.items()
        }
        return {
            name: Shift(sum(b and not a for a, b in pair), sum(a and not b for a, b in pair))
            for name, pair in pairs.items()
        }

    def load(self) -> tuple[float, float]:
        """How many reports of a hundred go to an agent, before and after."""
        size = len(self.judgements) or 1
        before = sum(one.before.rank >= _AGENT for one in self.judgements)
        after = sum(one.after.rank >= _AGENT for one in self.judgements)
        return 100 * before / size, 100 * after / size

    @property
    def with_labels(self) -> int:
        """How many have labels."""
        return sum(one.gold is not None for one in self.judgements)

    def as_json(self) -> dict[str, Any]:
        """For a file: figures, and what changes by id; no text."""
        before, after = self.load()
        return {
            "subjects": len(self.judgements),
            "judged_twice": self.twice,
            "unreadable": self.unreadable,
            "changed": list(self.changed),
            "everything": self.everything,
            "unheard": list(self.unheard),
            "up": self.levels.gained,
            "down": self.levels.lost,
            "moves": [{"before": a, "after": b, "count": n} for (a, b), n in sorted(self.moves.items()) if a != b],
            "types": {name: vars(shift) for name, shift in self.appearing(types).items()},
            "red_flags": {name: vars(shift) for name, shift in self.appearing(flags).items()},
            "labelled": self.with_labels,
            "mistakes": {name: vars(shift) for name, shift in self.mistakes.items()},
            "load_per_100": {"before": round(before, 2), "after": round(after, 2)},
            "different": [
                {"id": one.id, "before": _as_json(one.before), "after": _as_json(one.after)} for one in self.different
            ],
        }


def types(said: Labelled) -> frozenset[str]:
    """The types, for `Impact.appearing`."""
    return said.threats


def flags(said: Labelled) -> frozenset[str]:
    """The red flags, for `Impact.appearing`."""
    return said.red_flags


def impact(
    before: Engine,
    after: Engine,
    subjects: Sequence[Subject],
    *,
    known: Mapping[str, Labelled] | None = None,
    every: bool = False,
    workers: int = 0,
    progress: Progress = lambda _: None,
) -> Impact:
    """What `after` would change to what `before` says of `subjects`.

    `known`: id → what `before` says, where that is known. `every`: all are judged twice, to check that the shortcut
    (`triage.learning.touching`) loses nothing. `workers` 0: as many processes as cores. Raises LostError.
    """
    touching, known = Touching(before, after), known or {}

    def judge(place: int) -> _Answer:
        subject = subjects[place]
        try:
            first = known.get(subject.id) or _said(subject, before)
            twice = every or touching.touches(subject.reports, subject.now)
            return _Answer(first, _said(subject, after) if twice else first, twice)
        except IntakeError:
            return _Answer(None, None, False)

    answers = spread(judge, len(subjects), workers, progress)
    found = zip(range(len(subjects)), subjects, answers, strict=True)
    return Impact(
        judgements=tuple(_judgements(found)),
        changed=touching.changed,
        everything=touching.everything,
        unheard=unheard(before, after),
        twice=sum(one.twice for one in answers),
        unreadable=sum(one.before is None for one in answers),
    )


def examples(found: Impact, most: int, direction: Direction) -> list[Judgement]:
    """A few that differ: those that readers contradict first, then the farthest; same level: types or flags only."""
    some = [one for one in found.different if _DIRECTIONS[direction](one.step)]
    return sorted(some, key=lambda one: (not _worse(one), -abs(one.step), one.place))[:most]


@dataclass(frozen=True)
class _Answer:
    before: Labelled | None
    after: Labelled | None
    twice: bool


def _said(subject: Subject, engine: Engine) -> Labelled:
    return labelled(subject.judged(engine).assessment)


def _judgements(found: Iterable[tuple[int, Subject, _Answer]]) -> Iterator[Judgement]:
    for place, subject, answer in found:
        if answer.before and answer.after:
            yield Judgement(subject.id, place, answer.before, answer.after, subject.gold)


def _worse(one: Judgement) -> bool:
    """Whether the level was right, or nearer to what readers say, and is no more."""
    gold = one.gold
    return gold is not None and abs(one.after.rank - gold.rank) > abs(one.before.rank - gold.rank)


def _as_json(said: Labelled) -> dict[str, Any]:
    return {
        "disposition": said.disposition,
        "primary": said.primary,
        "threats": sorted(said.threats),
        "red_flags": sorted(said.red_flags),
    }


_DIRECTIONS: Mapping[Direction, Callable[[int], bool]] = {
    "up": lambda step: step > 0,
    "down": lambda step: step < 0,
    "same": lambda step: step == 0,
}
_WRONG: Mapping[str, Callable[[Labelled, Labelled], bool]] = {
    "envoyés à un agent à tort": lambda gold, said: gold.rank < _AGENT <= said.rank,
    "à confier à un agent, manqués": lambda gold, said: said.rank < _AGENT <= gold.rank,
    "urgents, envoyés plus bas": lambda gold, said: said.rank < _URGENT <= gold.rank,
    LEVEL: lambda gold, said: gold.rank != said.rank,
    "type principal différent": lambda gold, said: gold.primary != said.primary,
    "un type donné à tort": lambda gold, said: bool(said.threats - gold.threats),
    "un type manqué": lambda gold, said: bool(gold.threats - said.threats),
    "un drapeau levé à tort": lambda gold, said: bool(said.red_flags - gold.red_flags),
    "un drapeau manqué": lambda gold, said: bool(gold.red_flags - said.red_flags),
}
