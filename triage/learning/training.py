"""Trains the classifier: linear heads over words, letters and signals, calibrated on voices they did not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.svm import LinearSVC

from triage.document.document import Document
from triage.learning.corpus import Example
from triage.signals.matching import Findings
from triage.threats.classifier import Heads
from triage.threats.features import LETTERS, WORDS, SignalFeatures, Vocabulary, make_vectoriser, plain_text

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Settings:
    """How to train; written to `training.toml` beside the model."""

    regularisation: float = 1.0
    folds: int = 6
    least_documents_words: int = 2
    least_documents_letters: int = 4
    most_letters: int = 40_000
    least_examples: int = 8
    signal_scale: float = 0.1
    seed: int = 20261124


@dataclass(frozen=True)
class Trained:
    """Everything that prediction needs, and the out-of-fold probabilities that thresholds are chosen on.

    `held_out` has shape (examples, heads): each row comes from models that did not read that example's voice.
    """

    words: Vocabulary
    letters: Vocabulary
    heads: Heads
    held_out: NDArray[np.float32]


@dataclass(frozen=True)
class Material:
    """The corpus made ready: examples, their documents and what the rules found in them."""

    examples: Sequence[Example]
    documents: Sequence[Document]
    findings: Sequence[Findings]


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
    levels = ("advice", "guided", "agent", "urgent", "immediate")
    for rank in range(1, len(levels)):
        found[f"level:{levels[rank]}"] = np.array([levels.index(e.disposition) >= rank for e in examples])
    return found


def train(material: Material, wanted: dict[str, Bools], signals: SignalFeatures, settings: Settings) -> Trained:
    """Fits one head per target that has examples enough."""
    texts = [plain_text(document) for document in material.documents]
    words = _fit(WORDS, texts, min_df=settings.least_documents_words)
    letters = _fit(LETTERS, texts, min_df=settings.least_documents_letters, max_features=settings.most_letters)
    pairs = zip(material.documents, material.findings, strict=True)
    matrix = hstack(
        [
            words.vectoriser(WORDS).transform(texts),
            letters.vectoriser(LETTERS).transform(texts),
            signals.matrix(signals.row(document, findings) for document, findings in pairs) * settings.signal_scale,
        ],
        format="csr",
    )
    names = [name for name, truth in wanted.items() if settings.least_examples <= truth.sum() < len(texts)]
    groups = [example.group for example in material.examples]
    fitted = Parallel(n_jobs=2)(delayed(_head)(matrix, wanted[name], groups, settings) for name in names)
    weights = np.array([f[0] for f in fitted], np.float32).T
    weights[-signals.width :] *= settings.signal_scale
    heads = Heads(
        tuple(names),
        np.ascontiguousarray(weights),
        np.array([f[1] for f in fitted], np.float32),
        np.array([f[2] for f in fitted], np.float32),
        np.array([f[3] for f in fitted], np.float32),
    )
    return Trained(words, letters, heads, np.array([f[4] for f in fitted], np.float32).T)


def _fit(options: dict[str, object], texts: list[str], **limits: int) -> Vocabulary:
    vectoriser = make_vectoriser(options, **limits).fit(texts)
    return Vocabulary(
        tuple(str(term) for term in vectoriser.get_feature_names_out()), vectoriser.idf_.astype(np.float32)
    )


def _head(
    matrix: csr_matrix, truth: Bools, groups: Sequence[str], settings: Settings
) -> tuple[NDArray[np.float64], float, float, float, NDArray[np.float64]]:
    """Weights, intercept, Platt slope and offset, and held-out probabilities of one head.

    Platt, J. (1999), Probabilistic outputs for support vector machines: a sigmoid fitted on scores of examples that
    the scoring model has not seen; here whole voices are left out, as the voices to come will be.
    """
    scores = np.zeros(len(truth))
    folds = min(settings.folds, len(set(groups)))
    for fitted_on, left_out in GroupKFold(folds).split(matrix, groups=groups):
        if truth[fitted_on].sum() == 0:
            scores[left_out] = -1.0
            continue
        model = _svm(settings).fit(matrix[fitted_on], truth[fitted_on])
        scores[left_out] = model.decision_function(matrix[left_out])
    sigmoid = LogisticRegression(C=1e3).fit(scores.reshape(-1, 1), truth)
    slope, offset = float(sigmoid.coef_[0, 0]), float(sigmoid.intercept_[0])
    whole = _svm(settings).fit(matrix, truth)
    held_out = 1.0 / (1.0 + np.exp(-np.clip(slope * scores + offset, -30, 30)))
    return whole.coef_[0], float(whole.intercept_[0]), slope, offset, held_out


def _svm(settings: Settings) -> LinearSVC:
    return LinearSVC(C=settings.regularisation, random_state=settings.seed)
