"""The pieces of a text that the classifier counts, cut as scikit-learn cuts them.

Written here because whoever serves would otherwise keep scikit-learn, SciPy and pandas in memory for these few lines;
training and tests use scikit-learn's own, and tests hold the two to the same rows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

Ngrams = Callable[[str], Iterator[str]]
_WORD = re.compile(r"\b\w+\b")
_SPACES = re.compile(r"\s\s+")


def clean(text: str) -> str:
    """In lower case, without accents (`strip_accents="unicode"`)."""
    low = text.lower()
    if low.isascii():
        return low
    return "".join(c for c in unicodedata.normalize("NFKD", low) if not unicodedata.combining(c))


def of_words(shortest: int, longest: int) -> Ngrams:
    """Sequences of `shortest` to `longest` words of a clean text (analyzer « word », words of one letter too)."""

    def cut(text: str) -> Iterator[str]:
        words = _WORD.findall(text)
        for size in range(shortest, longest + 1):
            yield from map(" ".join, zip(*(words[start:] for start in range(size)), strict=False))

    return cut


def of_letters(shortest: int, longest: int) -> Ngrams:
    """Sequences of letters inside each word of a clean text, a space at each end of it (analyzer « char_wb »)."""

    def cut(text: str) -> Iterator[str]:
        for word in _SPACES.sub(" ", text).split():
            padded = f" {word} "
            for size in range(shortest, longest + 1):
                yield padded[:size]
                if size >= len(padded):  # a short word counts once
                    break
                for start in range(1, len(padded) - size + 1):
                    yield padded[start : start + size]

    return cut
