"""What the classifier sees of a report: its words, its letters, and what the rules found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from triage.document.document import Document
from triage.signals.matching import Findings

WORDS: dict[str, object] = {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b"}
LETTERS: dict[str, object] = {"analyzer": "char_wb", "ngram_range": (3, 5)}
_COMMON: dict[str, object] = {"lowercase": True, "strip_accents": "unicode", "sublinear_tf": True, "dtype": np.float32}
QUALIFIERS = ("negation", "hypothese", "crainte", "question", "passe", "tiers", "expression")


def make_vectoriser(options: dict[str, object], **more: object) -> TfidfVectorizer:
    """A TF-IDF vectoriser with the settings that training and prediction share."""
    return TfidfVectorizer(**options, **_COMMON, **more)


@dataclass(frozen=True)
class Vocabulary:
    """The n-grams of one vectoriser, in the order of their columns, and their inverse document frequencies."""

    terms: tuple[str, ...]
    idf: NDArray[np.float32]

    def vectoriser(self, options: dict[str, object]) -> TfidfVectorizer:
        """A vectoriser ready to transform."""
        vectoriser = make_vectoriser(options, vocabulary={term: i for i, term in enumerate(self.terms)})
        vectoriser.idf_ = self.idf
        return vectoriser


class SignalFeatures:
    """One column per signal told and per signal cancelled, per qualifier cue, and for the shape of the text."""

    def __init__(self, signal_ids: Sequence[str]) -> None:
        self.signal_ids = tuple(signal_ids)
        self._column = {name: i for i, name in enumerate(self.signal_ids)}
        self._cues = {name: 2 * len(self.signal_ids) + i for i, name in enumerate(QUALIFIERS)}
        self._shape = 2 * len(self.signal_ids) + len(QUALIFIERS)

    @property
    def width(self) -> int:
        """The number of columns."""
        return self._shape + 6

    def row(self, document: Document, findings: Findings) -> dict[int, float]:
        """Column → value, for one report."""
        row: dict[int, float] = {}
        for hit in findings.hits:
            column = self._column.get(hit.signal.id)
            if column is not None:
                place = column + len(self.signal_ids) if hit.void else column
                row[place] = max(row.get(place, 0.0), min(1.0, 0.4 + 0.2 * hit.weight))
        for cue in findings.cues:
            if cue.role != "preceding" or cue.qualifier != "negation":
                row[self._cues[cue.qualifier]] = min(1.0, row.get(self._cues[cue.qualifier], 0.0) + 0.25)
        row.update({self._shape + i: value for i, value in enumerate(_shape(document)) if value})
        return row

    def matrix(self, rows: Iterable[dict[int, float]]) -> csr_matrix:
        """Rows as a sparse matrix of shape (reports, width)."""
        values: list[float] = []
        columns: list[int] = []
        bounds = [0]
        for row in rows:
            columns += row
            values += row.values()
            bounds.append(len(columns))
        return csr_matrix((np.array(values, np.float32), columns, bounds), shape=(len(bounds) - 1, self.width))


def _shape(document: Document) -> tuple[float, ...]:
    """Length, share of quoted words, indicators: numbers between 0 and 1."""
    size = len(document.tokens) or 1
    kinds = {indicator.kind for indicator in document.indicators}
    return (
        min(1.0, size / 200),
        sum(document.quoted) / size,
        float("amount" in kinds),
        float("url" in kinds),
        float("?" in document.report.text),
        float(document.report.kind == "message"),
    )


def plain_text(document: Document) -> str:
    """The text that the vectorisers read: the cleaned copy, addresses and numbers made alike."""
    return document.cleaned.text
