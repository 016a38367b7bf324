"""Whether the reports that the desk has people read teach more than as many drawn at random.

A model learns from a few texts; of others, which no agent would have seen, some are added to what it learned: those
that `triage data teach` would choose, or as many at random. Both models judge voices that neither read. Nothing of
`models/frozen` is looked at. It takes about six minutes of one core.

python -m pytest benchmarks/test_teaching.py -s
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import mean

import numpy as np

from triage.bootstrap import build_engine
from triage.cli.train import workbench
from triage.desk.handling.conduct import Teaching
from triage.desk.policies import load_policies
from triage.engine import Engine
from triage.intake.report import Report
from triage.learning.build import Workbench, fit, gold_of, prepare
from triage.learning.corpus import Example, load
from triage.learning.evaluation import LEVELS, figures
from triage.learning.frozen import judge
from triage.learning.impact import READ_AT
from triage.learning.lessons import lesson, likenesses, teaching_most
from triage.learning.thresholds import choose
from triage.learning.training import Material
from triage.learning.training import Settings as TrainingSettings
from triage.settings import Settings
from triage.threats.classifier import Classifier
from triage.threats.features import plain_text
from triage.threats.fusion import Thresholds
from triage.threats.modelfile import Model

SEEDS = 5
VOICES, KNOWN, POOL, ADDED, JUDGED = 14, 700, 2000, 120, 500
AGENT = LEVELS.index("agent")
NOTHING = Material([], [], [])
SHOWN = ("threats_micro_f1", "primary_accuracy", "disposition_accuracy", "critical_under_triage", "over_triage_fpr")


@dataclass
class Trial:
    """Texts cut in three by a seed: what is known, what may be added, what judges."""

    bench: Workbench
    rules: Engine
    policy: Teaching
    examples: Sequence[Example]
    seed: int

    def __post_init__(self) -> None:
        dice = np.random.default_rng(self.seed)
        voices = sorted({one.group for one in self.examples})
        aside = set(dice.choice(voices, VOICES, replace=False).tolist())
        mixed = [self.examples[i] for i in dice.permutation(len(self.examples))]
        mine = [one for one in mixed if one.group not in aside]
        self.known, self.pool = mine[:KNOWN], mine[KNOWN : KNOWN + POOL]
        self.judges = [one for one in mixed if one.group in aside][:JUDGED]
        self.read = prepare(self.known, self.bench)
        self.dice = dice

    @cached_property
    def first(self) -> Engine:
        """The engine with what is known."""
        return self.taught([])

    @cached_property
    def calm(self) -> list[Example]:
        """Those of the pool that no agent would see: the queue takes no other."""
        said = judge(self.first, self.pool)
        return [one for one, told in zip(self.pool, said, strict=True) if told.rank < AGENT]

    def by_teaching(self, texts: Sequence[Example]) -> list[Example]:
        """Those that the queue would choose."""
        triaged = [self.first.assess(Report(one.text), READ_AT) for one in texts]
        words = [plain_text(one.document) for one in triaged]
        near, _ = likenesses(words, [one.text for one in self.known])
        assert near is not None
        told = [lesson(self.first, one, self.policy, likeness) for one, likeness in zip(triaged, near, strict=True)]
        return [texts[i] for i in teaching_most(list(zip(told, words, strict=True)), self.policy, ADDED)]

    def at_random(self, texts: Sequence[Example], number: int) -> list[Example]:
        """As many, drawn."""
        return [texts[i] for i in self.dice.choice(len(texts), number, replace=False)]

    def taught(self, added: Sequence[Example]) -> Engine:
        """The engine once these are known too."""
        material = self.read.joined(prepare(added, self.bench))
        trained, signals = fit(material, NOTHING, self.bench, TrainingSettings())
        gold, names = [gold_of(one) for one in material.examples], trained.heads["report"].names
        thresholds, _ = choose(material, gold, names, trained.held_out["report"], self.bench.assessor)
        classifier = Classifier(trained.words, trained.letters, signals, trained.heads)
        model = Model("essai", classifier, {"report": thresholds, "message": Thresholds()})
        return replace(self.rules, model=model, warning=None)

    def measured(self, engine: Engine) -> dict[str, float]:
        """What the voices left aside say of it."""
        return figures([gold_of(one) for one in self.judges], judge(engine, self.judges))


def test_the_queue_teaches_no_less_than_chance() -> None:
    """Over five cuts: F1 of types, beside as many texts at random; a point less at the most, in the mean."""
    settings = Settings()
    bench, labels = workbench(settings)
    rules = build_engine(settings)
    policy = load_policies(settings.rules, rules).conduct.teaching
    examples = [one for one in load(settings.models / "corpus", labels) if one.kind == "report"]
    gains: list[float] = []
    for seed in range(SEEDS):
        trial = Trial(bench, rules, policy, examples, seed)
        chosen = trial.by_teaching(trial.calm)
        drawn = trial.at_random(trial.calm, len(chosen))
        found = [trial.measured(one) for one in (trial.first, trial.taught(chosen), trial.taught(drawn))]
        print(f"\nseed {seed}: {len(chosen)} of {len(trial.calm)} calm reports added to {KNOWN}: before, chosen, drawn")
        for name in SHOWN:
            print(f"  {name:24s} " + "  ".join(f"{one[name]:.3f}" for one in found))
        gains.append(found[1]["threats_micro_f1"] - found[2]["threats_micro_f1"])
    print(f"F1 of types, chosen less drawn: {mean(gains):+.4f}, {[round(one, 4) for one in gains]}")
    assert mean(gains) > -0.01
