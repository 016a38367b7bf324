"""What a threshold moves: reports sent to an agent, and those that deserved it and were missed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from triage.learning.analysis.measures import ranks
from triage.learning.evaluation import LEVELS
from triage.learning.intervals import Interval, clopper_pearson
from triage.learning.thresholds import RAISED

GRID = tuple(round(x, 2) for x in np.arange(0.05, 1.0, 0.05).tolist())


def levels_at(frame: pd.DataFrame, raise_at: Mapping[str, float]) -> pd.Series[int]:
    """The rank of the level that each report would get, were the model's opinion heard from these thresholds on."""
    rank = frame["base_rank"].astype(int).copy()
    for level in RAISED:
        heard = frame[f"chance_{level}"] >= raise_at.get(level, math.inf)
        rank = rank.where(~heard, rank.clip(lower=LEVELS.index(level)))
    return rank


def curve(
    frame: pd.DataFrame,
    level: str,
    raise_at: Mapping[str, float],
    weights: pd.Series[float] | None = None,
    grid: Sequence[float] = GRID,
) -> pd.DataFrame:
    """threshold, called, missed, low, high, over, low_over, high_over: as the threshold of `level` moves alone.

    `called`: share of reports sent at `level` or above; `missed`: of those that deserved it, the share sent lower,
    with its 95 % interval; `over`: of those that did not, the share sent so high. `weights`: what each text stands for.
    """
    told = pd.Series(1.0, index=frame.index) if weights is None else weights
    rank = LEVELS.index(level)
    deserved = ranks(frame["disposition"]) >= rank
    rows = []
    for threshold in grid:
        called = levels_at(frame, {**raise_at, level: threshold}) >= rank
        missed, over = _share(~called, deserved, told), _share(called, ~deserved, told)
        rows.append((threshold, float((told * called).sum() / told.sum()), *missed, *over))
    names = ["threshold", "called", "missed", "low", "high", "over", "low_over", "high_over"]
    return pd.DataFrame(rows, columns=names)


def costs(curved: pd.DataFrame, deserved: float, miss_cost: float) -> pd.DataFrame:
    """`curved` with `cost`: what 1,000 reports cost, in reports sent too high, a missed one counting `miss_cost`.

    `deserved` is the share of reports that deserve the level.
    """
    price = 1000 * (curved["over"] * (1 - deserved) + miss_cost * curved["missed"] * deserved)
    return curved.assign(cost=price)


def deserved_share(frame: pd.DataFrame, level: str, weights: pd.Series[float]) -> float:
    """The share of reports that deserve `level` or above."""
    return float((weights * (ranks(frame["disposition"]) >= LEVELS.index(level))).sum() / weights.sum())


def level_shares(
    frame: pd.DataFrame, raise_at: Mapping[str, float], weights: pd.Series[float] | None = None
) -> dict[str, float]:
    """Level → share of the reports that get it."""
    told = pd.Series(1.0, index=frame.index) if weights is None else weights
    found = told.groupby(levels_at(frame, raise_at)).sum() / told.sum()
    return {level: float(found.get(rank, 0.0)) for rank, level in enumerate(LEVELS)}


def weighted_interval(found: pd.Series[bool], weights: pd.Series[float]) -> Interval:
    """The 95 % interval of a weighted share.

    Exact (Clopper and Pearson), on as many texts as the weights leave (Kish's effective size): Korn, E. and Graubard,
    B. (1998), Confidence intervals for proportions with small expected number of positive counts.
    """
    if not len(weights) or not weights.sum():
        return math.nan, math.nan
    size = max(1, round(float(weights.sum() ** 2 / (weights**2).sum())))
    return clopper_pearson(round(float((weights * found).sum() / weights.sum() * size)), size)


def _share(found: pd.Series[bool], among: pd.Series[bool], weights: pd.Series[float]) -> tuple[float, float, float]:
    told, here = weights[among], found[among]
    total = float(told.sum())
    return (float((told * here).sum()) / total if total else math.nan, *weighted_interval(here, told))
