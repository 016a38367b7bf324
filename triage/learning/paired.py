"""Two models on the same texts: how much one differs from the other, and whether that may be chance."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, norm

Bools = NDArray[np.bool_]
Counts = NDArray[np.int64]
Interval = tuple[float, float]
_SEED = 20261128
_DRAWS = 4_000
_FOUND, _MISSED = (1, 0, 0), (0, 0, 1)


def mcnemar(lost: int, gained: int) -> float:
    """The chance of losing so many texts, or more, were both models as good: exact, one-sided.

    McNemar, Q. (1947), Note on the sampling error of the difference between correlated proportions. `lost` texts were
    right before and are wrong after; `gained` the reverse.
    """
    return float(binom.sf(lost - 1, lost + gained, 0.5))


def difference(lost: int, gained: int, total: int, confidence: float = 0.95) -> Interval:
    """The interval of the difference of two paired proportions, after minus before.

    Bonett, D. and Price, R. (2012), Adjusted Wald confidence interval for a difference of binomial proportions based
    on paired data: one text of each kind is added, so that few texts give a wide interval, never an empty one.
    """
    if total == 0:
        return math.nan, math.nan
    worse, better = (lost + 1) / (total + 2), (gained + 1) / (total + 2)
    half = float(norm.ppf((1 + confidence) / 2)) * math.sqrt((worse + better - (better - worse) ** 2) / (total + 2))
    return better - worse - half, better - worse + half


def permuted(before: Counts, after: Counts) -> float:
    """The chance that F1 falls as much, or more, were the two models' answers exchangeable text by text: one-sided.

    `before` and `after`: found, extra and missed labels of each text, of shape (texts, 3). Approximate randomisation:
    Yeh, A. (2000), More accurate tests for the statistical significance of result differences.
    """
    swaps = np.random.default_rng(_SEED).random((_DRAWS, len(before))) < 0.5
    moved = swaps @ (after - before)
    falls = _f1(before.sum(axis=0) + moved) - _f1(after.sum(axis=0) - moved)
    seen = _f1(before.sum(axis=0)) - _f1(after.sum(axis=0))
    return float((1 + np.sum(falls >= seen - 1e-12)) / (1 + _DRAWS))


def resampled(before: Counts, after: Counts, confidence: float = 0.95) -> Interval:
    """The interval of the difference of F1, after minus before: texts drawn again with both answers (Efron, 1979).

    One text lost and one gained are added, as in `difference`: few texts give a wide interval.
    """
    if not len(before):
        return math.nan, math.nan
    before, after = np.vstack([before, [_FOUND, _MISSED]]), np.vstack([after, [_MISSED, _FOUND]])
    size = len(before)
    weights = np.random.default_rng(_SEED).multinomial(size, [1 / size] * size, _DRAWS)
    gaps = _f1(weights @ after) - _f1(weights @ before)
    low, high = np.quantile(gaps, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def f1(counts: Counts) -> float:
    """F1 of all texts together."""
    return float(_f1(counts.sum(axis=0)))


def holm(chances: Sequence[float], level: float) -> list[bool]:
    """Which of several tests are significant together, at `level` for all of them (Holm, 1979)."""
    order = sorted(range(len(chances)), key=lambda i: chances[i])
    found = [False] * len(chances)
    for rank, i in enumerate(order):
        if chances[i] > level / (len(chances) - rank):
            break
        found[i] = True
    return found


def _f1(totals: Counts) -> NDArray[np.float64]:
    found, extra, missed = (totals[..., i] for i in range(3))
    return np.where(found > 0, 2 * found / np.maximum(2 * found + extra + missed, 1), 0.0)
