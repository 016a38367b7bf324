"""Times taken in turns, and what they say with how sure they are."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.side_by_side.contenders import Work

Times = NDArray[np.float64]
_RESAMPLED = 2000


def timed(
    contenders: Mapping[str, Work], texts: Sequence[str], clock: Callable[[], float] = time.process_time
) -> dict[str, Times]:
    """Seconds that each takes for each text. All read a text before the next, in an order drawn each time.

    Whatever else the machine does thus weighs on all alike; seconds of processor feel it least, and are those of the
    clock for what runs in one thread on a machine at rest.
    """
    chance = random.Random(7)
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for text in texts:
        for name in chance.sample(list(contenders), len(contenders)):
            start = clock()
            contenders[name](text)
            taken[name].append(clock() - start)
    return {name: np.array(times) for name, times in taken.items()}


@dataclass(frozen=True)
class Ratio:
    """How many times the median of one holds that of the other, and the 95 % interval of that."""

    value: float
    low: float
    high: float


def ratio(times: Times, other: Times) -> Ratio:
    """`times` over `other`, taken on the same texts; the interval by drawing the texts again."""
    drawn = np.random.default_rng(7).integers(len(times), size=(_RESAMPLED, len(times)))
    found = np.median(times[drawn], axis=1) / np.median(other[drawn], axis=1)
    low, high = np.quantile(found, (0.025, 0.975))
    return Ratio(float(np.median(times) / np.median(other)), float(low), float(high))
