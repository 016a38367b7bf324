"""The learned part: linear models over words, letters and signals, all in one multiplication."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from triage.document.document import Document
from triage.intake.report import Kind
from triage.signals.matching import Findings
from triage.threats.features import LETTERS, WORDS, SignalFeatures, Vocabulary, plain_text
from triage.threats.ngrams import clean

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Heads:
    """Named linear models that share their features.

    `weights` has shape (features, heads); a head's probability is sigmoid(slope * score + offset).
    """

    names: tuple[str, ...]
    weights: NDArray[np.floating[Any]]  # in single or half precision
    intercepts: Floats
    slopes: Floats
    offsets: Floats


@dataclass(frozen=True)
class Evidence:
    """A word of the text (code points of the cleaned copy) and what it adds to a head's score."""

    start: int
    end: int
    contribution: float


class Classifier:
    """Gives a probability for every head, and the words that speak for it.

    A report and a message (the attacker's words alone) have heads of their own over the same features.
    """

    def __init__(
        self, words: Vocabulary, letters: Vocabulary, signals: SignalFeatures, heads: Mapping[Kind, Heads]
    ) -> None:
        self._vocabularies = words, letters
        self._word_rows, self._letter_rows = words.words(), letters.letters()
        self._signals = signals
        self.heads = heads
        bounds = np.cumsum([0, len(words.terms), len(letters.terms), signals.width])
        self._blocks = {kind: [one.weights[a:b] for a, b in pairwise(bounds)] for kind, one in heads.items()}
        for blocks in self._blocks.values():
            blocks[-1] = blocks[-1].astype(np.float32)

    @property
    def targets(self) -> tuple[str, ...]:
        """What rules may speak for and be heard (see `features.targets_of`); a rule for anything else is not."""
        return self._signals.targets

    def probabilities(self, document: Document, findings: Findings) -> dict[str, float]:
        """Head → probability."""
        text = clean(plain_text(document))
        heads, (words, letters, signals) = self.heads[document.report.kind], self._blocks[document.report.kind]
        scores = heads.intercepts + self._word_rows.row_of_clean(text).times(words)
        scores += self._letter_rows.row_of_clean(text).times(letters)
        for column, value in self._signals.row(document, findings).items():
            scores += value * signals[column]
        chances = 1.0 / (1.0 + np.exp(-np.clip(heads.slopes * scores + heads.offsets, -30, 30)))
        return dict(zip(heads.names, chances.tolist(), strict=True))

    def vectorise(self, texts: Sequence[str]) -> tuple[csr_matrix, csr_matrix]:
        """The word and letter n-grams of `texts` as scikit-learn makes them, one row each."""
        words, letters = self._vectorisers
        return words.transform(texts), letters.transform(texts)

    @cached_property
    def _vectorisers(self) -> tuple[TfidfVectorizer, TfidfVectorizer]:
        words, letters = self._vocabularies
        return words.vectoriser(WORDS), letters.vectoriser(LETTERS)

    def evidence(self, document: Document, head: str, most: int = 3) -> list[Evidence]:
        """The words that add most to `head`, best first; only those that speak for it."""
        kind = document.report.kind
        vocabulary, idf = self._word_rows.columns, self._word_rows.idf
        weights = self._blocks[kind][0][:, self.heads[kind].names.index(head)]
        tokens = document.tokens
        found: dict[str, Evidence] = {}
        for form, start, end in zip(tokens.forms, tokens.starts, tokens.ends, strict=True):
            if form not in found and len(form) > 2 and (index := vocabulary.get(form)) is not None:
                found[form] = Evidence(start, end, np.float32(weights[index]) * idf[index])
        telling = (one for one in found.values() if one.contribution > 0)
        return sorted(telling, key=lambda one: -one.contribution)[:most]
