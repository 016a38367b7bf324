"""The engine's decision on a text as a row of a table, with what moving a threshold would make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from triage.assessment.assessment import Assessment, Assessor
from triage.assessment.decide import decide, heard_in, may_rise
from triage.assessment.red_flags import flagged_sentences, raised
from triage.document.document import Document
from triage.engine import Engine
from triage.intake.report import Report
from triage.learning.build import labelled
from triage.learning.thresholds import RAISED
from triage.learning.training import Floats, Material
from triage.signals.matching import Findings
from triage.threats.fusion import Thresholds

# Shipped texts have no date of their own; any fixed moment makes decisions repeatable.
READ_AT = datetime(2026, 1, 15, 9, 0)
Row = dict[str, Any]


def served(engine: Engine, reports: Sequence[Report]) -> list[Row]:
    """What the served engine decides of each report, as it would at the desk."""
    rows = []
    for report in reports:
        triaged = engine.assess(report, READ_AT)
        thresholds = engine.model.thresholds[report.kind] if engine.model else Thresholds()
        parts = _parts(engine, triaged.document, triaged.findings, triaged.probabilities, thresholds)
        rows.append(_row(report.id, triaged.assessment, triaged.probabilities, parts))
    return rows


def held_out(
    material: Material, names: Sequence[str], chances: Floats, assessor: Assessor, thresholds: Thresholds
) -> list[Row]:
    """What models that did not read a text's voice would decide of it; `chances` has shape (texts, heads)."""
    rows = []
    for example, document, findings, told in zip(
        material.examples, material.documents, material.findings, np.asarray(chances).tolist(), strict=True
    ):
        heads = dict(zip(names, told, strict=True))
        assessment = decide(assessor, document, findings, heads, thresholds, {})
        rows.append(_row(example.id, assessment, heads, [_reach(assessor, document, findings, heads, thresholds)[1]]))
    return rows


def _row(
    identifier: str | None, assessment: Assessment, heads: Mapping[str, float], parts: Sequence[Mapping[str, float]]
) -> Row:
    said = labelled(assessment)
    return {
        "id": identifier,
        "engine_threats": tuple(threat.type for threat in assessment.threats),
        "engine_primary": said.primary,
        "engine_disposition": said.disposition,
        "engine_red_flags": tuple(sorted(said.red_flags)),
        "engine_chance": assessment.threats[0].probability,
        **{name: max(part[name] for part in parts) for name in parts[0]},
        **heads,
    }


def _parts(
    engine: Engine, document: Document, findings: Findings, heads: Mapping[str, float], thresholds: Thresholds
) -> list[dict[str, float]]:
    """How high the whole report reaches, and the report without any one of the sentences that raise a flag.

    The engine reads those parts too (see `Engine`): its level is the highest that the whole or a part gives.
    """
    assessor = engine.assessor
    calm, whole = _reach(assessor, document, findings, heads, thresholds)
    reached = [whole]
    flags = [one for one in raised(findings.hits, assessor.flags) if one.flag.at_least]
    for cut in flagged_sentences(document, flags):
        if engine.model is None or not may_rise(calm, heads, assessor):
            break
        part, found = document.without(*cut), findings.without(*cut)
        chances = engine.model.classifier.probabilities(part, found)
        reached.append(_reach(assessor, part, found, chances, thresholds)[1])
    return reached


def _reach(
    assessor: Assessor, document: Document, findings: Findings, heads: Mapping[str, float], thresholds: Thresholds
) -> tuple[Assessment, dict[str, float]]:
    """The decision without the model's opinion of the level, its rank; the chance of each level that it could give."""
    calm = decide(assessor, document, findings, heads, replace(thresholds, raise_at={}), {})
    heard = heard_in(document, heads)
    chances = {
        f"chance_{level}": heard.get(f"level:{level}", 0.0) if assessor.conceivable(level, calm.facts, heard) else 0.0
        for level in RAISED
    }
    return calm, {"base_rank": float(assessor.policy.rank(calm.level.id)), **chances}
