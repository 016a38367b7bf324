"""How sure each figure is: exact intervals for rates, resampling for the others."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from triage.learning.evaluation import LEVELS, Labelled, figures
from triage.statistics.proportions import Interval, clopper_pearson

_SEED = 20261127


def intervals(gold: Sequence[Labelled], guesses: Sequence[Labelled], resamples: int = 200) -> dict[str, Interval]:
    """Figure → its 95 % interval: exact for rates, percentiles of resampled reports (Efron, 1979) for F1 and kappa."""
    urgent, agent = LEVELS.index("urgent"), LEVELS.index("agent")
    pairs = [(g.rank, p.rank) for g, p in zip(gold, guesses, strict=True)]
    rates = {
        "primary_accuracy": [g.primary == p.primary for g, p in zip(gold, guesses, strict=True)],
        "threats_exact": [g.threats == p.threats for g, p in zip(gold, guesses, strict=True)],
        "disposition_accuracy": [g == p for g, p in pairs],
        "critical_under_triage": [p < urgent for g, p in pairs if g >= urgent],
        "immediate_recall": [p == len(LEVELS) - 1 for g, p in pairs if g == len(LEVELS) - 1],
        "escalation_miss": [p < agent for g, p in pairs if g >= agent],
        "over_triage_fpr": [p >= agent for g, p in pairs if g < agent],
        "over_triage_1_minus_ppv": [g < agent for g, p in pairs if p >= agent],
    }
    found = {name: clopper_pearson(sum(outcomes), len(outcomes)) for name, outcomes in rates.items()}
    return found | _resampled(gold, guesses, resamples)


def _resampled(gold: Sequence[Labelled], guesses: Sequence[Labelled], resamples: int) -> dict[str, Interval]:
    names = ("threats_micro_f1", "threats_macro_f1", "red_flags_f1", "disposition_kappa")
    dice = np.random.default_rng(_SEED)
    drawn: list[list[float]] = []
    for _ in range(resamples if gold else 0):
        places = dice.integers(0, len(gold), len(gold)).tolist()
        measured = figures([gold[i] for i in places], [guesses[i] for i in places])
        drawn.append([measured[name] for name in names])
    if not drawn:
        return dict.fromkeys(names, (math.nan, math.nan))
    low, high = np.percentile(np.array(drawn), [2.5, 97.5], axis=0)
    return {name: (float(a), float(b)) for name, a, b in zip(names, low, high, strict=True)}


__all__ = ["Interval", "clopper_pearson", "intervals"]
