"""Whether probabilities mean what they say: reliability table and expected calibration error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Bin:
    """Of `count` answers given a probability between `low` and `high`, said to be `said` on average, `true` were so."""

    low: float
    high: float
    count: int
    said: float
    true: float


def reliability(chances: NDArray[np.float32], truth: NDArray[np.bool_], bins: int = 10) -> list[Bin]:
    """The reliability diagram as a table, for probabilities of any shape; empty bins are left out."""
    said, true = chances.ravel(), truth.ravel()
    place = np.minimum((said * bins).astype(int), bins - 1)
    return [
        Bin(i / bins, (i + 1) / bins, int(here.sum()), float(said[here].mean()), float(true[here].mean()))
        for i in range(bins)
        if (here := place == i).any()
    ]


def expected_calibration_error(table: list[Bin]) -> float:
    """The mean gap between what is said and what is true, weighted by answers (Naeini et al., 2015)."""
    total = sum(one.count for one in table) or 1
    return sum(one.count * abs(one.said - one.true) for one in table) / total
