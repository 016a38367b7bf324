"""Two models on the same texts: what is told of their difference, against values known from elsewhere."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from triage.learning.paired import difference, f1, holm, mcnemar, permuted, resampled


@pytest.mark.parametrize(("lost", "gained"), [(0, 0), (1, 0), (5, 0), (8, 2), (2, 8), (30, 25)])
def test_the_exact_test_is_the_one_sided_sign_test(lost: int, gained: int) -> None:
    wanted = binomtest(lost, lost + gained, alternative="greater").pvalue if lost + gained else 1.0
    assert mcnemar(lost, gained) == pytest.approx(wanted)


def test_the_interval_of_a_paired_difference() -> None:
    """Bonett and Price (2012), equation 2, by hand: 4 lost, 14 gained of 100 texts."""
    low, high = difference(4, 14, 100)
    worse, better = 5 / 102, 15 / 102
    half = 1.959964 * math.sqrt((worse + better - (better - worse) ** 2) / 102)
    assert (low, high) == pytest.approx((better - worse - half, better - worse + half), abs=1e-6)
    assert 0 < low < (14 - 4) / 100 < high


@pytest.mark.parametrize(
    ("lost", "gained", "total", "worse"),
    [(0, 0, 20, False), (1, 0, 20, False), (3, 0, 20, False), (9, 0, 20, True), (9, 8, 20, False)],
)
def test_few_texts_prove_nothing(lost: int, gained: int, total: int, worse: bool) -> None:
    assert (difference(lost, gained, total)[1] < 0) is worse


def test_no_text_tells_nothing() -> None:
    assert all(map(math.isnan, difference(0, 0, 0)))


def test_several_tests_are_corrected_for_their_number() -> None:
    """Holm (1979): 0.01 is under 0.05 / 4 and 0.013 under 0.05 / 3; 0.03 is over 0.05 / 2, and stops the rest."""
    assert holm([0.03, 0.01, 0.04, 0.013], 0.05) == [False, True, False, True]
    assert holm([0.02] * 5, 0.05) == [False] * 5
    assert holm([], 0.05) == []


def counted(found: int, extra: int, missed: int, texts: int) -> np.ndarray:
    return np.array([(found, extra, missed)] * texts)


def test_f1_that_falls_is_seen_and_the_same_is_not() -> None:
    good, bad = counted(1, 0, 0, 60), counted(1, 0, 0, 60)
    bad[:12] = (0, 1, 1)
    assert f1(good) == 1
    assert f1(bad) == pytest.approx(0.8)
    assert permuted(good, bad) < 0.01
    assert permuted(bad, good) > 0.99
    assert permuted(good, good) == 1
    low, high = resampled(good, bad)
    assert low < f1(bad) - f1(good) < high < 0
    low, high = resampled(good, good)
    assert low == pytest.approx(-high)
    assert 0 < high < 0.05


def test_labels_that_nobody_has_give_no_f1() -> None:
    assert f1(counted(0, 0, 0, 3)) == 0
    assert permuted(counted(0, 0, 0, 3), counted(0, 0, 0, 3)) == 1
