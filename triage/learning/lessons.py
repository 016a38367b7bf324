"""What a report would teach: where the model hesitates, where rules see otherwise, what it has never read.

Uncertainty is that of the margin between the two best answers, and of the thresholds of levels (Settles, *Active
Learning*, 2012, chapter 2); disagreement, that of a committee of two, rules and model (chapter 3).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.assessment.triaged import Triaged
from triage.desk.handling.conduct import Teaching
from triage.engine import Engine
from triage.threats.features import WORDS, make_vectoriser
from triage.threats.fusion import FAINT, NET, rule_scores
from triage.threats.kinds import OUTPUTS

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Lesson:
    """Reason → how much, from 0 to 1 (`parts`); and the sentences that say so, by reason.

    Words of the report are in the sentence of « words » only: it is for whoever may read the case.
    """

    parts: Mapping[str, float]
    whys: Mapping[str, str]

    def score(self, weights: Mapping[str, float]) -> float:
        """The mean of the parts, by these weights."""
        return sum(weights[name] * part for name, part in self.parts.items()) / (sum(weights.values()) or 1.0)


def lesson(engine: Engine, triaged: Triaged, policy: Teaching, likeness: float | None) -> Lesson:
    """What the report would teach. `likeness`: the cosine with the text learnt that it is most like, if it is known."""
    labels = {name: kind.label for name, kind in engine.composer.kinds.items()}
    levels = {level.id: level.label for level in engine.assessor.policy.levels}
    parts, whys = dict[str, float](), dict[str, str]()
    if triaged.model:
        first, second, parts["primary"] = _hesitation(triaged.probabilities, policy.margin)
        whys["primary"] = policy.whys.primary.format(first=labels.get(first, first), second=labels.get(second, second))
        near, parts["level"] = _nearest(engine, triaged, policy.near)
        whys["level"] = policy.whys.level.format(level=levels.get(near, near))
        rules_alone, model_alone, parts["rules"] = _disagreement(triaged)
        whys["rules"] = " ".join(_disagree(policy, labels, rules_alone, model_alone))
        words, parts["words"] = _unknown(triaged, policy)
        whys["words"] = policy.whys.words.format(words=", ".join(words[: policy.words_said]))
    if likeness is not None:
        parts["unlike"] = max(0.0, 1 - likeness / policy.likeness)
        whys["unlike"] = policy.whys.unlike
    return Lesson(parts, {name: why for name, why in whys.items() if parts[name] >= policy.said and why})


def likenesses(texts: Sequence[str], learnt: Sequence[str]) -> tuple[list[float] | None, Floats]:
    """The cosine of each text with the one of `learnt` that it is most like (None: nothing was), and between texts."""
    rows = make_vectoriser({**WORDS, "ngram_range": (1, 1)}).fit_transform([*texts, *learnt])
    ours, theirs = rows[: len(texts)], rows[len(texts) :]
    among = np.asarray((ours @ ours.T).toarray(), np.float64)
    if not learnt:
        return None, among
    return [float(one) for one in (ours @ theirs.T).max(axis=1).toarray().ravel()], among


def teaching_most(found: Sequence[tuple[Lesson, str]], policy: Teaching, number: int) -> list[int]:
    """The places of `number` reports, at most, that teach most and are unlike each other; each with its words."""
    weights = policy.weights.model_dump()
    scores = [one.score(weights) for one, _ in found]
    keep = [place for place, score in enumerate(scores) if score >= policy.least]
    if not keep:
        return []
    _, alike = likenesses([found[place][1] for place in keep], ())
    return [keep[place] for place in spread([scores[place] for place in keep], alike, number, policy.diversity)]


def spread(scores: Sequence[float], alike: Floats, number: int, diversity: float) -> list[int]:
    """The places of `number` reports that teach much and are unlike each other, the first chosen first.

    Greedy: each time the best of score and distance to the nearest one chosen, `diversity` being the share of the
    latter (k-center: Gonzalez, 1985; for active learning: Sener and Savarese, 2018).
    """
    values, distance = np.asarray(scores, np.float64), np.ones(len(scores))
    chosen: list[int] = []
    while len(chosen) < min(number, len(scores)):
        worth = (1 - diversity) * values + diversity * distance
        worth[chosen] = -np.inf
        chosen.append(int(np.argmax(worth)))
        distance = np.minimum(distance, 1 - alike[:, chosen[-1]])
    return chosen


def _hesitation(chances: Mapping[str, float], margin: float) -> tuple[str, str, float]:
    """The two best main types, mixed as the decision mixes them, and how near they are."""
    mixed = {
        name: math.sqrt(chance * chances.get(f"threat:{name}", 0.0)) for name, chance in _heads(chances, "primary")
    }
    whole = sum(mixed.values()) or 1.0
    first, second = sorted(mixed, key=lambda name: -mixed[name])[:2]
    return first, second, max(0.0, 1 - (mixed[first] - mixed[second]) / whole / margin)


def _nearest(engine: Engine, triaged: Triaged, near: float) -> tuple[str, float]:
    """The level to whose threshold the model's probability is nearest, in log-odds; none lower than the one given."""
    assert triaged.model is not None
    chances, policy = dict(_heads(triaged.probabilities, "level")), engine.assessor.policy
    thresholds = triaged.model.thresholds[triaged.document.report.kind].raise_at
    given = policy.rank(triaged.assessment.level.id)
    open_ = {level: least for level, least in thresholds.items() if 0 < least < 1 and policy.rank(level) >= given}
    gaps = {level: abs(_odds(chances[level]) - _odds(least)) for level, least in open_.items() if level in chances}
    if not gaps:
        return "", 0.0
    level = min(gaps, key=lambda name: gaps[name])
    return level, max(0.0, 1 - gaps[level] / near)


def _odds(chance: float) -> float:
    """The logarithm of the odds: a threshold of 0.05 is as far from 0.02 as one of 0.95 from 0.98."""
    kept = min(max(chance, 1e-6), 1 - 1e-6)
    return math.log(kept / (1 - kept))


def _disagreement(triaged: Triaged) -> tuple[list[str], list[str], float]:
    """The types that rules alone tell plainly, those that the model alone finds, and their share of all told."""
    assert triaged.model is not None
    told = rule_scores(triaged.findings.hits)
    by_rules = {name for name, weight in told.items() if weight >= NET} - {*OUTPUTS}
    least = triaged.model.thresholds[triaged.document.report.kind].threat
    by_model = {name for name, chance in _heads(triaged.probabilities, "threat") if chance >= least} - {*OUTPUTS}
    rules_alone = sorted(by_rules - by_model)
    model_alone = sorted(name for name in by_model if told.get(name, 0.0) < FAINT)
    every = by_rules | by_model
    return rules_alone, model_alone, (len(rules_alone) + len(model_alone)) / len(every) if every else 0.0


def _disagree(
    policy: Teaching, labels: Mapping[str, str], rules_alone: Sequence[str], model_alone: Sequence[str]
) -> Iterator[str]:
    for sentence, names in ((policy.whys.rules, rules_alone), (policy.whys.model, model_alone)):
        if names:
            yield sentence.format(types=", ".join(labels.get(name, name) for name in names))


def _unknown(triaged: Triaged, policy: Teaching) -> tuple[list[str], float]:
    """The words that the model has never read, in their order, and how much they weigh among all."""
    assert triaged.model is not None
    forms = dict.fromkeys(form for form in triaged.document.tokens.forms if form.isalpha())
    words = [form for form in forms if len(form) >= policy.letters]
    if not words:
        return [], 0.0
    known = triaged.model.classifier.vectorise(words)[0].getnnz(axis=1)
    unknown = [word for word, count in zip(words, known, strict=True) if not count]
    return unknown, min(1.0, len(unknown) / len(words) / policy.unknown)


def _heads(chances: Mapping[str, float], kind: str) -> list[tuple[str, float]]:
    return [(head.partition(":")[2], p) for head, p in chances.items() if head.startswith(f"{kind}:")]
