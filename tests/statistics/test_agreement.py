"""Kappa, against examples worked out in print."""

from __future__ import annotations

import math

import pytest

from triage.statistics.agreement import cohen_kappa, weighted_agreement, weighted_kappa

# Fleiss, Cohen and Everitt (1969), table 1: two judges, 200 cases, three diagnoses.
TABLE = {(0, 0): 106, (0, 1): 10, (0, 2): 4, (1, 0): 22, (1, 1): 28, (1, 2): 10, (2, 0): 2, (2, 1): 12, (2, 2): 6}
PAIRS = [cell for cell, count in TABLE.items() for _ in range(count)]


def test_the_kappa_of_a_printed_table_and_its_interval() -> None:
    found = cohen_kappa(PAIRS)
    assert found.kappa == pytest.approx(0.429, abs=0.001) and found.pairs == 200
    low, high = found.interval
    assert (high - low) / 2 / 1.96 == pytest.approx(math.sqrt(0.002885), abs=0.001)


def test_ranks_that_are_near_disagree_less() -> None:
    near, far = [(0, 0), (1, 1), (2, 2), (1, 2)] * 10, [(0, 0), (1, 1), (2, 2), (0, 2)] * 10
    assert weighted_agreement(near).kappa > weighted_agreement(far).kappa
    assert weighted_agreement(near).kappa == pytest.approx(weighted_kappa(near))
    assert weighted_agreement(PAIRS).kappa == pytest.approx(weighted_kappa(PAIRS))


def test_perfect_agreement_chance_and_contradiction() -> None:
    assert cohen_kappa([("menace", "menace"), ("raid", "raid")] * 20).kappa == pytest.approx(1)
    assert cohen_kappa([(a, b) for a in "mr" for b in "mr"] * 20).kappa == pytest.approx(0)
    assert cohen_kappa([("m", "r"), ("r", "m")] * 20).kappa == pytest.approx(-1)


def test_a_few_perfect_answers_are_no_certainty() -> None:
    few, many = (cohen_kappa([("menace", "menace"), ("raid", "raid")] * times).interval for times in (6, 60))
    assert few[0] < 0.5 < 0.9 < many[0] and few[1] == many[1] == 1
    constant = cohen_kappa([("menace", "menace")] * 24 + [("menace", "raid")])
    assert constant.kappa == pytest.approx(0) and constant.interval[0] == -1 and constant.interval[1] > 0.9


def test_readers_who_always_say_the_same_one_thing_say_nothing_of_chance() -> None:
    found = cohen_kappa([("menace", "menace")] * 30)
    assert found.kappa == 1 and math.isnan(found.interval[0])
    assert math.isnan(cohen_kappa([]).kappa) and cohen_kappa([]).pairs == 0
