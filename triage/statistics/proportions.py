"""How sure a proportion is: exact bounds."""

from __future__ import annotations

import math

Interval = tuple[float, float]


def clopper_pearson(successes: int, total: int, confidence: float = 0.95) -> Interval:
    """The exact two-sided interval of a proportion (Clopper and Pearson, 1934)."""
    if total == 0:
        return math.nan, math.nan
    from scipy.special import betaincinv  # here: few pages show a proportion, and each process would keep SciPy

    tail = (1 - confidence) / 2
    low = float(betaincinv(successes, total - successes + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, total - successes, 1 - tail)) if successes < total else 1.0
    return low, high


def upper95(misses: int, total: int) -> float:
    """One-sided 95 % upper bound of a proportion (Clopper and Pearson, 1934), by bisection."""
    if total == 0 or misses >= total:
        return 1.0
    low, high = misses / total, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        tail = sum(math.comb(total, k) * middle**k * (1 - middle) ** (total - k) for k in range(misses + 1))
        low, high = (middle, high) if tail > 0.05 else (low, middle)
    return high
