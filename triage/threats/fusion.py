"""Rules and classifier together: a probability per type, a primary, or an abstention."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from triage.signals.matching import Hit, weights
from triage.threats.kinds import OUT_OF_SCOPE, OUTPUTS, UNDETERMINED

# Without a model: P = 1 - exp(-weight told * this). A signal of weight 2 (« net ») alone gives 0.63.
_RULE_STRENGTH = 0.5
_RULES_ONLY_THRESHOLD = 0.5
UNMISTAKABLE = 3.0
# A type beside the primary of which rules see no sign at all is given only when the model is nearly sure.
FAINT = 0.5
NEARLY_SURE = 0.7
# Under this chance, words that announce a death are a film, a joke or an old story: measured in docs/decisions.md.
ALL_BUT_EXCLUDED = 0.1
# Under this chance, and without a sign of its own, the model's answer gives way to a rule's net sign.
SLIGHT, NET = 0.2, 2.0
_STRUCK = "atteint:"


@dataclass(frozen=True)
class Threat:
    """A type (or output) that the report holds, how probable, and the hits that tell it."""

    type: str
    probability: float
    hits: tuple[Hit, ...]


@dataclass(frozen=True)
class Thresholds:
    """Chosen on held-out voices at training time: the least probability of a type, of any answer at all, of a flag.

    `raise_at` gives the probability of a level from which the model's opinion raises a disposition to it.
    """

    threat: float = 0.5
    answer: float = 0.04
    flag: float = 0.4
    raise_at: Mapping[str, float] = field(default_factory=dict)


def rule_scores(hits: Iterable[Hit]) -> dict[str, float]:
    """Type → sum of the weights told for it, each signal counted once."""
    return weights(hits, lambda signal: (signal.type,) if signal.type else ())


def by_rules(hits: Iterable[Hit]) -> list[Threat]:
    """The threats that rules alone find: what is served when no model can be loaded."""
    hits = tuple(hits)
    chances = {name: 1 - math.exp(-score * _RULE_STRENGTH) for name, score in rule_scores(hits).items()}
    threats = [name for name in chances if name not in OUTPUTS and chances[name] >= _RULES_ONLY_THRESHOLD]
    if threats:
        return _sorted(chances, threats, hits)
    weak = sorted(chances, key=lambda name: -chances[name])[:1]
    if weak and chances[weak[0]] >= _RULES_ONLY_THRESHOLD / 2:
        return _sorted(chances, weak, hits)
    return [Threat(UNDETERMINED, 1.0 - max(chances.values(), default=0.0), ())]


def by_model(
    probabilities: Mapping[str, float], hits: Iterable[Hit], thresholds: Thresholds, sufficient: Collection[str] = ()
) -> list[Threat]:
    """The threats that the classifier, which has read the rules' findings too, gives; the primary first.

    A type of `sufficient` that an unmistakable rule tells is given beside them, or instead of « nothing »: a death
    threat in so many words is not lost. The classifier can all but rule it out (a film, a joke), save where the report
    says whom it struck.
    """
    hits = tuple(hits)
    threats = _classified(probabilities, hits, thresholds)
    told = {hit.signal.type for hit in hits if hit.weight >= UNMISTAKABLE and not hit.void and not hit.qualifiers}
    found, chances = {threat.type for threat in threats}, _heads(probabilities, "threat")
    least = 0.0 if any(_says_whom(hit) for hit in hits) else ALL_BUT_EXCLUDED
    missing = [n for n in sufficient if n in told and n not in found and chances.get(n, 1.0) >= least]
    added = _sorted(chances, missing, hits)
    return [threat for threat in threats if not (added and threat.type in OUTPUTS)] + added


def _classified(probabilities: Mapping[str, float], hits: tuple[Hit, ...], thresholds: Thresholds) -> list[Threat]:
    chances = _heads(probabilities, "threat")
    primary = _heads(probabilities, "primary")
    mixed = {name: math.sqrt(chances.get(name, 0.0) * chance) for name, chance in primary.items()}
    best = max(mixed, key=lambda name: mixed[name])
    told = rule_scores(hits)
    unsure = best != UNDETERMINED and chances.get(best, 0.0) < SLIGHT and told.get(best, 0.0) < FAINT
    if mixed[best] < thresholds.answer or unsure:
        clear = [name for name in told if name not in OUTPUTS and told[name] >= NET]
        if clear:
            return _sorted(chances, [max(clear, key=lambda name: told[name])], hits)
    if mixed[best] < thresholds.answer:
        return [Threat(UNDETERMINED, 1.0 - mixed[best], ())]
    if best in OUTPUTS:
        return _sorted(chances, [best], hits)
    others = [
        name
        for name, p in chances.items()
        if name not in (best, *OUTPUTS)
        and p >= (thresholds.threat if told.get(name, 0.0) >= FAINT else max(thresholds.threat, NEARLY_SURE))
    ]
    return _sorted(chances, [best, *sorted(others, key=lambda name: -chances[name])], hits)


def _says_whom(hit: Hit) -> bool:
    """Whether these words say that the writer or somebody close was struck (« on me menace »)."""
    return not hit.void and not hit.qualifiers and any(trait.startswith(_STRUCK) for trait in hit.signal.traits)


def _heads(probabilities: Mapping[str, float], kind: str) -> dict[str, float]:
    prefix = kind + ":"
    return {head[len(prefix) :]: p for head, p in probabilities.items() if head.startswith(prefix)}


def _sorted(chances: Mapping[str, float], names: list[str], hits: tuple[Hit, ...]) -> list[Threat]:
    return [
        Threat(name, chances.get(name, 0.0), tuple(h for h in hits if h.signal.type == name and not h.void))
        for name in names
    ]


__all__ = ["OUT_OF_SCOPE", "Threat", "Thresholds", "by_model", "by_rules", "rule_scores"]
