"""The gate refuses a model that was damaged, and says why in words; it lets the same model pass."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from triage.engine import Engine
from triage.learning.build import Workbench, build, gold_of, prepare, spoiled
from triage.learning.card import complete_card, learned
from triage.learning.compared import Judged
from triage.learning.corpus import Example, Labels, load
from triage.learning.evaluation import Labelled
from triage.learning.frozen import judge, load_frozen, measured
from triage.learning.gate import Side, Verdict, examine
from triage.learning.policy import GatePolicy, load_gate_policy
from triage.learning.training import Material
from triage.learning.training import Settings as TrainingSettings
from triage.settings import Settings
from triage.threats import manifest
from triage.threats.manifest import Manifest
from triage.threats.modelfile import load as load_model

pytestmark = pytest.mark.whole

PART = 16  # one text of the corpus in so many: every model here is made from the same few
SHUFFLED = "doxing"


@dataclass(frozen=True)
class Made:
    """A model, and what it says of the frozen texts."""

    side: Side
    said: list[Labelled]


@dataclass
class Workshop:
    """Makes models from a part of the corpus, and asks the gate."""

    engine: Engine
    bench: Workbench
    policy: GatePolicy
    models: Path
    frozen: list[Example]

    def make(self, version: str, *materials: Material) -> Made:
        """The model trained on the clean and the noisy texts."""
        folder = build(*materials, self.bench, TrainingSettings(), self.models, version).folder
        counts = learned(materials[0].examples, self.policy.groups)
        about = Manifest(version, "2026-11-28T09:00:00+00:00", self.bench.catalogue.digest, "", counts)
        manifest.write(folder, about, None)
        model = load_model(folder)
        said = judge(replace(self.engine, model=model), self.frozen)
        about = replace(about, frozen=measured(self.frozen, said))
        complete_card(folder, counts, self.policy.groups, about.frozen)
        return Made(Side(model, manifest.write(folder, about, None), folder), said)

    def ask(self, served: Made, candidate: Made, policy: GatePolicy | None = None) -> Verdict:
        """The gate's answer."""
        gold = [gold_of(example) for example in self.frozen]
        judged = Judged(self.frozen, gold, served.said, candidate.said)
        return examine(self.engine, served.side, candidate.side, judged, policy or self.policy)


def shuffled(material: Material) -> Material:
    """The labels of every text of one type given to a text of another, and theirs to it."""
    dice, texts = random.Random(7), list(material.examples)
    here = [i for i, one in enumerate(texts) if SHUFFLED in one.threats]
    others = dice.sample([i for i, one in enumerate(texts) if SHUFFLED not in one.threats], len(here))
    for i, j in zip(here, others, strict=True):
        one, other = texts[i], texts[j]
        texts[i] = replace(one, threats=other.threats, primary=other.primary)
        texts[j] = replace(other, threats=one.threats, primary=one.primary)
    return Material(texts, material.documents, material.findings)


def without_overseas(material: Material) -> Material:
    return material.part(np.array([one.axes.get("who") != "outremer" for one in material.examples]))


def untouched(material: Material) -> Material:
    return material


@pytest.fixture(scope="module")
def workshop(
    engine: Engine, settings: Settings, equipped: tuple[Workbench, Labels], tmp_path_factory: pytest.TempPathFactory
) -> Workshop:
    policy = load_gate_policy(settings.rules)
    # What so few texts teach is under the limits of the service: here only the comparison is asked.
    policy = policy.model_copy(update={"critical_at_most": {"report": 1.0, "message": 1.0}})
    frozen = load_frozen(engine, settings.rules, settings.models)
    return Workshop(engine, equipped[0], policy, tmp_path_factory.mktemp("models"), frozen)


@pytest.fixture(scope="module")
def made(workshop: Workshop, settings: Settings, equipped: tuple[Workbench, Labels]) -> dict[str, Made]:
    bench, labels = equipped
    texts = load(settings.models / "corpus", labels)[::PART]
    materials = prepare(texts, bench), prepare(spoiled(texts, bench.noise, 0.1), bench)
    damages: list[Callable[[Material], Material]] = [untouched, shuffled, without_overseas]
    return {one.__name__: workshop.make(one.__name__, *map(one, materials)) for one in damages}


def test_the_same_model_passes(workshop: Workshop, made: dict[str, Made]) -> None:
    verdict = workshop.ask(made["untouched"], made["untouched"])
    assert verdict.refusals == []
    assert verdict.passed
    assert json.loads(verdict.as_json())["passed"] is True


def test_the_labels_of_a_type_shuffled(workshop: Workshop, made: dict[str, Made]) -> None:
    verdict = workshop.ask(made["untouched"], made["shuffled"])
    label = workshop.engine.composer.kinds[SHUFFLED].label
    assert not verdict.passed
    assert [why for why in verdict.refusals if why.startswith(f"Par type, « {label} », F1 : ")]
    assert "moins bon au-delà de l'intervalle" in " ".join(verdict.refusals)


def test_the_overseas_reports_left_out(workshop: Workshop, made: dict[str, Made]) -> None:
    verdict = workshop.ask(made["untouched"], made["without_overseas"])
    before = made["untouched"].side.manifest.learned["groups"]["outremer"]  # type: ignore[union-attr]
    assert before > 0
    said = f"Aucun récit d'outre-mer parmi les textes appris, contre {before} pour le modèle qui sert."
    assert said in verdict.refusals


def test_too_many_urgent_reports_sent_lower(workshop: Workshop, made: dict[str, Made]) -> None:
    strict = workshop.policy.model_copy(update={"critical_at_most": {"report": 0.001, "message": 1.0}})
    verdict = workshop.ask(made["untouched"], made["untouched"], strict)
    assert len(verdict.refusals) == 1
    assert verdict.refusals[0].startswith("Récits urgents envoyés trop bas : ")
    assert "au-dessus de la limite de 0,1 %" in verdict.refusals[0]


def test_one_immediate_danger_less(workshop: Workshop, made: dict[str, Made]) -> None:
    same = made["untouched"]
    lost = next(i for i, one in enumerate(same.said) if one.rank == gold_of(workshop.frozen[i]).rank == 4)
    said = [*same.said]
    said[lost] = replace(said[lost], disposition="urgent")
    verdict = workshop.ask(same, Made(same.side, said))
    assert [why.split(" : ")[0] for why in verdict.refusals] == ["Dangers immédiats reconnus"]
    assert verdict.refusals[0].endswith("il en manque.")


def test_a_card_that_lacks_a_part(workshop: Workshop, made: dict[str, Made], tmp_path: Path) -> None:
    side = made["untouched"].side
    assert side.folder is not None
    for name in ("card.md", "metrics.json", "training.toml"):
        text = (side.folder / name).read_text("utf-8")
        (tmp_path / name).write_text(text.replace("## Limites", "").replace("corpus = ", "# "), "utf-8")
    verdict = workshop.ask(made["untouched"], Made(replace(side, folder=tmp_path), made["untouched"].said))
    assert verdict.refusals == [
        "La fiche du modèle est incomplète : il manque la partie « Limites », « corpus » dans training.toml."
    ]


def test_other_rules_are_told_and_refuse_nothing(workshop: Workshop, made: dict[str, Made]) -> None:
    side = made["untouched"].side
    assert side.manifest is not None
    other = replace(side, manifest=replace(side.manifest, rules="0123456789ab"))
    verdict = workshop.ask(made["untouched"], Made(other, made["untouched"].said))
    assert verdict.passed
    assert any(one.outcome == "unknown" and "0123456789ab" in one.sentence for one in verdict.findings)


def test_small_groups_conclude_nothing(workshop: Workshop, made: dict[str, Made]) -> None:
    many = workshop.policy.model_copy(update={"smallest": 25})
    said = [one.sentence for one in workshop.ask(made["untouched"], made["untouched"], many).findings]
    few = next(one for one in said if one.startswith("Par groupe, trop peu de textes gelés pour conclure"))
    assert "personnes dont le français n'est pas la langue (type principal juste, 23)" in few
