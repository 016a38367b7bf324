"""From the corpus to a model folder: read, train, choose thresholds, measure, write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from triage.assessment.assessment import Assessment, Assessor
from triage.assessment.decide import decide
from triage.document.document import Reader
from triage.intake.report import Kind, Report
from triage.learning.calibration import Bin, reliability
from triage.learning.card import write_card
from triage.learning.corpus import Example
from triage.learning.evaluation import Labelled, f1_by_type, figures
from triage.learning.noise import Noise
from triage.learning.thresholds import Bound, choose
from triage.learning.training import Bools, Floats, Material, Settings, Trained, targets, train
from triage.signals.catalogue import Catalogue
from triage.signals.matching import search
from triage.threats.features import SignalFeatures, targets_of
from triage.threats.fusion import Thresholds
from triage.threats.modelfile import KINDS, Parts, save

# Written texts have no date of their own; any fixed moment makes training repeatable.
_READ_AT = datetime(2026, 1, 15, 9, 0)


@dataclass(frozen=True)
class Outcome:
    """A new model: its version, where it stands and, for each kind, the figures on held-out voices."""

    version: str
    folder: Path
    figures: Mapping[Kind, dict[str, float]]
    bound: Bound | None


@dataclass(frozen=True)
class Workbench:
    """What training needs from the engine."""

    reader: Reader
    catalogue: Catalogue
    assessor: Assessor
    types: Sequence[str]
    fact_names: Sequence[str]
    noise: Noise


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


def spoiled(examples: Sequence[Example], noise: Noise, share: float) -> list[Example]:
    """Noisy copies of about a `share` of the examples, the same ones every time."""
    every = round(1 / share) if share else len(examples) + 1
    return [replace(e, text=noise.spoil(e.text, e.id)) for e in examples[every - 1 :: every]]


def build(
    material: Material, noisy: Material, bench: Workbench, settings: Settings, models: Path, version: str
) -> Outcome:
    """Trains on `material` and its `noisy` copies, and writes `models`/`version`, without its manifest.

    Everything is measured, and thresholds chosen, on the clean texts, by models that did not read their voice.
    """
    trained, signals = fit(material, noisy, bench, settings)
    thresholds: dict[Kind, Thresholds] = {}
    measured: dict[Kind, dict[str, float]] = {}
    by_type: dict[Kind, dict[str, float]] = {}
    reliabilities: dict[Kind, list[Bin]] = {}
    bound = None
    for kind in KINDS:
        part, names = material.part(material.kinds == kind), trained.heads[kind].names
        gold = [gold_of(example) for example in part.examples]
        thresholds[kind], told = choose(part, gold, names, trained.held_out[kind], bench.assessor)
        bound = told if kind == "report" else bound
        guesses = decide_all(part, names, trained.held_out[kind], bench.assessor, thresholds[kind])
        measured[kind], by_type[kind] = figures(gold, guesses), f1_by_type(gold, guesses)
        wanted = _wanted(part.examples, bench)
        truth = np.array([wanted[name] for name in names]).T
        reliabilities[kind] = reliability(trained.held_out[kind], truth)
    folder = models / version
    save(Parts(trained.words, trained.letters, signals.targets, trained.heads, thresholds), folder)
    write_card(folder, material.examples, measured, by_type, settings, bench.catalogue.digest, bound, reliabilities)
    return Outcome(version, folder, measured, bound)


def fit(material: Material, noisy: Material, bench: Workbench, settings: Settings) -> tuple[Trained, SignalFeatures]:
    """The trained heads, and the columns of what the rules found."""
    signals = signal_features(bench.catalogue)
    wanted = _wanted([*material.examples, *noisy.examples], bench)
    return train(material, noisy, wanted, signals, settings), signals


def _wanted(examples: Sequence[Example], bench: Workbench) -> dict[str, Bools]:
    return targets(examples, bench.types, sorted(bench.assessor.flags), bench.fact_names)


def signal_features(catalogue: Catalogue) -> SignalFeatures:
    """The columns of what the rules of `catalogue` find."""
    return SignalFeatures(sorted({t for signal in catalogue.signals.values() for t in targets_of(signal)}))


def decide_all(
    material: Material, names: Sequence[str], chances: Floats, assessor: Assessor, thresholds: Thresholds
) -> list[Labelled]:
    """The decision on each text, from the probabilities `chances` (texts, heads) of the heads `names`."""
    return [
        labelled(decide(assessor, document, findings, dict(zip(names, row, strict=True)), thresholds, {}))
        for document, findings, row in zip(
            material.documents, material.findings, np.asarray(chances).tolist(), strict=True
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


def gold_of(example: Example) -> Labelled:
    """The readers' labels."""
    return Labelled(frozenset(example.threats), example.primary, example.disposition, frozenset(example.red_flags))
