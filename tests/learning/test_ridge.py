"""Leaving a voice out by formula gives what refitting without it gives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from triage.learning.ridge import gram, solve


@pytest.mark.parametrize("regularisation", [0.5, 2.0])
def test_a_voice_left_out_is_a_model_that_never_read_it(regularisation: float) -> None:
    dice = np.random.default_rng(3)
    rows = dice.random((90, 40)) * (dice.random((90, 40)) < 0.3)
    truth = (dice.random((90, 3)) < 0.3).astype(np.float32)
    voices = [f"v{i % 6}" for i in range(90)]
    fitted = solve(gram(csr_matrix(rows, dtype=np.float32)), truth, voices, regularisation)

    likeness = rows @ rows.T + 1
    for voice in set(voices):
        out = np.array([v == voice for v in voices])
        left = likeness[np.ix_(~out, ~out)] + regularisation * np.eye((~out).sum())
        expected = likeness[np.ix_(out, ~out)] @ np.linalg.solve(left, truth[~out])
        assert np.allclose(fitted.held_out[out], expected, atol=1e-3)


def test_likeness_is_the_inner_product_of_rows() -> None:
    rows = csr_matrix(np.random.default_rng(0).random((2300, 7)), dtype=np.float32)
    assert np.allclose(gram(rows), (rows @ rows.T).toarray(), atol=1e-4)
