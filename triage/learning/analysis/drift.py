"""Whether what comes now is still what the engine learnt: words, lengths, types, scores, corrections."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import rel_entr
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from triage.intake.language import language_of
from triage.learning.analysis.simulated import CORRECTED
from triage.learning.analysis.words import counter
from triage.learning.intervals import clopper_pearson

_SEED = 20261127
_BINS = 10
_LEAST_SHARE = 1e-4
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows: TypeAlias = "Floats | csr_matrix"
# Sums over one side and over the other, one row a draw → a distance for each draw.
Distance = Callable[[Floats, Floats], Floats]


def psi(before: Floats, now: Floats) -> float:
    """Population stability index between two distributions: Σ (now - before) · ln(now / before).

    Credit scoring's rule of thumb: under 0.1 nothing, 0.25 and above a shift. A share is at least 0.01 %.
    """
    p, q = (np.maximum(one / one.sum(), _LEAST_SHARE) for one in (before, now))
    return float(np.sum((q - p) * np.log(q / p)))


def jensen_shannon(before: Floats, now: Floats) -> Floats:
    """Divergence between distributions, in bits: 0 the same, 1 nothing in common (Lin, 1991); along the last axis."""
    p, q = (one / one.sum(axis=-1, keepdims=True) for one in (before, now))
    middle = (p + q) / 2
    return np.asarray((_bits(p, middle) + _bits(q, middle)) / 2)


def permuted(rows: Rows, recent: Bools, times: int, distance: Distance = jensen_shannon) -> tuple[float, float, float]:
    """The distance between the sums of the two sides, its median when sides are drawn at random, and p.

    `rows` has a row a text; `recent` says which are of the second side. p = (1 + draws at least as far) / (1 + draws):
    Phipson, B. and Smyth, G. (2010), Permutation p-values should never be zero.
    """
    dice = np.random.default_rng(_SEED)
    sides = np.array([recent, *(dice.permutation(recent) for _ in range(times))], float)
    now = np.asarray((rows.T @ sides.T).T, np.float64)
    told, *drawn = distance(_sum(rows) - now, now)
    return float(told), float(np.median(drawn)), float((1 + np.sum(drawn >= told - 1e-12)) / (1 + times))


def inputs(before: pd.DataFrame, now: pd.DataFrame, times: int = 300) -> pd.DataFrame:
    """what, distance, chance_level (what chance alone gives), psi, p: words, lengths, language, types, scores.

    Five tests: p is multiplied by as many as `adjusted` says (Holm, 1979).
    """
    whole, recent = pd.concat([before, now]), np.repeat([False, True], [len(before), len(now)])
    rows = []
    for what, table in _tables(whole).items():
        told, usual, p = permuted(table, recent, times)
        sums = (_sum(table[side]) for side in (~recent, recent))
        rows.append((what, told, usual, psi(*sums), p))
    made = pd.DataFrame(rows, columns=["what", "distance", "chance_level", "psi", "p"])
    return made.assign(adjusted=holm(made["p"].tolist()))


def holm(ps: Sequence[float]) -> list[float]:
    """p values corrected for their number: Holm, S. (1979)."""
    order, worst = np.argsort(ps), 0.0
    made = [0.0] * len(ps)
    for rank, i in enumerate(order):
        worst = max(worst, min(1.0, ps[i] * (len(ps) - rank)))
        made[i] = worst
    return made


def told_apart(before: Sequence[str], now: Sequence[str], times: int = 200) -> tuple[float, float]:
    """How well a classifier tells recent texts from the others (area under the curve; 0.5: not at all), and p.

    Lopez-Paz, D. and Oquab, M. (2017), Revisiting classifier two-sample tests: texts are judged by a classifier that
    did not read them; p from labels permuted over its scores.
    """
    texts = [*before, *now]
    recent = np.repeat([False, True], [len(before), len(now)])
    matrix = TfidfVectorizer(sublinear_tf=True, min_df=3).fit_transform(texts)
    folds = StratifiedKFold(5, shuffle=True, random_state=_SEED)
    judge = LogisticRegression(class_weight="balanced", max_iter=200)
    scores = cross_val_predict(judge, matrix, recent, cv=folds, method="decision_function")
    place = np.asarray(pd.Series(scores).rank(), np.float64)
    late, early = len(now), len(before)

    def area(_: Floats, ranks: Floats) -> Floats:
        """Under the ROC curve, from the ranks of the scores (Mann and Whitney, 1947)."""
        return np.asarray((ranks[:, 0] - late * (late + 1) / 2) / (late * early))

    told, _, p = permuted(place[:, None], recent, times, area)
    return told, p


def corrections(frame: pd.DataFrame, step: str = "W-SUN") -> pd.DataFrame:
    """when, decided, corrected, share, low, high, mean, alarm_low, alarm: the share that agents corrected, by week.

    `alarm`: above three standard deviations over the mean of all weeks (Shewhart's p chart, 1931).
    """
    when = frame["received_at"].dt.to_period(step).dt.start_time
    table = frame.assign(when=when, corrected=frame["decision"] == CORRECTED).groupby("when")["corrected"]
    made = table.agg(decided="size", corrected="sum").reset_index()
    mean = made["corrected"].sum() / made["decided"].sum()
    sure = [clopper_pearson(int(k), int(n)) for k, n in zip(made["corrected"], made["decided"], strict=True)]
    spread = 3 * np.sqrt(mean * (1 - mean) / made["decided"])
    return made.assign(
        share=made["corrected"] / made["decided"],
        low=[low for low, _ in sure],
        high=[high for _, high in sure],
        mean=mean,
        alarm_low=np.maximum(0, mean - spread),
        alarm=np.minimum(1, mean + spread),
    )


def _tables(frame: pd.DataFrame) -> dict[str, Rows]:
    """What is compared → one row a text, one column a word, a bin or a value."""
    words = counter(least=max(3, len(frame) // 400)).fit_transform(frame["text"])
    return {
        "Vocabulaire": words.astype(float).tocsr(),
        "Longueur": _binned(frame["words"].to_numpy(float)),
        "Langue": _one_hot([language_of(text) or "?" for text in frame["text"]]),
        "Types donnés": _one_hot(frame["engine_primary"].tolist()),
        "Probabilité du type donné": _binned(frame["engine_chance"].to_numpy(float)),
    }


def _binned(values: Floats) -> Floats:
    edges = np.unique(np.quantile(values, np.linspace(0, 1, _BINS + 1)[1:-1]))
    return _one_hot(np.digitize(values, edges).tolist())


def _one_hot(values: Sequence[object]) -> Floats:
    return pd.get_dummies(pd.Series(values)).to_numpy(float)


def _sum(rows: Rows) -> Floats:
    return np.asarray(rows.sum(axis=0), np.float64).ravel()


def _bits(p: Floats, q: Floats) -> Floats:
    return np.asarray(rel_entr(p, q).sum(axis=-1) / math.log(2))
