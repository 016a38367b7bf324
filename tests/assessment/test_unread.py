"""What the engine cannot have read must not pass for harmless; what rules see must not be talked away."""

from __future__ import annotations

import pytest

from tests.conftest import NOW
from triage.engine import Engine
from triage.errors import IntakeError
from triage.intake.report import Report

UNREAD = [
    "سوف أقتلك هذه الليلة",
    "Я убью тебя этой ночью",
    "😂🔪💀",
    "I read your book last week and my friends would like to meet you at the town hall",
]


@pytest.mark.parametrize("text", UNREAD)
def test_a_text_that_is_not_understood_is_seen_by_an_agent(engine: Engine, text: str) -> None:
    assessment = engine.assess(Report(text), NOW).assessment
    assert assessment.escalated
    assert assessment.primary == "indetermine"


@pytest.mark.parametrize("text", ["\u200b\u200b\u200b", " \u2060 \n", "\ufeff"])
def test_what_shows_nothing_is_empty(engine: Engine, text: str) -> None:
    with pytest.raises(IntakeError, match="vide"):
        engine.assess(Report(text), NOW)


def test_a_threat_in_another_language_that_rules_know_is_a_threat(engine: Engine) -> None:
    text = "I will kill you tonight, you and your children, I know where you live"
    assert engine.assess(Report(text), NOW).assessment.escalated


def test_a_leak_that_a_rule_names_is_not_out_of_scope(engine: Engine) -> None:
    told = engine.assess(Report("On m'a annoncé une fuite de données des habitants il y a dix jours."), NOW).assessment
    assert told.primary != "hors_perimetre"
    assert told.escalated
