"""Days that nobody means start no clock, and keep no report from being answered."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from triage.engine import Engine
from triage.intake.report import Report

NOW = datetime(2026, 3, 18, 22, 30)
PIRATED = "Le compte Facebook de la mairie est piraté depuis le 31/12/9999, on nous demande 3 000 €."


@pytest.mark.parametrize("began", [None, date.min, date.max])
def test_a_report_with_a_day_that_is_none_is_answered(engine: Engine, began: date | None) -> None:
    made = engine.composer.make(engine.assess(Report(PIRATED, began=began), NOW))
    assert made.clocks and all(one.ends is None or one.ends.year < 2030 for one in made.clocks)
