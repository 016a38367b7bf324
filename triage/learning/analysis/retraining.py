"""A candidate learnt in a notebook, and compared with the model that serves: what `triage train` and the gate do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pandas as pd

from triage.bootstrap import fact_names, model_shelves
from triage.learning import registry
from triage.learning.analysis.sampling import sample, sampled
from triage.learning.analysis.workshop import Workshop
from triage.learning.build import Workbench, build, prepare, spoiled
from triage.learning.candidate import complete
from triage.learning.cases import labels_of
from triage.learning.compared import Compared, Judged, by_type, overall
from triage.learning.corpus import Example, examples_of, load
from triage.learning.frozen import load_frozen
from triage.learning.gate import Verdict, compare, examine
from triage.learning.policy import GatePolicy, load_gate_policy
from triage.learning.training import Material
from triage.learning.training import Settings as TrainingSettings
from triage.threats.modelfile import KINDS

_SAMPLE, _FROZEN_SAMPLE = 900, 120
_OUTCOMES = {"refused": "refusé", "unknown": "on ne peut pas conclure", "passed": "passe"}


def texts(atelier: Workshop, cases: pd.DataFrame | None = None) -> list[Example]:
    """The shipped texts, then the `cases` that agents judged, as `triage.learning.load_cases` gives them."""
    labels = labels_of(atelier.settings)
    shipped = sample(load(atelier.settings.models / "corpus", labels), _SAMPLE)
    return shipped if cases is None else [*shipped, *examples_of(cases, labels, "dossiers")]


def candidate(atelier: Workshop, examples: Sequence[Example], now: datetime | None = None) -> str:
    """Learns a model and keeps it, sealed, in DATA/models; its version. Nobody is served by it yet.

    In a sample, badly typed copies are left out: they take a third of the time.
    """
    settings, engine, now = atelier.settings, atelier.engine, now or datetime.now(UTC)
    kinds, facts = list(engine.composer.kinds), fact_names(settings.rules)
    bench = Workbench(engine.reader, engine.catalogue, engine.assessor, kinds, facts, atelier.noise)
    how = replace(TrainingSettings(), noisy_share=0.0) if sampled() else TrainingSettings()
    material = prepare(examples, bench)
    copies = spoiled(examples, bench.noise, how.noisy_share)
    noisy = prepare(copies, bench) if copies else Material([], [], [])
    shelf, _ = model_shelves(settings)
    outcome = build(material, noisy, bench, how, shelf.root, f"{now:%Y-%m-%d-%H%M%S}")
    served = engine.model.version if engine.model else ""
    complete(outcome.folder, examples, engine, settings, shelf.seal, served, now)
    return outcome.version


@dataclass(frozen=True)
class Comparison:
    """The served model and a candidate on the frozen texts, and what the gate answers."""

    judged: Judged
    verdict: Verdict
    policy: GatePolicy

    def overall(self) -> pd.DataFrame:
        """of, figure, size, before, after, low, high: every figure and the interval of its difference."""
        found = [one for kind in KINDS for one in overall(self.judged, kind, self.policy.detail_confidence)]
        return _frame(found)

    def by_type(self, types: Sequence[str]) -> pd.DataFrame:
        """The same for F1 of each type."""
        return _frame(by_type(self.judged, types, self.policy.detail_confidence))

    def answers(self) -> pd.DataFrame:
        """outcome, sentence: what the gate says, what it refuses first."""
        order = list(_OUTCOMES)
        told = sorted(self.verdict.findings, key=lambda one: order.index(one.outcome))
        return pd.DataFrame([(_OUTCOMES[one.outcome], one.sentence) for one in told], columns=["outcome", "sentence"])


def comparison(atelier: Workshop, version: str) -> Comparison:
    """Both models judge the frozen texts, by the rules in service. Raises ModelError."""
    settings, engine = atelier.settings, atelier.engine
    before, after = registry.sides(settings, "", version)
    frozen = sample(load_frozen(engine, settings.rules, settings.models), _FROZEN_SAMPLE)
    policy = load_gate_policy(settings.rules)
    judged = compare(engine, before, after, frozen)
    return Comparison(judged, examine(engine, before, after, judged, policy), policy)


def _frame(found: Sequence[Compared]) -> pd.DataFrame:
    rows = [(one.of, one.figure, one.size, one.before, one.after, *one.interval) for one in found]
    return pd.DataFrame(rows, columns=["of", "figure", "size", "before", "after", "low", "high"])
