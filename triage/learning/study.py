"""What else was tried: other learners, features taken away or added, fewer texts; all judged on voices left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.base import ClassifierMixin
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import average_precision_score
from sklearn.model_selection import GroupKFold
from sklearn.naive_bayes import ComplementNB
from sklearn.svm import LinearSVC

from triage.document.document import Document
from triage.learning.ridge import gram, solve
from triage.learning.training import Bools, Floats, Material, Settings, features, vocabularies
from triage.threats.features import WORDS, SignalFeatures, Vocabulary, plain_text

_FOLDS = 5
_SEED = 20261127
# Texts taught → scores of the judged ones, both in rows; one column a head.
Learner = Callable[[csr_matrix, Bools, csr_matrix], NDArray[np.float64]]


@dataclass(frozen=True)
class Line:
    """One thing tried: accuracy of the primary type; average precision of « urgent or above », « agent or above »."""

    name: str
    primary: float
    urgent: float
    agent: float


@dataclass(frozen=True)
class Study:
    """Reports made into features once, and what is to be found in them (`wanted`: head → truth)."""

    material: Material
    wanted: dict[str, Bools]
    signals: SignalFeatures
    settings: Settings

    def learners(self) -> Iterator[Line]:
        """The same features, other learners."""
        yield self._ridge("ridge (retenu)", self._matrix)
        yield self._folds("SVM linéaire", _each(lambda: LinearSVC(C=1.0, random_state=_SEED)))
        yield self._folds(
            "régression logistique (gradient)",
            _each(lambda: SGDClassifier(loss="log_loss", alpha=1e-6, random_state=_SEED)),
        )
        yield self._folds("bayésien naïf complémentaire", _each(lambda: ComplementNB(alpha=0.3)))
        yield self._folds("LSA 300 puis régression logistique", partial(_reduced, 300, LogisticRegression))
        boosted = partial(HistGradientBoostingClassifier, max_iter=80, random_state=_SEED)
        yield self._folds("LSA 50 et règles, arbres boostés", partial(_with_signals, self.signals.width, boosted))

    def ablations(self) -> Iterator[Line]:
        """The learner kept, with features taken away or added."""
        whole, width = self._matrix, self.signals.width
        words, letters = len(self._vocabularies[0].terms), whole.shape[1] - width
        yield self._ridge("tout (retenu)", whole)
        yield self._ridge("sans les règles", whole[:, :letters])
        yield self._ridge("sans les lettres", hstack([whole[:, :words], whole[:, letters:]], format="csr"))
        yield self._ridge("sans les mots", whole[:, words:])
        yield self._ridge("règles seules", whole[:, letters:])
        quoted = self._vocabularies[0].vectoriser(WORDS).transform([_quoted(d) for d in self.material.documents])
        yield self._ridge("plus les mots cités à part", hstack([whole, quoted * 0.5], format="csr"))
        latent = TruncatedSVD(300, random_state=_SEED).fit_transform(whole)
        latent /= np.maximum(np.linalg.norm(latent, axis=1, keepdims=True), 1e-9)
        yield self._ridge("plus LSA 300", hstack([whole, csr_matrix(latent * 0.5)], format="csr"))

    def curve(self) -> Iterator[Line]:
        """Fewer voices taught, the same fifth of the voices judged."""
        groups = np.array([example.group for example in self.material.examples])
        voices = np.random.default_rng(_SEED).permutation(sorted(set(groups)))
        judged, teaching = voices[: len(voices) // 5], voices[len(voices) // 5 :]
        here = np.flatnonzero(np.isin(groups, judged))
        for share in (0.125, 0.25, 0.5, 1.0):
            kept = np.flatnonzero(np.isin(groups, teaching[: max(1, round(share * len(teaching)))]))
            both = np.concatenate([kept, here])
            sides = [*groups[kept], *(["judged"] * len(here))]
            scores = solve(gram(self._matrix[both]), self._truth[both], sides, self.settings.regularisation).held_out
            yield self._line(f"{len(kept)} récits appris", scores[len(kept) :], here)

    def registers(self) -> Iterator[Line]:
        """Each register in turn left out whole, then judged; texts that name none are only taught."""
        told = [example.axes.get("register", "") for example in self.material.examples]
        scores = solve(gram(self._matrix), self._truth, told, self.settings.regularisation).held_out
        for register in sorted(set(told) - {""}):
            here = np.flatnonzero(np.array(told) == register)
            yield self._line(f"{register} ({len(here)})", scores[here], here)

    @cached_property
    def _names(self) -> list[str]:
        return [name for name in self.wanted if name.startswith("primary:") or name in ("level:agent", "level:urgent")]

    @cached_property
    def _truth(self) -> Floats:
        return np.array([self.wanted[name] for name in self._names], np.float32).T

    @cached_property
    def _vocabularies(self) -> tuple[Vocabulary, Vocabulary]:
        return vocabularies([plain_text(document) for document in self.material.documents], self.settings)

    @cached_property
    def _matrix(self) -> csr_matrix:
        return features(self.material, *self._vocabularies, self.signals, self.settings.signal_scale)

    def _ridge(self, name: str, matrix: csr_matrix) -> Line:
        groups = [example.group for example in self.material.examples]
        scores = solve(gram(matrix.tocsr()), self._truth, groups, self.settings.regularisation).held_out
        return self._line(name, scores, np.arange(len(groups)))

    def _folds(self, name: str, learner: Learner) -> Line:
        groups = [example.group for example in self.material.examples]
        scores = np.zeros(self._truth.shape)
        for taught, judged in GroupKFold(_FOLDS).split(groups, groups=groups):
            scores[judged] = learner(self._matrix[taught], self._truth[taught] > 0, self._matrix[judged])
        return self._line(name, scores, np.arange(len(groups)))

    def _line(self, name: str, scores: NDArray[np.floating], places: NDArray[np.integer]) -> Line:
        truth = self._truth[places]
        primaries = [i for i, head in enumerate(self._names) if head.startswith("primary:")]
        right = truth[np.arange(len(truth)), np.array(primaries)[scores[:, primaries].argmax(axis=1)]]
        urgent, agent = self._names.index("level:urgent"), self._names.index("level:agent")
        return Line(
            name,
            float(right.mean()),
            float(average_precision_score(truth[:, urgent], scores[:, urgent])),
            float(average_precision_score(truth[:, agent], scores[:, agent])),
        )


def _each(make: Callable[[], ClassifierMixin]) -> Learner:
    """One classifier per head."""

    def one(taught: csr_matrix, truth: Bools, judged: csr_matrix) -> NDArray[np.float64]:
        fitted = make().fit(taught, truth)
        said = (
            fitted.decision_function(judged) if hasattr(fitted, "decision_function") else fitted.predict_proba(judged)
        )
        return np.asarray(said if said.ndim == 1 else said[:, 1])

    def learn(taught: csr_matrix, truth: Bools, judged: csr_matrix) -> NDArray[np.float64]:
        return np.array(Parallel(n_jobs=2)(delayed(one)(taught, column, judged) for column in truth.T)).T

    return learn


def _reduced(
    size: int, make: Callable[[], ClassifierMixin], taught: csr_matrix, truth: Bools, judged: csr_matrix
) -> NDArray[np.float64]:
    latent = TruncatedSVD(size, random_state=_SEED).fit(taught)
    return _each(make)(latent.transform(taught) * 10, truth, latent.transform(judged) * 10)


def _with_signals(
    width: int, make: Callable[[], ClassifierMixin], taught: csr_matrix, truth: Bools, judged: csr_matrix
) -> NDArray[np.float64]:
    latent = TruncatedSVD(50, random_state=_SEED).fit(taught[:, :-width])

    def dense(matrix: csr_matrix) -> NDArray[np.float64]:
        return np.hstack([latent.transform(matrix[:, :-width]), matrix[:, -width:].toarray()])

    return _each(make)(dense(taught), truth, dense(judged))


def _quoted(document: Document) -> str:
    tokens, text = document.tokens, document.cleaned.text
    spans = zip(tokens.starts, tokens.ends, document.quoted, strict=True)
    return " ".join(text[start:end] for start, end, said in spans if said)
