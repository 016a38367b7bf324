"""What the classifier sees of a report: its words, its letters, and what the rules found."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from triage.document.document import Document
from triage.signals.matching import Findings
from triage.signals.rule import Signal
from triage.threats.ngrams import of_letters, of_words
from triage.threats.vectors import RowMaker

if TYPE_CHECKING:  # a hundred megabytes, which only training needs
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

WORDS_SIZES, LETTERS_SIZES = (1, 3), (2, 6)
WORDS: dict[str, object] = {"analyzer": "word", "ngram_range": WORDS_SIZES, "token_pattern": r"(?u)\b\w+\b"}
LETTERS: dict[str, object] = {"analyzer": "char_wb", "ngram_range": LETTERS_SIZES}
_COMMON: dict[str, object] = {"lowercase": True, "strip_accents": "unicode", "sublinear_tf": True, "dtype": np.float32}
QUALIFIERS = ("negation", "hypothese", "crainte", "question", "passe", "tiers", "expression")
SHAPE = 6


def make_vectoriser(options: dict[str, object], **more: object) -> TfidfVectorizer:
    """A TF-IDF vectoriser with the settings that training and prediction share."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(**options, **_COMMON, **more)


@dataclass(frozen=True)
class Vocabulary:
    """The n-grams of one vectoriser, in the order of their columns, and their inverse document frequencies."""

    terms: tuple[str, ...]
    idf: NDArray[np.float32]

    def vectoriser(self, options: dict[str, object]) -> TfidfVectorizer:
        """A vectoriser ready to transform."""
        vectoriser = make_vectoriser(options, vocabulary=self._columns())
        vectoriser.idf_ = self.idf
        return vectoriser

    def words(self) -> RowMaker:
        """Makes rows as `vectoriser(WORDS)` does."""
        return RowMaker(self._columns(), self.idf, of_words(*WORDS_SIZES), by_word=False)

    def letters(self) -> RowMaker:
        """Makes rows as `vectoriser(LETTERS)` does."""
        return RowMaker(self._columns(), self.idf, of_letters(*LETTERS_SIZES), by_word=True)

    def _columns(self) -> dict[str, int]:
        return {term: i for i, term in enumerate(self.terms)}


# Half of the weight that makes a target as good as told: 1 - exp(-2 / 2) = 0.63 for one clear signal (weight 2).
_SATURATION = 2.0


def targets_of(signal: Signal) -> tuple[str, ...]:
    """What a signal speaks for: « type:menace », « flag:arme », « fact:voile=non »."""
    types = (f"type:{signal.type}",) if signal.type else ()
    facts = tuple(f"fact:{name}={value}" for name, value in signal.facts.items())
    return (*types, *(f"flag:{name}" for name in signal.flags), *facts)


class SignalFeatures:
    """What the rules found: one column per target told and per target cancelled, per qualifier, and for the shape.

    Columns stand for targets, not for single rules: a rule written tomorrow speaks to a model trained today.
    """

    def __init__(self, targets: Sequence[str]) -> None:
        self.targets = tuple(targets)
        self._column = {name: i for i, name in enumerate(self.targets)}
        self._cues = {name: 2 * len(self.targets) + i for i, name in enumerate(QUALIFIERS)}
        self._shape = 2 * len(self.targets) + len(QUALIFIERS)

    @property
    def width(self) -> int:
        """The number of columns."""
        return self._shape + SHAPE

    def row(self, document: Document, findings: Findings) -> dict[int, float]:
        """Column → value between 0 and 1, for one report."""
        best: dict[tuple[str, bool], float] = {}
        signals: dict[str, Signal] = {}
        for hit in findings.hits:
            key = (hit.signal.id, hit.void)
            best[key] = max(best.get(key, 0.0), hit.weight)
            signals[hit.signal.id] = hit.signal
        weights: dict[int, float] = {}
        for (identifier, void), weight in best.items():
            for target in targets_of(signals[identifier]):
                if target in self._column:
                    column = self._column[target] + (len(self.targets) if void else 0)
                    weights[column] = weights.get(column, 0.0) + weight
        row = {column: 1.0 - math.exp(-weight / _SATURATION) for column, weight in weights.items()}
        for cue in findings.cues:
            if cue.role != "preceding" or cue.qualifier != "negation":
                column = self._cues[cue.qualifier]
                row[column] = min(1.0, row.get(column, 0.0) + 0.25)
        row.update({self._shape + i: value for i, value in enumerate(_shape(document)) if value})
        return row

    def matrix(self, rows: Iterable[dict[int, float]]) -> csr_matrix:
        """Rows as a sparse matrix of shape (reports, width)."""
        from scipy.sparse import csr_matrix

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
        float("?" in document.cleaned.text),
        float(document.report.kind == "message"),
    )


def plain_text(document: Document) -> str:
    """The text that the vectorisers read: the cleaned copy, addresses and numbers made alike."""
    return document.cleaned.text
