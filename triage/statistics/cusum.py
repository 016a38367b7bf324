"""Watches a rate night after night without crying wolf: a cumulative sum of log-likelihood ratios."""

from __future__ import annotations

import math


def grown(height: float, found: int, total: int, usual: float, drift: float) -> float:
    """The height of the chart after one more night, on which `found` of `total` were counted.

    Page, E. (1954), Continuous inspection schemes: the log of the likelihood of `drift` against that of the `usual`
    rate is summed, and never falls under 0. It waits for as long as it takes and sees a change whenever it comes.
    """
    told = found * math.log(drift / usual) + (total - found) * math.log((1 - drift) / (1 - usual))
    return max(0.0, height + told)


def limit(nights: int, charts: int) -> float:
    """The height at which something is said: `charts` watched together give a false alarm once in `nights`, at most.

    Lorden, G. (1971), Procedures for reacting to a change in distribution: with a limit of ln A, a rate that is the
    usual one or lower takes A nights on average, at least, to reach it. Within n nights the chance is n / A at most
    (Doob's inequality for the sum of Shiryaev and Roberts, which is never under Page's), whatever the number looked at
    each night. Charts together: Bonferroni.
    """
    return math.log(nights * charts)
