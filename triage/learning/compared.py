"""A candidate beside the model that serves: the figures of both on the frozen texts, overall, by type and by group."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from triage.intake.report import Kind
from triage.learning.corpus import Example
from triage.learning.evaluation import LEVELS, Labelled
from triage.learning.paired import Bools, Counts, Interval, difference, f1, mcnemar, permuted, resampled
from triage.learning.policy import Group

_AGENT, _URGENT = LEVELS.index("agent"), LEVELS.index("urgent")
Pair = Callable[[Labelled, Labelled], bool]


@dataclass(frozen=True)
class Judged:
    """The frozen texts, what readers say of them, and what the two models say."""

    examples: Sequence[Example]
    gold: Sequence[Labelled]
    before: Sequence[Labelled]
    after: Sequence[Labelled]

    def where(self, keep: Callable[[Example], bool]) -> Judged:
        """Only the texts to keep."""
        return self._at([i for i, example in enumerate(self.examples) if keep(example)])

    def of_type(self, name: str) -> Judged:
        """Only the texts where a reader or a model sees that type."""
        said = zip(self.gold, self.before, self.after, strict=True)
        return self._at([i for i, three in enumerate(said) if any(name in one.threats for one in three)])

    def _at(self, places: Sequence[int]) -> Judged:
        parts = (self.examples, self.gold, self.before, self.after)
        return Judged(*([part[i] for i in places] for part in parts))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Compared:
    """One figure of the two models; a higher one is better. `chance`: of falling so low were both as good, if tested.

    `of` is what it was measured on: a kind of text, a type, a group; `size` counts its texts.
    """

    of: str
    figure: str
    size: int
    before: float
    after: float
    interval: Interval
    chance: float

    @property
    def worse(self) -> bool:
        """Whether the whole interval of the difference is below zero."""
        return self.interval[1] < 0


@dataclass(frozen=True)
class Rate:
    """A share of texts: of those that readers `count`, those that a model gets `right`."""

    label: str
    counts: Callable[[Labelled], bool]
    right: Pair


RATES = (
    Rate("type principal juste", lambda gold: True, lambda gold, guess: gold.primary == guess.primary),
    Rate("niveau juste", lambda gold: True, lambda gold, guess: gold.rank == guess.rank),
    Rate("urgences reconnues", lambda gold: gold.rank >= _URGENT, lambda gold, guess: guess.rank >= _URGENT),
    Rate("textes confiés à un agent à raison", lambda gold: gold.rank >= _AGENT, lambda _, guess: guess.rank >= _AGENT),
    Rate("textes laissés sans agent à raison", lambda gold: gold.rank < _AGENT, lambda _, guess: guess.rank < _AGENT),
)
_Labels = Callable[[Labelled], frozenset[str]]
_LABELS: dict[str, _Labels] = {
    "types trouvés (F1)": lambda one: one.threats,
    "drapeaux trouvés (F1)": lambda one: one.red_flags,
}
_BY_GROUP = RATES[:3]


def overall(judged: Judged, kind: Kind, confidence: float) -> list[Compared]:
    """Every figure on the texts of a kind."""
    here = judged.where(lambda example: example.kind == kind)
    shares = [_rate(kind, here, rate, confidence) for rate in RATES]
    return shares + [_labels(kind, here, name, labels, confidence, tested=True) for name, labels in _LABELS.items()]


def by_type(judged: Judged, types: Sequence[str], confidence: float) -> list[Compared]:
    """F1 of each type, on the texts where a reader or a model sees it."""
    return [
        _labels(name, judged.of_type(name), "F1", lambda one, name=name: one.threats & {name}, confidence)  # type: ignore[misc]
        for name in types
    ]


def by_group(judged: Judged, groups: Sequence[Group], confidence: float) -> Iterator[Compared]:
    """The main figures on each group, then on each author of the frozen texts."""
    for group in groups:
        here = judged.where(group.holds)
        yield from (_rate(group.label, here, rate, confidence) for rate in _BY_GROUP)
    for voice in sorted({example.group for example in judged.examples}):
        here = judged.where(lambda example, voice=voice: example.group == voice)  # type: ignore[misc]
        yield from (_rate(f"auteur {voice}", here, rate, confidence) for rate in _BY_GROUP)


def points(value: float) -> str:
    """« −1,2 »: a difference in points; a small one with two decimals, so that its sign is seen, and never « −0,0 »."""
    for decimals in (1, 2):
        told = f"{100 * value:+.{decimals}f}"
        if float(told):
            return told.replace(".", ",").replace("-", "−")
    return "0,0"


def share(value: float | None) -> str:
    """« 93,2 % »; a dash for what cannot be told."""
    return "–" if value is None or math.isnan(value) else f"{100 * value:.1f} %".replace(".", ",")


def _rate(of: str, judged: Judged, rate: Rate, confidence: float) -> Compared:
    told = [i for i, gold in enumerate(judged.gold) if rate.counts(gold)]
    before = np.array([rate.right(judged.gold[i], judged.before[i]) for i in told], bool)
    after = np.array([rate.right(judged.gold[i], judged.after[i]) for i in told], bool)
    lost, gained = int(np.sum(before & ~after)), int(np.sum(after & ~before))
    interval = difference(lost, gained, len(told), confidence)
    return Compared(of, rate.label, len(told), _mean(before), _mean(after), interval, mcnemar(lost, gained))


def _labels(of: str, judged: Judged, figure: str, labels: _Labels, confidence: float, tested: bool = False) -> Compared:
    before, after = (_counted(judged.gold, said, labels) for said in (judged.before, judged.after))
    shown = (f1(before), f1(after))
    chance = permuted(before, after) if tested else math.nan
    return Compared(of, figure, len(before), *shown, resampled(before, after, confidence), chance)


def _counted(gold: Sequence[Labelled], said: Sequence[Labelled], labels: _Labels) -> Counts:
    """Labels found, extra and missed in each text."""
    pairs = [(labels(truth), labels(guess)) for truth, guess in zip(gold, said, strict=True)]
    counts = [(len(truth & guess), len(guess - truth), len(truth - guess)) for truth, guess in pairs]
    return np.array(counts, np.int64).reshape(-1, 3)


def _mean(values: Bools) -> float:
    return float(values.mean()) if len(values) else math.nan
