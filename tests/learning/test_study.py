"""The study compares, on voices left out, what could have been kept instead."""

from __future__ import annotations

import pytest

from triage.learning.build import Workbench, prepare, signal_features
from triage.learning.corpus import Labels, load
from triage.learning.study import Study
from triage.learning.training import Settings as TrainingSettings
from triage.learning.training import targets
from triage.settings import Settings

pytestmark = pytest.mark.whole  # it trains models


@pytest.fixture(scope="module")
def study(settings: Settings, equipped: tuple[Workbench, Labels]) -> Study:
    bench, labels = equipped
    examples = [e for e in load(settings.models / "corpus", labels) if e.kind == "report"][::15]
    material = prepare(examples, bench)
    wanted = targets(examples, bench.types, sorted(bench.assessor.flags), bench.fact_names)
    return Study(material, wanted, signal_features(bench.catalogue), TrainingSettings())


def test_words_teach_what_rules_alone_do_not(study: Study) -> None:
    lines = {line.name: line for line in study.ablations()}
    assert lines["tout (retenu)"].primary > lines["règles seules"].primary
    assert all(0 <= line.urgent <= 1 and 0 <= line.agent <= 1 for line in lines.values())


def test_more_texts_teach_more(study: Study) -> None:
    lines = list(study.curve())
    assert len(lines) == 4
    assert lines[-1].primary > lines[0].primary


def test_each_register_is_judged_by_those_that_never_read_it(study: Study) -> None:
    lines = list(study.registers())
    assert {line.name.split(" ")[0] for line in lines} >= {"sms", "lettre", "administratif"}
    assert all(0 < line.primary <= 1 for line in lines)
