"""Recall of the rules alone on sentences that their writers have not read (`triage rules measure tests/contrast`)."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT
from triage.engine import Engine
from triage.signals.contrast import Recall, measure

# What was measured on 2026-11-27 (0.59 and 0.20), less a few sentences: a change that finds fewer must say why.
LEAST_MEAN_RECALL = 0.57
MOST_MEAN_MISTAKEN = 0.22


@pytest.fixture(scope="module")
def recalls(engine: Engine) -> list[Recall]:
    return measure(ROOT / "tests" / "contrast", engine.catalogue, engine.reader)


def test_every_type_and_flag_is_measured(engine: Engine, recalls: list[Recall]) -> None:
    assert {recall.id for recall in recalls} == {*engine.composer.kinds, *engine.assessor.flags}
    assert all(recall.told >= 10 and recall.alike >= 6 for recall in recalls)


def test_most_sentences_are_found(recalls: list[Recall]) -> None:
    assert sum(r.found for r in recalls) / sum(r.told for r in recalls) >= LEAST_MEAN_RECALL


def test_few_lookalikes_are_mistaken(recalls: list[Recall]) -> None:
    assert sum(r.mistaken for r in recalls) / sum(r.alike for r in recalls) <= MOST_MEAN_MISTAKEN
