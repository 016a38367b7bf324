"""How far two readers agree beyond chance."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from triage.statistics.proportions import Interval, clopper_pearson

T = TypeVar("T", bound=Hashable)
_TWO_SIDED = 1.959964  # of the normal law, for 95 %
_NO_WIDTH = 1e-12


@dataclass(frozen=True)
class Agreement:
    """A kappa (1: always the same answer; 0: no more than by chance), its 95 % interval, and of how many pairs."""

    kappa: float
    interval: Interval
    pairs: int


def cohen_kappa(pairs: Sequence[tuple[T, T]]) -> Agreement:
    """Cohen's kappa (1960) for answers that are the same or not."""
    return _kappa(pairs, lambda one, other: float(one == other))


def weighted_agreement(pairs: Sequence[tuple[int, int]]) -> Agreement:
    """Cohen's kappa (1968) for ranks: a disagreement counts as the square of how far apart the two are."""
    span = max((abs(one - other) for one, _ in pairs for _, other in pairs), default=0) ** 2 or 1
    return _kappa(pairs, lambda one, other: 1 - (one - other) ** 2 / span)


def weighted_kappa(pairs: Sequence[tuple[int, int]]) -> float:
    """Quadratic weighted kappa of ranks (Cohen, 1968)."""
    size = len(pairs) or 1
    rows, columns = Counter(g for g, _ in pairs), Counter(p for _, p in pairs)
    observed = sum((g - p) ** 2 for g, p in pairs)
    expected = sum(rows[i] * columns[j] * (i - j) ** 2 for i in rows for j in columns) / size
    return 1 - observed / expected if expected else 1.0


def _kappa(pairs: Sequence[tuple[T, T]], weight: Callable[[T, T], float]) -> Agreement:
    """The kappa of these weights; its interval is that of Fleiss, Cohen and Everitt (1969), kept within -1 and 1.

    Where theirs has no width (perfect agreement, a reader who always gives the one answer), it is made from the exact
    interval of the share of pairs that are the same, chance held fixed as Cohen (1960) does. When both always give the
    one answer, kappa says nothing: 1, and no interval.
    """
    size = len(pairs)
    if not size:
        return Agreement(math.nan, (math.nan, math.nan), 0)
    cells = {cell: count / size for cell, count in Counter(pairs).items()}
    rows = {name: count / size for name, count in Counter(one for one, _ in pairs).items()}
    columns = {name: count / size for name, count in Counter(other for _, other in pairs).items()}
    observed = sum(share * weight(*cell) for cell, share in cells.items())
    expected = sum(rows[i] * columns[j] * weight(i, j) for i in rows for j in columns)
    if math.isclose(expected, 1.0):
        return Agreement(1.0, (math.nan, math.nan), size)
    kappa = (observed - expected) / (1 - expected)
    by_row = {i: sum(columns[j] * weight(i, j) for j in columns) for i in rows}
    by_column = {j: sum(rows[i] * weight(i, j) for i in rows) for j in columns}
    spread = sum(
        share * (weight(i, j) * (1 - expected) - (by_row[i] + by_column[j]) * (1 - observed)) ** 2
        for (i, j), share in cells.items()
    )
    variance = (spread - (observed * expected - 2 * expected + observed) ** 2) / (size * (1 - expected) ** 4)
    half = _TWO_SIDED * math.sqrt(max(0.0, variance))
    low, high = kappa - half, kappa + half
    if variance < _NO_WIDTH:
        same = clopper_pearson(sum(one == other for one, other in pairs), size)
        low, high = ((side - expected) / (1 - expected) for side in same)
    return Agreement(kappa, (max(-1.0, low), min(1.0, high)), size)
