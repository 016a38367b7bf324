"""A proportion of a population of which each day's sample stands for that day: what was found, weighted back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from triage.statistics.proportions import Interval, clopper_pearson


@dataclass(frozen=True)
class Stratum:
    """A day: of `population` reports, how many were `read`, drawn at random; `found` among them.

    `counted`: how many of those read are looked at (those of a place, say); all of them, unless told.
    """

    population: int
    read: int
    found: int
    counted: int | None = None

    @property
    def looked_at(self) -> int:
        """How many of those read count."""
        return self.read if self.counted is None else self.counted

    @property
    def weight(self) -> float:
        """How many reports each one that was read stands for."""
        return self.population / self.read


@dataclass(frozen=True)
class Estimate:
    """The share of the population, its 95 % interval, the size of the population, and how many were read and found."""

    share: float
    interval: Interval
    population: float
    read: int
    found: int


def estimate(strata: Sequence[Stratum]) -> Estimate:
    """The share found in the population of all the days together; days of which nothing was read tell nothing.

    The total is that of Horvitz and Thompson (1952), stratified by day: each report read counts for as many as its day
    had for one read. The interval is exact (Clopper and Pearson, 1934) when all count the same, as on one day; else it
    is that of Fay and Feuer (1997, *Statistics in Medicine*, volume 16) for weighted sums of rare counts, which holds
    its level for small counts and none. Reading a large part of a day does not narrow either: they cover the rate at
    which the programme misses, not only what it missed on those days.
    """
    known = [one for one in strata if one.looked_at]
    size = sum(one.weight * one.looked_at for one in known)
    read, found = sum(one.looked_at for one in known), sum(one.found for one in known)
    if not known:
        return Estimate(math.nan, (math.nan, math.nan), 0.0, 0, 0)
    share = sum(one.weight * one.found for one in known) / size
    if math.isclose(min(one.weight for one in known), max(one.weight for one in known)):
        return Estimate(share, clopper_pearson(found, read), size, read, found)
    return Estimate(share, _fay_feuer([(one.weight / size, one.found) for one in known]), size, read, found)


def _fay_feuer(counts: Sequence[tuple[float, int]], confidence: float = 0.95) -> Interval:
    """The interval of a sum of counts, each with the weight given first."""
    tail = (1 - confidence) / 2
    total = sum(weight * count for weight, count in counts)
    variance = sum(weight**2 * count for weight, count in counts)
    heaviest = max(weight for weight, _ in counts)
    low = _gamma(tail, total, variance) if total else 0.0
    return low, min(1.0, _gamma(1 - tail, total + heaviest, variance + heaviest**2))


def _gamma(probability: float, mean: float, variance: float) -> float:
    """The quantile of the gamma law of this mean and variance."""
    from scipy.special import gammaincinv  # here, as for proportions

    return float(gammaincinv(mean**2 / variance, probability)) * variance / mean
