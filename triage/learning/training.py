"""Trains the classifier: ridge heads over words, letters and signals, calibrated on voices they did not read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from triage.document.document import Document
from triage.intake.report import Kind
from triage.learning.corpus import Example
from triage.learning.evaluation import LEVELS
from triage.learning.ridge import gram, solve
from triage.signals.matching import Findings
from triage.threats.classifier import Heads
from triage.threats.features import LETTERS, WORDS, SignalFeatures, Vocabulary, make_vectoriser, plain_text
from triage.threats.modelfile import KINDS

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Settings:
    """How to train; written to `training.toml` beside the model.

    `own_share` is the part of likeness between two texts that counts only when both are reports, or both messages;
    `noisy_share` of the texts are read a second time, badly typed.
    """

    regularisation: float = 0.6
    own_share: float = 0.5
    least_documents_words: int = 2
    least_documents_letters: int = 3
    most_letters: int = 80_000
    least_examples: int = 8
    signal_scale: float = 0.15
    noisy_share: float = 0.3


@dataclass(frozen=True)
class Material:
    """The corpus made ready: examples, their documents and what the rules found in them."""

    examples: Sequence[Example]
    documents: Sequence[Document]
    findings: Sequence[Findings]

    def part(self, keep: Bools) -> Material:
        """Only the texts for which `keep` is true."""
        places = np.flatnonzero(keep).tolist()
        return Material(
            [self.examples[i] for i in places],
            [self.documents[i] for i in places],
            [self.findings[i] for i in places],
        )

    def joined(self, other: Material) -> Material:
        """These texts, then those of `other`."""
        return Material(
            [*self.examples, *other.examples],
            [*self.documents, *other.documents],
            [*self.findings, *other.findings],
        )

    @property
    def kinds(self) -> NDArray[np.str_]:
        """« report » or « message », for each text."""
        return np.array([example.kind for example in self.examples])


@dataclass(frozen=True)
class Trained:
    """Everything that prediction needs, and for each kind the held-out probabilities that thresholds are chosen on.

    `held_out[kind]` has shape (texts of that kind, heads): each row comes from a model that did not read its voice.
    """

    words: Vocabulary
    letters: Vocabulary
    heads: Mapping[Kind, Heads]
    held_out: Mapping[Kind, Floats]


def targets(
    examples: Sequence[Example], types: Sequence[str], flags: Sequence[str], facts: Sequence[str]
) -> dict[str, Bools]:
    """Head name → the examples for which it is true."""
    found: dict[str, Bools] = {}
    for name in types:
        found[f"threat:{name}"] = np.array([name in e.threats for e in examples])
        found[f"primary:{name}"] = np.array([name == e.primary for e in examples])
    for name in flags:
        found[f"flag:{name}"] = np.array([name in e.red_flags for e in examples])
    for name in facts:
        for value in ("oui", "non"):
            found[f"fact:{name}:{value}"] = np.array([e.facts.get(name) == value for e in examples])
    for rank in range(1, len(LEVELS)):
        found[f"level:{LEVELS[rank]}"] = np.array([LEVELS.index(e.disposition) >= rank for e in examples])
    return found


def vocabularies(texts: Sequence[str], settings: Settings) -> tuple[Vocabulary, Vocabulary]:
    """The word and the letter n-grams worth keeping."""
    words = _fit(WORDS, texts, min_df=settings.least_documents_words)
    letters = _fit(LETTERS, texts, min_df=settings.least_documents_letters, max_features=settings.most_letters)
    return words, letters


def features(
    material: Material, words: Vocabulary, letters: Vocabulary, signals: SignalFeatures, scale: float
) -> csr_matrix:
    """One row per text: words, letters, then what the rules found times `scale`."""
    texts = [plain_text(document) for document in material.documents]
    rows = (signals.row(d, f) for d, f in zip(material.documents, material.findings, strict=True))
    blocks = [words.vectoriser(WORDS).transform(texts), letters.vectoriser(LETTERS).transform(texts)]
    return hstack([*blocks, signals.matrix(rows) * scale], format="csr")


def train(
    material: Material, noisy: Material, wanted: dict[str, Bools], signals: SignalFeatures, settings: Settings
) -> Trained:
    """Fits one head per target that has examples enough, for reports and for messages.

    `wanted` is true or false of the clean texts, then of their `noisy` copies, which teach and measure nothing. The two
    kinds share what they have in common and keep the rest apart: Daumé, H. (2007), Frustratingly easy domain
    adaptation.
    """
    words, letters = vocabularies([plain_text(document) for document in material.documents], settings)
    both = material.joined(noisy)
    matrix = features(both, words, letters, signals, settings.signal_scale)
    kinds = both.kinds
    same = np.float32(1 - settings.own_share) + np.float32(settings.own_share) * (kinds[:, None] == kinds[None, :])
    truth = np.array(list(wanted.values()), np.float32).T
    groups = [example.group for example in both.examples]
    fitted = solve(gram(matrix) * same, truth, groups, settings.regularisation)
    names = list(wanted)
    heads, held_out = {}, {}
    for kind in KINDS:
        here = np.flatnonzero(material.kinds == kind)
        enough = truth[here].sum(axis=0)
        kept = np.flatnonzero((settings.least_examples <= enough) & (enough < len(here)))
        scores, told = fitted.held_out[np.ix_(here, kept)], truth[np.ix_(here, kept)] > 0
        weighing = np.where(kinds == kind, 1.0, 1.0 - settings.own_share).astype(np.float32)
        duals = fitted.duals[:, kept] * weighing[:, None]
        weights = np.asarray(matrix.T @ duals, np.float32)
        weights[-signals.width :] *= settings.signal_scale
        slopes, offsets = calibrate(scores, told)
        heads[kind] = Heads(tuple(names[i] for i in kept), weights, fitted.duals[:, kept].sum(axis=0), slopes, offsets)
        held_out[kind] = sigmoid(scores * slopes + offsets)
    return Trained(words, letters, heads, held_out)


def calibrate(scores: Floats, truth: Bools) -> tuple[Floats, Floats]:
    """Slope and offset of each head's sigmoid.

    Platt, J. (1999), Probabilistic outputs for support vector machines: a sigmoid fitted on scores of examples that
    the scoring model has not seen; here whole voices are left out, as the voices to come will be.
    """
    fits = [LogisticRegression(C=1e3).fit(scores[:, [i]], truth[:, i]) for i in range(scores.shape[1])]
    slopes = np.array([fit.coef_[0, 0] for fit in fits], np.float32)
    return slopes, np.array([fit.intercept_[0] for fit in fits], np.float32)


def sigmoid(scores: Floats) -> Floats:
    """Probabilities from calibrated scores."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(scores, -30, 30))), np.float32)


def _fit(options: dict[str, object], texts: Sequence[str], **limits: int) -> Vocabulary:
    vectoriser = make_vectoriser(options, **limits).fit(texts)
    return Vocabulary(
        tuple(str(term) for term in vectoriser.get_feature_names_out()), vectoriser.idf_.astype(np.float32)
    )
