"""What the gate says is understood by itself: a figure lower by chance, and numbers that round to nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.threats.small import seal, small_model
from triage.engine import Engine
from triage.learning.compared import Judged, points
from triage.learning.corpus import Example
from triage.learning.evaluation import Labelled
from triage.learning.gate import Finding, Side, examine
from triage.learning.policy import load_gate_policy
from triage.settings import Settings
from triage.threats import manifest
from triage.threats.modelfile import load

RIGHT = Labelled(frozenset({"menace"}), "menace", "agent", frozenset())
WRONG = Labelled(frozenset({"menace"}), "injure", "agent", frozenset())


@pytest.mark.parametrize(
    ("difference", "said"),
    [(-0.0123, "−1,2"), (0.004, "+0,4"), (-0.0004, "−0,04"), (-0.00001, "0,0"), (-0.0, "0,0"), (0.0, "0,0")],
)
def test_a_difference_keeps_its_sign_and_nothing_has_none(difference: float, said: str) -> None:
    assert points(difference) == said


def asked(engine: Engine, folder: Path, lost: int) -> Finding:
    """What is said of the main type on 200 texts, where the candidate alone is wrong on so many."""
    size = 200
    after = [WRONG if i < lost else RIGHT for i in range(size)]
    texts = [Example(str(i), "a", "report", ("menace",), "menace", "agent", ()) for i in range(size)]
    small = small_model(folder / "v2")
    candidate = Side(load(small, seal), manifest.read(small), small)
    judged = Judged(texts, [RIGHT] * size, [RIGHT] * size, after)
    found = examine(engine, Side(None, None), candidate, judged, load_gate_policy(Settings().rules)).findings
    return next(one for one in found if one.check == "overall" and "type principal" in one.sentence)


@pytest.mark.parametrize(
    ("lost", "outcome", "said"),
    [
        (0, "passed", "rien ne montre qu'il soit moins bon."),
        (6, "passed", "plus bas, mais sur 7 chiffres comparés à la fois, un écart pareil peut venir du hasard"),
        (12, "refused", "moins bon que le modèle qui sert"),
    ],
)
def test_an_interval_below_zero_and_a_test_of_many_are_told_together(
    engine: Engine, tmp_path: Path, lost: int, outcome: str, said: str
) -> None:
    found = asked(engine, tmp_path, lost)
    assert (found.outcome, said in found.sentence) == (outcome, True), found.sentence
    assert "−0,0 " not in found.sentence
