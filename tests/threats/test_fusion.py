"""Death threats told in so many words: never dismissed where the report says whom they struck, however short."""

from __future__ import annotations

import pytest

from tests.conftest import NOW
from triage.engine import Engine
from triage.intake.report import Report

TOLD = [
    "On me menace de mort.",
    "Je suis maire et on me menace de mort.",
    "Je suis secrétaire de mairie et on me menace de mort.",
    "Mon mari est maire, je suis son épouse et on me menace de mort.",
    "Un homme menace de mort ma femme, conseillère municipale.",
    "Ma fille est menacée de mort parce que je suis députée.",
    "Je suis agent d'accueil à la mairie, un usager m'a menacée de mort au téléphone.",
]
NOT_TOLD = [
    "J'ai vu hier soir un film où un juge est menacé de mort par la mafia.",
    "Ce roman raconte un maire menacé de mort en 1943, très beau livre.",
]


@pytest.mark.parametrize("text", TOLD)
def test_a_death_threat_told_in_a_sentence_is_urgent(engine: Engine, text: str) -> None:
    assessment = engine.assess(Report(text), NOW).assessment
    assert "menace" in [threat.type for threat in assessment.threats]
    assert assessment.level.id in ("urgent", "immediate")


@pytest.mark.parametrize("text", NOT_TOLD)
def test_a_story_is_not_a_threat(engine: Engine, text: str) -> None:
    assert not engine.assess(Report(text), NOW).assessment.escalated
