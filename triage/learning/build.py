"""From the corpus to a model folder: read, train, choose thresholds, measure, write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from triage.assessment.assessment import Assessment, Assessor
from triage.assessment.decide import decide
from triage.document.document import Reader
from triage.intake.report import Report
from triage.learning.card import write_card
from triage.learning.corpus import Example
from triage.learning.evaluation import Labelled, f1_by_type, figures
from triage.learning.training import Material, Settings, Trained, targets, train
from triage.signals.catalogue import Catalogue
from triage.signals.matching import search
from triage.threats.features import SignalFeatures, targets_of
from triage.threats.fusion import Thresholds
from triage.threats.modelfile import CURRENT, Parts, save

# Written texts have no date of their own; any fixed moment makes training repeatable.
_READ_AT = datetime(2026, 1, 15, 9, 0)
# A critical report sent too low costs as much as this many calm ones sent too high.
_COST_OF_A_MISS = 6.0
# A danger of the moment that is not seen costs twice that.
_COST_OF_A_MISSED_DANGER = 12.0
RAISED = ("agent", "urgent", "immediate")


@dataclass(frozen=True)
class Outcome:
    """A new model: its version, where it stands and the figures on held-out voices."""

    version: str
    folder: Path
    figures: dict[str, float]


@dataclass(frozen=True)
class Workbench:
    """What training needs from the engine."""

    reader: Reader
    catalogue: Catalogue
    assessor: Assessor
    types: Sequence[str]
    fact_names: Sequence[str]


def prepare(
    examples: Sequence[Example], bench: Workbench, progress: Callable[[int], None] = lambda _: None
) -> Material:
    """Reads every example as the engine will."""
    documents, findings = [], []
    for i, example in enumerate(examples):
        documents.append(bench.reader.read(Report(example.text, example.kind, id=example.id), _READ_AT))
        findings.append(search(documents[-1], bench.catalogue))
        progress(i + 1)
    return Material(examples, documents, findings)


def build(material: Material, bench: Workbench, settings: Settings, models: Path, version: str) -> Outcome:
    """Trains on `material`, writes `models`/`version` and makes it the current one."""
    signals = SignalFeatures(sorted({t for signal in bench.catalogue.signals.values() for t in targets_of(signal)}))
    wanted = targets(material.examples, bench.types, sorted(bench.assessor.flags), bench.fact_names)
    trained = train(material, wanted, signals, settings)
    thresholds = choose_thresholds(material, trained, bench)
    guesses = decide_all(material, trained, bench, thresholds)
    gold = [_gold(example) for example in material.examples]
    measured = figures(gold, guesses)
    folder = models / version
    save(Parts(trained.words, trained.letters, signals.targets, trained.heads, thresholds), folder)
    write_card(folder, material.examples, measured, f1_by_type(gold, guesses), settings, bench.catalogue.digest)
    (models / CURRENT).write_text(version + "\n", encoding="utf-8")
    return Outcome(version, folder, measured)


def choose_thresholds(material: Material, trained: Trained, bench: Workbench) -> Thresholds:
    """The thresholds that do best on voices held out of training."""
    gold = [_gold(example) for example in material.examples]

    def measured(thresholds: Thresholds, name: str) -> float:
        return figures(gold, decide_all(material, trained, bench, thresholds))[name]

    never = dict.fromkeys(RAISED, 2.0)
    best = max(
        (Thresholds(threat=t, raise_at=never) for t in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55)),
        key=lambda thresholds: measured(thresholds, "threats_micro_f1"),
    )
    best = max((replace(best, flag=t) for t in (0.3, 0.4, 0.5)), key=lambda t: measured(t, "red_flags_f1"))
    for level in reversed(RAISED):
        options = [
            replace(best, raise_at={**best.raise_at, level: t}) for t in (2.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
        ]
        best = min(options, key=lambda t: _cost(gold, decide_all(material, trained, bench, t)))
    return best


def _cost(gold: Sequence[Labelled], guesses: Sequence[Labelled]) -> float:
    """What wrong levels cost: a critical report sent low most, any other step one."""
    total = 0.0
    for truth, guess in zip(gold, guesses, strict=True):
        if truth.rank == 4 > guess.rank:
            total += _COST_OF_A_MISSED_DANGER
        else:
            total += _COST_OF_A_MISS if truth.rank == 3 > guess.rank else abs(truth.rank - guess.rank)
    return total


def decide_all(material: Material, trained: Trained, bench: Workbench, thresholds: Thresholds) -> list[Labelled]:
    """The decision on each example, from models that did not read its voice."""
    names = trained.heads.names
    return [
        labelled(decide(bench.assessor, document, findings, dict(zip(names, row, strict=True)), thresholds, {}))
        for document, findings, row in zip(
            material.documents, material.findings, trained.held_out.tolist(), strict=True
        )
    ]


def labelled(assessment: Assessment) -> Labelled:
    """The decision as a reader's label."""
    return Labelled(
        frozenset(threat.type for threat in assessment.threats),
        assessment.primary,
        assessment.level.id,
        frozenset(raised.flag.id for raised in assessment.flags),
    )


def _gold(example: Example) -> Labelled:
    return Labelled(frozenset(example.threats), example.primary, example.disposition, frozenset(example.red_flags))
