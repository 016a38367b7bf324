"""A row made word by word is the row that scikit-learn makes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from triage.threats.features import LETTERS, WORDS, make_vectoriser
from triage.threats.vectors import RowMaker

TEXTS = [
    "Il m'a écrit qu'il viendrait ce soir.",
    "Nos fichiers sont chiffrés, une rançon est réclamée.",
    "il vient, il est là, à l'école de ma fille !",
]
VECTORISERS = {
    "words": (make_vectoriser(WORDS).fit(TEXTS), RowMaker(make_vectoriser(WORDS).fit(TEXTS), by_word=False)),
    "letters": (make_vectoriser(LETTERS).fit(TEXTS), RowMaker(make_vectoriser(LETTERS).fit(TEXTS), by_word=True)),
}


@pytest.mark.parametrize("kind", sorted(VECTORISERS))
@given(
    text=st.one_of(st.text(max_size=80), st.lists(st.sampled_from(" ".join(TEXTS).split()), max_size=30).map(" ".join))
)
@example(text="")
@example(text="à  A\tÀ\n a")
@example(text="ǅ ﬁ İ ß x")
def test_rows_are_scikit_learns(kind: str, text: str) -> None:
    vectoriser, maker = VECTORISERS[kind]
    expected = vectoriser.transform([text]).toarray()[0]
    row = maker.row(text)
    found = np.zeros_like(expected)
    found[row.columns] = row.values
    assert np.allclose(found, expected, atol=1e-6)
