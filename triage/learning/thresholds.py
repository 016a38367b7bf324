"""The thresholds of a model, chosen on held-out voices; the one that guards against missed urgencies is guaranteed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from triage.assessment.assessment import Assessor
from triage.assessment.decide import decide, heard_in, suspicions, threats_of
from triage.assessment.disposition import Policy
from triage.assessment.facts import extract
from triage.learning.evaluation import Labelled, micro_f1
from triage.learning.training import Floats, Material
from triage.threats.fusion import Thresholds

RAISED = ("agent", "urgent", "immediate")
_TYPES = (0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55)
_FLAGS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
_LEVELS = np.round(np.arange(0.05, 1.0, 0.05), 2)
_NEVER = 2.0
# Fewer such reports prove nothing.
_LEAST_DESERVED = 30


@dataclass(frozen=True)
class Bound:
    """What is promised of a level: of the texts that deserve it, a share below `most` is missed, `confidence` sure.

    Promised of texts like those that the threshold was chosen on: written for this purpose, by other voices.
    """

    level: str
    threshold: float
    most: float
    confidence: float


def choose(
    material: Material, gold: Sequence[Labelled], names: Sequence[str], chances: Floats, assessor: Assessor
) -> tuple[Thresholds, Bound | None]:
    """The thresholds, and what the one of « urgent » promises; None for messages, or when no promise can be kept.

    A report is all that an agent will ever hear of an affair; a message is one among thousands, and what it costs to
    raise it weighs too. `chances` has shape (texts, heads), of models that did not read the text's voice.
    """
    rows = [dict(zip(names, row, strict=True)) for row in chances.tolist()]
    never = dict.fromkeys(RAISED, _NEVER)

    def types(threat: float) -> float:
        thresholds = Thresholds(threat=threat)
        told = [
            frozenset(t.type for t in threats_of(findings, row, thresholds, assessor.sufficient))
            for findings, row in zip(material.findings, rows, strict=True)
        ]
        return micro_f1(zip((g.threats for g in gold), told, strict=True))

    def flags(flag: float) -> float:
        told = [
            frozenset(one.flag.id for one in suspicions(assessor, document, findings, row, flag))
            for document, findings, row in zip(material.documents, material.findings, rows, strict=True)
        ]
        return micro_f1(zip((g.red_flags for g in gold), told, strict=True))

    best = Thresholds(threat=max(_TYPES, key=types), flag=max(_FLAGS, key=flags), raise_at=never)
    ranks = np.array(
        [
            assessor.policy.rank(decide(assessor, document, findings, row, best, {}).level.id)
            for document, findings, row in zip(material.documents, material.findings, rows, strict=True)
        ]
    )
    truth = np.array([g.rank for g in gold])
    reached: dict[str, float] = {}
    bound = None
    for level in reversed(RAISED):
        rank = assessor.policy.rank(level)
        scores = _scores(ranks >= rank, material, rows, level, reached, assessor)
        if level == "urgent" and "message" not in material.kinds:
            bound = guarantee(scores, truth >= rank, assessor.policy)
        promised = bound.threshold if level == "urgent" and bound else None
        reached[level] = promised if promised is not None else _cheapest(scores, truth, rank, assessor.policy)
    return replace(best, raise_at={**never, **reached}), bound


def guarantee(scores: NDArray[np.float64], deserved: NDArray[np.bool_], policy: Policy) -> Bound | None:
    """The highest threshold on `scores` that misses at most the policy's share of the reports that deserve an urgency.

    Learn then test (Angelopoulos et al., 2021), as MAPIE does it: thresholds are tried from the most careful on, and
    the first that fails ends the search. None when even the most careful one fails.
    """
    # A second of import that serving never pays.
    from mapie.risk_control import BinaryClassificationController, BinaryRisk

    missed = BinaryRisk(
        risk_occurrence=lambda truth, said: said == 0,
        risk_condition=lambda truth, said: truth == 1,
        higher_is_better=False,
    )
    controller = BinaryClassificationController(
        lambda chances: np.column_stack([1 - np.asarray(chances), np.asarray(chances)]),
        risk=missed,
        target_level=policy.most_missed,
        confidence_level=policy.confidence,
        best_predict_param_choice="precision",
        list_predict_params=_LEVELS,
        fwer_method="fixed_sequence",
    )
    if deserved.sum() < _LEAST_DESERVED:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that no threshold will do is what None says
        controller.calibrate(scores, deserved.astype(int))
    valid = controller.valid_predict_params
    if valid is None or not len(valid):
        return None
    return Bound("urgent", float(max(valid)), policy.most_missed, policy.confidence)


def _scores(
    told: NDArray[np.bool_],
    material: Material,
    rows: Sequence[Mapping[str, float]],
    level: str,
    reached: Mapping[str, float],
    assessor: Assessor,
) -> NDArray[np.float64]:
    """How sure the whole engine is that a text deserves `level`: 1 where types, flags or a level above say so already.

    The model's opinion counts where the engine would listen to it: in texts of a few words, or where nothing explains
    the level, it does not.
    """
    scores = told.astype(float)
    for i, (document, findings, row) in enumerate(zip(material.documents, material.findings, rows, strict=True)):
        heard = heard_in(document, row)
        facts = extract(document, findings, row, {})
        for name in (level, *reached):
            chance = heard.get(f"level:{name}", 0.0)
            if scores[i] < 1 and chance and assessor.conceivable(name, facts, heard):
                scores[i] = max(scores[i], chance if name == level else float(chance >= reached[name]))
    return scores


def _cheapest(scores: NDArray[np.float64], truth: NDArray[np.int_], rank: int, policy: Policy) -> float:
    """The threshold whose mistakes cost least: one more report sent too high, against `policy.miss_costs` of them."""
    cost = policy.miss_costs[policy.levels[rank].id]

    def price(threshold: float) -> float:
        told = scores >= threshold
        return float(np.sum(told & (truth < rank)) + cost * np.sum(~told & (truth >= rank)))

    return float(min([*_LEVELS, _NEVER], key=price))
