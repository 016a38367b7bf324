"""Questions are asked only when an answer could change something, the weightiest first."""

from __future__ import annotations

from triage.assessment.facts import Fact
from triage.assessment.questions import given
from triage.engine import Engine
from triage.threats.fusion import Threat


def asked(engine: Engine, kind: str, facts: str = "", answered: tuple[str, ...] = ()) -> list[str]:
    told = {name: Fact(name, value, "rule") for name, value in (pair.split("=") for pair in facts.split())}
    assessment = engine.assessor.assess([Threat(kind, 1.0, ())], told, [], {}, {}, answered)
    return [question.id for question in assessment.questions]


def test_an_unknown_that_decides_is_asked(engine: Engine) -> None:
    assert "compte" in asked(engine, "piratage_compte")


def test_what_is_told_is_not_asked(engine: Engine) -> None:
    assert asked(engine, "piratage_compte", "controle_attaquant=oui compte_utilise=oui") == []


def test_what_changes_nothing_is_not_asked(engine: Engine) -> None:
    assert asked(engine, "rancongiciel") == []
    assert asked(engine, "hors_perimetre") == []


def test_three_at_most_and_the_weightiest_first(engine: Engine) -> None:
    questions = asked(engine, "menace")
    assert 1 <= len(questions) <= 3
    assert questions[0] == "danger"


def test_a_question_answered_is_not_asked_again(engine: Engine) -> None:
    assert "danger" not in asked(engine, "menace", answered=("danger",))


def test_a_clock_alone_is_reason_enough(engine: Engine) -> None:
    assert asked(engine, "injure") == ["visible"]


def test_answers_establish_facts_and_flags(engine: Engine) -> None:
    told = given({"argent": "recent", "inconnue": "x", "danger": "peut-être"}, engine.assessor.questions)
    assert (told.facts, told.flags) == ({"argent_parti": "oui", "argent_ancien": "non"}, ("argent_recent",))
