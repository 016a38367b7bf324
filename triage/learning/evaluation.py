"""The figures that matter, on labelled reports: the same as the shared scorer's."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from triage.statistics.agreement import weighted_kappa
from triage.statistics.proportions import upper95

LEVELS = ("advice", "guided", "agent", "urgent", "immediate")
_RANK = {level: rank for rank, level in enumerate(LEVELS)}
_CRITICAL = _RANK["urgent"]
_ESCALATED = _RANK["agent"]


@dataclass(frozen=True)
class Labelled:
    """What a reader, or the engine, says of a report."""

    threats: frozenset[str]
    primary: str
    disposition: str
    red_flags: frozenset[str]

    @property
    def rank(self) -> int:
        """The place of the disposition, 0 for the lowest."""
        return _RANK[self.disposition]


def figures(gold: Sequence[Labelled], guesses: Sequence[Labelled]) -> dict[str, float]:
    """The scorer's figures, by name. *Critical under-triage*: urgent or immediate reports sent lower than urgent."""
    pairs = list(zip(gold, guesses, strict=True))
    size = len(pairs) or 1
    critical = [(g, p) for g, p in pairs if g.rank >= _CRITICAL]
    missed = sum(p.rank < _CRITICAL for _, p in critical)
    immediate = [p for g, p in pairs if g.disposition == "immediate"]
    escalated = [p for g, p in pairs if g.rank >= _ESCALATED]
    quiet = [p for g, p in pairs if g.rank < _ESCALATED]
    called = [g for g, p in pairs if p.rank >= _ESCALATED]
    per_type = f1_by_type(gold, guesses)
    return {
        "reports": len(pairs),
        "primary_accuracy": sum(g.primary == p.primary for g, p in pairs) / size,
        "threats_micro_f1": micro_f1((g.threats, p.threats) for g, p in pairs),
        "threats_macro_f1": sum(per_type.values()) / (len(per_type) or 1),
        "threats_exact": sum(g.threats == p.threats for g, p in pairs) / size,
        "red_flags_f1": micro_f1((g.red_flags, p.red_flags) for g, p in pairs),
        "disposition_accuracy": sum(g.rank == p.rank for g, p in pairs) / size,
        "disposition_kappa": weighted_kappa([(g.rank, p.rank) for g, p in pairs]),
        "critical_reports": len(critical),
        "critical_under_triage": _share(missed, len(critical)),
        "critical_under_triage_upper95": upper95(missed, len(critical)),
        "immediate_recall": _share(sum(p.disposition == "immediate" for p in immediate), len(immediate)),
        "escalation_miss": _share(sum(p.rank < _ESCALATED for p in escalated), len(escalated)),
        "over_triage_fpr": _share(sum(p.rank >= _ESCALATED for p in quiet), len(quiet)),
        "over_triage_1_minus_ppv": _share(sum(g.rank < _ESCALATED for g in called), len(called)),
    }


def f1_by_type(gold: Sequence[Labelled], guesses: Sequence[Labelled]) -> dict[str, float]:
    """Type → F1, for every type labelled or guessed."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for truth, guess in zip(gold, guesses, strict=True):
        for name in truth.threats | guess.threats:
            place = 0 if name in truth.threats & guess.threats else 1 if name in guess.threats else 2
            counts[name][place] += 1
    return {name: _f1(*count) for name, count in sorted(counts.items())}


def micro_f1(pairs: Iterable[tuple[frozenset[str], frozenset[str]]]) -> float:
    """F1 over all labels of all (true, told) pairs."""
    return _f1(*_totals(pairs))


def confusion(gold: Sequence[Labelled], guesses: Sequence[Labelled]) -> Mapping[tuple[str, str], int]:
    """(true primary, guessed primary) → reports."""
    return Counter((truth.primary, guess.primary) for truth, guess in zip(gold, guesses, strict=True))


def _totals(pairs: Iterable[tuple[frozenset[str], frozenset[str]]]) -> tuple[int, int, int]:
    found = extra = missed = 0
    for truth, guess in pairs:
        found += len(truth & guess)
        extra += len(guess - truth)
        missed += len(truth - guess)
    return found, extra, missed


def _f1(found: int, extra: int, missed: int) -> float:
    return 2 * found / (2 * found + extra + missed) if found else 0.0


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan


__all__ = [
    "LEVELS",
    "Labelled",
    "confusion",
    "f1_by_type",
    "figures",
    "micro_f1",
    "upper95",
    "weighted_kappa",
]
