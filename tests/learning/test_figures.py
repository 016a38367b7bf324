"""How sure the figures are, whether probabilities mean what they say, and what the thresholds promise."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from triage.assessment.disposition import load_policy
from triage.bootstrap import fact_names
from triage.errors import DataError
from triage.learning.calibration import expected_calibration_error, reliability
from triage.learning.evaluation import Labelled, figures
from triage.learning.intervals import clopper_pearson, intervals
from triage.learning.publicsets import measure
from triage.learning.thresholds import guarantee
from triage.settings import Settings
from triage.threats.kinds import load_kinds

RULES = Settings().rules
POLICY = load_policy(RULES, list(load_kinds(RULES)), fact_names(RULES))


@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    [(0, 10, 0.0, 0.3085), (5, 10, 0.1871, 0.8129), (10, 10, 0.6915, 1.0), (1, 46, 0.0006, 0.1153)],
)
def test_exact_intervals(successes: int, total: int, low: float, high: float) -> None:
    assert clopper_pearson(successes, total) == pytest.approx((low, high), abs=1e-3)


def test_no_report_no_interval() -> None:
    assert all(math.isnan(bound) for bound in clopper_pearson(0, 0))


def test_every_interval_holds_its_figure() -> None:
    levels = ["advice", "guided", "agent", "urgent", "immediate"] * 12
    gold = [Labelled(frozenset(["menace"]), "menace", level, frozenset(["arme"])) for level in levels]
    guess = [Labelled(frozenset(["menace"]), "menace", level, frozenset()) for level in [*levels[1:], "advice"]]
    measured = figures(gold, guess)
    for name, (low, high) in intervals(gold, guess).items():
        assert low - 1e-9 <= measured[name] <= high + 1e-9, name


def test_reliable_probabilities_have_no_error() -> None:
    said = np.repeat(np.array([0.25, 0.75], np.float32), 400)
    told = np.concatenate([np.arange(400) < 100, np.arange(400) < 300])
    table = reliability(said, told)
    assert [(one.count, round(one.true, 2)) for one in table] == [(400, 0.25), (400, 0.75)]
    assert expected_calibration_error(table) == pytest.approx(0.0, abs=1e-6)
    assert expected_calibration_error(reliability(said, ~told)) == pytest.approx(0.5, abs=1e-6)


def test_the_promise_is_kept_on_other_reports() -> None:
    """The threshold chosen on some reports misses no more than promised of others of the same making."""
    dice = np.random.default_rng(1)

    def reports(size: int) -> tuple[np.ndarray, np.ndarray]:
        urgent = dice.random(size) < 0.3
        return np.clip(np.where(urgent, 0.75, 0.25) + dice.normal(0, 0.18, size), 0, 1), urgent

    bound = guarantee(*reports(2500), POLICY)
    assert bound is not None
    scores, urgent = reports(20_000)
    assert np.mean(scores[urgent] < bound.threshold) <= POLICY.most_missed
    assert np.mean(scores[~urgent] >= bound.threshold) < 0.5, "a threshold that calls for everybody promises nothing"


def test_what_cannot_be_promised_is_not() -> None:
    dice = np.random.default_rng(2)
    assert guarantee(np.zeros(400), dice.random(400) < 0.5, POLICY) is None
    assert guarantee(np.ones(20), np.ones(20, bool), POLICY) is None


def test_public_comments_are_answered_yes_or_no(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "tweet,sentiment\nbonjour à tous,normal\nquelle ordure,offensive_normal\n"
        "j'ai peur,fearful\nquel temps,normal\n",
        encoding="utf-8",
    )
    answered = measure(path, lambda text: ["injure"] if "o" in text[:2] or "ordure" in text else ["hors_perimetre"])
    assert (answered.both, answered.missed, answered.alarmed, answered.calm) == (1, 0, 1, 1)
    assert (answered.precision, answered.recall) == (0.5, 1.0)
    for unreadable in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(DataError, match="illisible"):
            measure(unreadable, lambda text: [])
    path.write_text("texte,classe\na,b\n", encoding="utf-8")
    with pytest.raises(DataError, match="colonnes attendues"):
        measure(path, lambda text: [])
