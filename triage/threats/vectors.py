"""TF-IDF vectors of one text at a time, equal to scikit-learn's, with what a word adds kept from text to text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.threats.ngrams import Ngrams, clean

_MOST_WORDS = 100_000
# Every number of half precision, by its bits, in single precision.
_SINGLE = np.arange(2**16, dtype=np.uint16).view(np.float16).astype(np.float32)

Columns = NDArray[np.int64]


@dataclass(frozen=True)
class Row:
    """A sparse row: `values[i]` stands in column `columns[i]`."""

    columns: Columns
    values: NDArray[np.float32]

    def times(self, block: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """The row times `block`, of shape (columns, heads), touching only the features that are there."""
        rows = block.take(self.columns, axis=0)
        # Looked up: half the time of NumPy's own conversion.
        rows = _SINGLE.take(rows.view(np.uint16)) if rows.dtype == np.float16 else rows.astype(np.float32, copy=False)
        return np.asarray(self.values @ rows, np.float32)


class RowMaker:
    """Makes the row that scikit-learn's vectoriser would make; several times faster on single texts.

    `columns`: n-gram → column; `idf`: one inverse document frequency a column; `ngrams` cuts a clean text.
    `by_word`: the n-grams do not cross words, so that those of each word are kept.
    """

    def __init__(self, columns: Mapping[str, int], idf: NDArray[np.float32], ngrams: Ngrams, by_word: bool) -> None:
        self.columns, self.idf = columns, np.asarray(idf, np.float32)
        self._ngrams, self._by_word = ngrams, by_word
        self._kept: dict[str, Columns] = {}

    def row(self, text: str) -> Row:
        """The row of `text`: 1 + log(count), times the inverse document frequency, of length 1."""
        return self.row_of_clean(clean(text))

    def row_of_clean(self, text: str) -> Row:
        """The same, of what `clean` gives."""
        words = text.split() if self._by_word else ()
        found = np.concatenate([self._columns_of_word(word) for word in words]) if words else self._columns(text)
        columns, counts = np.unique(found, return_counts=True)
        values = np.asarray((1.0 + np.log(counts)) * self.idf[columns], np.float32)
        length = float(np.sqrt(values @ values))
        return Row(columns, values / length if length else values)

    def _columns_of_word(self, word: str) -> Columns:
        columns = self._kept.get(word)
        if columns is None:
            columns = self._columns(word)
            if len(self._kept) < _MOST_WORDS:
                self._kept[word] = columns
        return columns

    def _columns(self, text: str) -> Columns:
        found = map(self.columns.get, self._ngrams(text))
        return np.array([column for column in found if column is not None], np.int64)
