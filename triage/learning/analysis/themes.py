"""Themes that no type covers: reports of which the engine is unsure, put together by their words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from triage.learning.analysis.words import telling_words
from triage.threats.kinds import UNDETERMINED

_SEED = 20261127
_ONE_WORD = r"(?u)\b[^\W\d_]{3,}(?:-[^\W\d_]+)*\b"
_WORDS = 6
_LEAST_TEXTS = 3
_LATENT = 60
# A word of more texts than this says nothing of what they are about.
_MOST_SHARED = 0.08


@dataclass(frozen=True)
class Themes:
    """`table`: theme, words, count, share, before, now; `places`: the theme of each of the `reports`."""

    table: pd.DataFrame
    reports: pd.DataFrame
    places: NDArray[np.int_]


def unsure(frame: pd.DataFrame, least: float = 0.5) -> pd.DataFrame:
    """The reports whose best type has a chance under `least`, or that the engine finds undetermined."""
    return frame[(frame["engine_chance"] < least) | (frame["engine_primary"] == UNDETERMINED)].reset_index(drop=True)


def themes(frame: pd.DataFrame, number: int = 10, recent: pd.Series[bool] | None = None) -> Themes:
    """`number` themes of the reports of `frame`, each named by the words that tell it from the others.

    k-means on latent semantics (Deerwester et al., 1990): every report has a theme, be it a poor one. `recent` counts
    those of each theme that came lately. A theme is a question to readers, not a type: what its reports have in common
    may be a village or a season.
    """
    latent = _latent(frame)
    number = min(number, len(np.unique(latent.round(6), axis=0)))
    places = KMeans(number, n_init=5, random_state=_SEED).fit_predict(latent)
    late = np.zeros(len(frame), bool) if recent is None else recent.to_numpy(bool)
    told = telling_words(frame["text"].tolist(), [str(place) for place in places], _WORDS, _LEAST_TEXTS)
    words = told.groupby("group")["word"].agg(", ".join)
    rows = []
    for i in sorted(set(places.tolist())):
        here = places == i
        counted = (int(here.sum()), float(here.mean()), int((here & ~late).sum()), int((here & late).sum()))
        rows.append((i, str(words[str(i)]), *counted))
    table = pd.DataFrame(rows, columns=["theme", "words", "count", "share", "before", "now"])
    return Themes(table.sort_values("count", ascending=False, ignore_index=True), frame, places)


def read(found: Themes, theme: int, most: int = 3) -> list[str]:
    """Some texts of a theme."""
    return [str(text) for text in found.reports["text"][found.places == theme].head(most)]


def _latent(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Reports as directions in the space of their words."""
    vectoriser = TfidfVectorizer(
        token_pattern=_ONE_WORD, min_df=_LEAST_TEXTS, max_df=_MOST_SHARED, sublinear_tf=True, dtype=np.float64
    )
    matrix = vectoriser.fit_transform(frame["text"])
    latent = TruncatedSVD(min(_LATENT, min(matrix.shape) - 1), random_state=_SEED).fit_transform(matrix)
    return np.asarray(latent / np.maximum(np.linalg.norm(latent, axis=1, keepdims=True), 1e-9))
