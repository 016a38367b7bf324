"""A row made word by word is the row that scikit-learn makes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from triage.threats.features import LETTERS, WORDS, Vocabulary, make_vectoriser

TEXTS = [
    "Il m'a écrit qu'il viendrait ce soir.",
    "Nos fichiers sont chiffrés, une rançon est réclamée.",
    "il vient, il est là, à l'école de ma fille !",
]
WORD_BY_WORD, LETTER_BY_LETTER = (make_vectoriser(options).fit(TEXTS) for options in (WORDS, LETTERS))


def vocabulary_of(vectoriser: TfidfVectorizer) -> Vocabulary:
    return Vocabulary(tuple(vectoriser.get_feature_names_out()), vectoriser.idf_)


VECTORISERS = {
    "words": (WORD_BY_WORD, vocabulary_of(WORD_BY_WORD).words()),
    "letters": (LETTER_BY_LETTER, vocabulary_of(LETTER_BY_LETTER).letters()),
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
