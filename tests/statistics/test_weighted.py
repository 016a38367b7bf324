"""The share missed, estimated from samples of each day: right on average, and its interval holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.statistics.proportions import clopper_pearson
from triage.statistics.weighted import Estimate, Stratum, estimate

# Days: how many reports were not sent to an agent, and how many of them an agent should have seen.
QUIET = [(40, 2), (44, 0), (38, 1), (60, 3), (12, 0)]
UNEVEN = [(400, 4), (20, 2), (90, 9), (1200, 12), (8, 1), (55, 0), (300, 6)]
RARE = [(500, 1), (640, 2), (90, 0), (30, 0), (700, 3), (410, 1), (15, 0), (220, 0)]
WORLDS = {"quiet": QUIET, "uneven": UNEVEN, "rare": RARE}


def size_of(population: int) -> int:
    """How many are drawn: as rules/desk/sampling.yaml says."""
    return min(population, 30, max(5, -(-population // 20)))


def one_sample(world: list[tuple[int, int]], dice: np.random.Generator) -> Estimate:
    drawn = [
        (size_of(population), int(dice.hypergeometric(missed, population - missed, size_of(population))))
        for population, missed in world
    ]
    return estimate([Stratum(people, read, found) for (people, _), (read, found) in zip(world, drawn, strict=True)])


@pytest.mark.parametrize("name", WORLDS)
def test_on_average_the_estimate_is_the_truth_and_its_interval_holds(name: str) -> None:
    world, dice = WORLDS[name], np.random.default_rng(20261128)
    truth = sum(missed for _, missed in world) / sum(population for population, _ in world)
    found = [one_sample(world, dice) for _ in range(4_000)]
    shares = np.array([one.share for one in found])
    assert abs(shares.mean() - truth) < 4 * shares.std() / np.sqrt(len(shares))
    covered = np.mean([one.interval[0] <= truth <= one.interval[1] for one in found])
    assert covered >= 0.93, covered


@given(
    rates=st.lists(st.floats(0, 0.3), min_size=1, max_size=8),
    populations=st.lists(st.integers(5, 900), min_size=8, max_size=8),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_interval_holds_for_any_mixture_of_days(rates: list[float], populations: list[int], seed: int) -> None:
    world = [(people, round(people * rate)) for people, rate in zip(populations, rates, strict=False)]
    truth = sum(missed for _, missed in world) / sum(people for people, _ in world)
    dice = np.random.default_rng(seed)
    held = sum(
        low - 1e-9 <= truth <= high + 1e-9 for low, high in (one_sample(world, dice).interval for _ in range(200))
    )
    assert held >= 0.93 * 200 - 3 * np.sqrt(200 * 0.93 * 0.07)


def test_a_heavy_day_counts_for_more_than_a_light_one() -> None:
    found = estimate([Stratum(1000, 10, 0), Stratum(10, 10, 5)])
    assert found.share == pytest.approx(5 / 1010) and (found.population, found.read, found.found) == (1010, 20, 5)
    assert found.interval[1] < 0.5


def test_one_day_has_the_exact_interval_and_nothing_read_says_nothing() -> None:
    assert estimate([Stratum(200, 20, 1)]).interval == clopper_pearson(1, 20)
    assert estimate([]).read == 0 and estimate([Stratum(40, 5, 0, 0)]).read == 0
    assert estimate([Stratum(200, 20, 0), Stratum(90, 10, 0)]).interval[0] == 0


def test_a_place_is_estimated_from_what_was_read_of_it() -> None:
    found = estimate([Stratum(100, 10, 1, counted=4), Stratum(60, 5, 0, counted=1)])
    assert found.share == pytest.approx(10 / (40 + 12)) and found.population == pytest.approx(52)
