"""Ridge regression on likeness, with every voice left out in turn at the price of a single fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, lapack
from scipy.sparse import csr_matrix

Floats = NDArray[np.float32]
_ROWS = 1000


@dataclass(frozen=True)
class Fitted:
    """`duals` and `held_out`, both of shape (texts, targets).

    A text's score is its likeness to each text read (plus one) times `duals`; `held_out` is the score that a fit
    without any text of its group would have given.
    """

    duals: Floats
    held_out: Floats


def gram(matrix: csr_matrix) -> Floats:
    """How much every two rows of `matrix` have in common: their inner products, of shape (rows, rows)."""
    size = matrix.shape[0]
    starts = range(0, size, _ROWS)
    strips = Parallel(n_jobs=2, prefer="threads")(
        delayed(_strip)(matrix[start : start + _ROWS], matrix[start:]) for start in starts
    )
    whole = np.zeros((size, size), np.float32)
    for start, strip in zip(starts, strips, strict=True):
        whole[start : start + _ROWS, start:] = strip
        whole[start:, start : start + _ROWS] = strip.T
    return whole


def solve(likeness: Floats, truth: Floats, groups: Sequence[str], regularisation: float) -> Fitted:
    """Kernel ridge regression of `truth` (texts, targets), and the scores with each group left out.

    With A = likeness + 1 + regularisation * I and duals = A⁻¹ truth, the errors of a fit without the texts g are
    (A⁻¹[g, g])⁻¹ duals[g]: An, S., Liu, W. and Venkatesh, S. (2007), Fast cross-validation algorithms for least
    squares support vector machine and kernel ridge regression. The one added everywhere stands for the intercept.
    """
    a = likeness + np.float32(1)
    a[np.diag_indices_from(a)] += np.float32(regularisation)
    factor, _ = cho_factor(a, lower=True, overwrite_a=True, check_finite=False)
    duals = cho_solve((factor, True), truth, check_finite=False)
    inverse, _ = lapack.spotri(factor, lower=True, overwrite_c=True)
    places: dict[str, list[int]] = defaultdict(list)
    for i, group in enumerate(groups):
        places[group].append(i)
    held_out = np.array(truth, np.float32)
    for g in places.values():
        block = np.tril(inverse[np.ix_(g, g)])
        block = block + np.tril(block, -1).T
        held_out[g] -= np.linalg.solve(block, duals[g])
    return Fitted(np.asarray(duals, np.float32), held_out)


def _strip(rows: csr_matrix, others: csr_matrix) -> Floats:
    return np.asarray((rows @ others.T).todense(), np.float32)
