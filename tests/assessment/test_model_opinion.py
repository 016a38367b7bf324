"""What the model may and may not do alone: explain a level, rule out faint signs, never silence a clear one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conftest import NOW
from triage.assessment.facts import Fact
from triage.assessment.red_flags import credible, raised
from triage.engine import Engine
from triage.intake.report import Report
from triage.signals.matching import search
from triage.threats.fusion import Threat, Thresholds, by_model

RAISE_AT = {"agent": 0.6, "urgent": 0.4, "immediate": 0.2}


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        ({}, "guided"),  # an insult told with emotion: nothing explains more
        ({"threat:haine": 0.2}, "agent"),  # perhaps hate: that would
        ({"flag:detresse": 0.3}, "agent"),  # perhaps distress: that would too
        ({"flag:preuve_ephemere": 0.9}, "guided"),  # a flag that changes no level explains none
        ({"threat:haine": 0.05}, "guided"),  # too faint
    ],
)
def test_a_level_needs_something_that_explains_it(engine: Engine, heard: dict[str, float], expected: str) -> None:
    opinion = {"level:agent": 0.95, "level:urgent": 0.1, "threat:injure": 0.99, **heard}
    decided = engine.assessor.assess([Threat("injure", 1.0, ())], {}, [], opinion, RAISE_AT, ())
    assert decided.level.id == expected


def test_a_told_fact_takes_the_explanation_away(engine: Engine) -> None:
    """A false account taken down is guided: the model's opinion does not bring it back."""
    heard = {"level:agent": 0.95, "threat:usurpation": 0.99}
    gone = {"retire": Fact("retire", "oui", "rule")}
    threats = [Threat("usurpation", 1.0, ())]
    assert engine.assessor.assess(threats, gone, [], heard, RAISE_AT, ()).level.id == "guided"
    assert engine.assessor.assess(threats, {}, [], heard, RAISE_AT, ()).level.id == "agent"


def test_faint_signs_can_be_ruled_out_and_clear_ones_cannot(engine: Engine) -> None:
    document = engine.reader.read(Report("Il m'a montré son fusil en disant qu'il était chargé."), NOW)
    (flag,) = (
        one for one in raised(search(document, engine.catalogue).hits, engine.assessor.flags) if one.flag.id == "arme"
    )
    faint = replace(flag, hits=tuple(replace(hit, weight=0.5) for hit in flag.hits))
    assert credible([flag], {"flag:arme": 0.0}) == (flag,)
    assert credible([faint], {"flag:arme": 0.01}) == ()
    assert credible([faint], {"flag:arme": 0.05}) == (faint,)
    assert credible([faint], {}) == (faint,), "without a model, faint signs stand"


@pytest.mark.parametrize(
    ("menace", "expected"),
    [
        (0.9, ["injure", "menace"]),
        (0.15, ["injure", "menace"]),  # in so many words: added, though the model doubts it
        (0.02, ["injure"]),  # a film, a joke
    ],
)
def test_a_death_threat_in_so_many_words_stands_beside_what_the_model_finds(
    engine: Engine, menace: float, expected: list[str]
) -> None:
    text = "Il m'a écrit « je vais te tuer », et que j'étais une ordure."
    hits = search(engine.reader.read(Report(text), NOW), engine.catalogue).hits
    chances = {"primary:injure": 0.9, "threat:injure": 0.9, "primary:menace": menace / 2, "threat:menace": menace}
    told = [threat.type for threat in by_model(chances, hits, Thresholds(), engine.assessor.sufficient)]
    assert told == expected


def test_it_takes_the_place_of_nothing(engine: Engine) -> None:
    hits = search(engine.reader.read(Report("Il m'a écrit « je vais te tuer »."), NOW), engine.catalogue).hits
    chances = {"primary:hors_perimetre": 0.8, "threat:hors_perimetre": 0.8, "primary:menace": 0.1, "threat:menace": 0.2}
    assert [t.type for t in by_model(chances, hits, Thresholds(), engine.assessor.sufficient)] == ["menace"]
