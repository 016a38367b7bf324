"""What is aimed at. A goal met with margin is `held`: missing it fails the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.side_by_side.timing import Ratio, Times, ratio


@dataclass(frozen=True)
class Goal:
    """`over` / `under` must be at least (or at most) `bound`."""

    title: str
    over: tuple[str, ...]
    under: tuple[str, ...]
    bound: float
    at_least: bool
    held: bool = False

    def met(self, found: Ratio) -> bool:
        """Whether the ratio of medians is on the right side of the bound."""
        return found.value >= self.bound if self.at_least else found.value <= self.bound


GOALS = (
    Goal(
        "plus rapide que spaCy textcat avec ses phrases : son temps sur le nôtre, plus de 1",
        ("textcat",),
        ("ours",),
        1,
        True,
    ),
    Goal(
        "pas plus lent qu'edsnlp plus le vectoriseur : leur temps sur le nôtre, 1 ou plus",
        ("eds", "vectoriser"),
        ("ours",),
        1,
        True,
    ),
    Goal(
        "quarante fois plus rapide qu'un transformeur à un fil, comme nous",
        ("one_thread",),
        ("ours",),
        40,
        True,
        held=True,
    ),
    Goal("la même chose contre le meilleur de ses deux temps", ("transformer",), ("ours",), 40, True),
    Goal(
        "deux fois le plancher au plus : notre temps sur le sien",
        ("ours",),
        ("tokeniser", "vectoriser"),
        2,
        False,
        held=True,
    ),
)


def judge(taken: Mapping[str, Times]) -> dict[Goal, Ratio]:
    """Each goal with what was measured."""
    return {one: ratio(_sum(taken, one.over), _sum(taken, one.under)) for one in GOALS}


def _sum(taken: Mapping[str, Times], names: tuple[str, ...]) -> Times:
    return np.sum([taken[name] for name in names], axis=0)
