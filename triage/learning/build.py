"""From the corpus to a model folder: read, train, choose thresholds, measure, write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from triage.assessment.assessment import Assessment, Assessor
from triage.assessment.facts import extract
from triage.assessment.red_flags import raised
from triage.document.document import Reader
from triage.intake.report import Report
from triage.learning.card import write_card
from triage.learning.corpus import Example
from triage.learning.evaluation import Labelled, f1_by_type, figures
from triage.learning.training import Material, Settings, Trained, targets, train
from triage.signals.catalogue import Catalogue
from triage.signals.matching import search
from triage.threats.features import SignalFeatures, targets_of
from triage.threats.fusion import Thresholds, by_model
from triage.threats.modelfile import CURRENT, Parts, save

# Written texts have no date of their own; any fixed moment makes training repeatable.
_READ_AT = datetime(2026, 1, 15, 9, 0)
# A critical report sent too low costs as much as this many calm ones sent too high.
_COST_OF_A_MISS = 6.0


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
    thresholds, raise_at = choose_thresholds(material, trained, bench)
    guesses = decide_all(material, trained, bench, thresholds, raise_at)
    gold = [_gold(example) for example in material.examples]
    measured = figures(gold, guesses)
    folder = models / version
    save(Parts(trained.words, trained.letters, signals.targets, trained.heads, thresholds, raise_at), folder)
    write_card(folder, material.examples, measured, f1_by_type(gold, guesses), settings, bench.catalogue.digest)
    (models / CURRENT).write_text(version + "\n", encoding="utf-8")
    return Outcome(version, folder, measured)


def choose_thresholds(material: Material, trained: Trained, bench: Workbench) -> tuple[Thresholds, dict[str, float]]:
    """The thresholds that do best on voices held out of training."""
    gold = [_gold(example) for example in material.examples]
    never = dict.fromkeys(("agent", "urgent", "immediate"), 2.0)

    def quality(thresholds: Thresholds) -> float:
        return figures(gold, decide_all(material, trained, bench, thresholds, never))["threats_micro_f1"]

    best = max((Thresholds(threat=t) for t in (0.25, 0.3, 0.35, 0.4, 0.45, 0.5)), key=quality)
    raise_at = dict(never)
    for level in ("agent", "urgent", "immediate"):
        options = [2.0, *np.arange(0.95, 0.3, -0.05).round(2).tolist()]
        raise_at[level] = min(
            options, key=lambda t: _cost(gold, decide_all(material, trained, bench, best, {**raise_at, level: t}))
        )
    return best, raise_at


def _cost(gold: Sequence[Labelled], guesses: Sequence[Labelled]) -> float:
    """What wrong levels cost: a critical report sent low most, any other step one."""
    total = 0.0
    for truth, guess in zip(gold, guesses, strict=True):
        missed = truth.rank >= 3 > guess.rank or truth.rank == 4 > guess.rank
        total += _COST_OF_A_MISS if missed else abs(truth.rank - guess.rank)
    return total


def decide_all(
    material: Material, trained: Trained, bench: Workbench, thresholds: Thresholds, raise_at: dict[str, float]
) -> list[Labelled]:
    """The decision on each example, from models that did not read its voice."""
    names = trained.heads.names
    guesses = []
    for i, document in enumerate(material.documents):
        probabilities = dict(zip(names, trained.held_out[i].tolist(), strict=True))
        hits = material.findings[i].hits
        assessment = bench.assessor.assess(
            by_model(probabilities, hits, thresholds),
            extract(document, material.findings[i], probabilities, {}),
            raised(hits, bench.assessor.flags),
            {head.removeprefix("level:"): p for head, p in probabilities.items() if head.startswith("level:")},
            raise_at,
            (),
        )
        guesses.append(labelled(assessment))
    return guesses


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
