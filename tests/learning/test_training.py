"""A model is trained, written, read back and says the same; a damaged one is refused, not obeyed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import NOW
from triage.engine import Engine
from triage.errors import ModelError
from triage.intake.report import Report
from triage.learning.build import Workbench, build, prepare, spoiled
from triage.learning.corpus import Labels, load
from triage.learning.evaluation import Labelled, figures, upper95, weighted_kappa
from triage.learning.training import Settings as TrainingSettings
from triage.settings import Settings
from triage.signals.matching import search
from triage.threats import manifest
from triage.threats.manifest import Manifest
from triage.threats.modelfile import KINDS
from triage.threats.modelfile import load as load_model

pytestmark = pytest.mark.whole  # it trains models

SAMPLE = 900


@pytest.fixture(scope="module")
def trained(settings: Settings, equipped: tuple[Workbench, Labels], tmp_path_factory: pytest.TempPathFactory) -> Path:
    bench, labels = equipped
    examples = load(settings.models / "corpus", labels)
    some = examples[:: max(1, len(examples) // SAMPLE)]
    material, noisy = prepare(some, bench), prepare(spoiled(some, bench.noise, 0.1), bench)
    models = tmp_path_factory.mktemp("models")
    for version in ("essai", "encore"):
        folder = build(material, noisy, bench, TrainingSettings(), models, version).folder
        manifest.write(folder, Manifest(version, "2026-11-28T09:00:00+00:00", bench.catalogue.digest), None)
    return models


@pytest.mark.whole
def test_training_twice_gives_the_same_model(trained: Path) -> None:
    one, other = load_model(trained / "essai"), load_model(trained / "encore")
    assert one.thresholds == other.thresholds
    for kind, heads in one.classifier.heads.items():
        assert heads.names == other.classifier.heads[kind].names
        assert np.array_equal(heads.weights, other.classifier.heads[kind].weights)
    metrics = [(trained / name / "metrics.json").read_text(encoding="utf-8") for name in ("essai", "encore")]
    assert metrics[0] == metrics[1]


def test_words_alone_are_not_read_as_a_story(trained: Path, engine: Engine) -> None:
    """A message has heads of its own: some types cannot be committed by words alone."""
    model = load_model(trained / "essai")
    heads = {kind: set(one.names) for kind, one in model.classifier.heads.items()}
    assert "threat:menace" in heads["message"] & heads["report"]
    assert "threat:ddos" in heads["report"] - heads["message"]
    text = "Je vais te retrouver et te casser les jambes."
    chances = []
    for kind in KINDS:
        document = engine.reader.read(Report(text, kind), NOW)
        chances.append(model.classifier.probabilities(document, search(document, engine.catalogue))["threat:menace"])
    assert chances[0] != chances[1]


def test_a_trained_model_serves(trained: Path, engine: Engine) -> None:
    model = load_model(trained / "essai")
    document = engine.reader.read(
        Report("Un rançongiciel a chiffré tous nos serveurs, une note réclame une rançon en bitcoins."), NOW
    )

    chances = model.classifier.probabilities(document, search(document, engine.catalogue))
    threats = {head: p for head, p in chances.items() if head.startswith("threat:")}
    assert max(threats, key=lambda head: threats[head]) == "threat:rancongiciel"
    assert all(0 <= p <= 1 for p in chances.values())


def test_the_card_says_how_and_how_well(trained: Path) -> None:
    folder = trained / "essai"
    measured = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["held_out_voices"]["report"]
    assert 0 < measured["primary_accuracy"] <= 1
    assert "Limites" in (folder / "card.md").read_text(encoding="utf-8")
    assert "rules = " in (folder / "training.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("damage", ["vocabulary.json", "model.skops"])
def test_a_damaged_model_is_refused(trained: Path, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "essai"
    folder.mkdir()
    for path in (trained / "essai").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / damage).write_bytes((folder / damage).read_bytes()[:-200])
    with pytest.raises(ModelError):
        load_model(folder)


def label(primary: str, disposition: str, flags: str = "") -> Labelled:
    return Labelled(frozenset([primary]), primary, disposition, frozenset(flags.split()))


def test_figures_are_the_scorers() -> None:
    gold = [
        label("menace", "urgent"),
        label("injure", "guided"),
        label("virus", "guided"),
        label("menace", "immediate", "arme"),
    ]
    guess = [
        label("menace", "agent"),
        label("injure", "guided"),
        label("virus", "agent"),
        label("menace", "immediate", "arme"),
    ]
    found = figures(gold, guess)
    assert found["primary_accuracy"] == 1
    assert found["disposition_accuracy"] == 0.5
    assert found["critical_under_triage"] == 0.5
    assert found["over_triage_fpr"] == 0.5
    assert found["red_flags_f1"] == 1
    assert upper95(0, 99) == pytest.approx(0.0298, abs=1e-3)
    assert weighted_kappa([(0, 0), (4, 4)]) == 1
