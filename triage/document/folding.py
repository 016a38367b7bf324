"""One spelling for matching: lower case, no accents, plain apostrophes."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "’": "'", "ʼ": "'", "‘": "'"})


class _WithoutMarks(dict[int, int | None]):
    """For `str.translate`: nothing for a combining mark, the character itself otherwise; learnt as texts are read."""

    def __missing__(self, code: int) -> int | None:
        kept = self[code] = None if unicodedata.combining(chr(code)) else code
        return kept


_MARKS = _WithoutMarks()


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """`word` as rules compare it: « Crèveras » → « creveras »."""
    lowered = word.lower().translate(_LIGATURES)
    if lowered.isascii():
        return lowered
    return unicodedata.normalize("NFKD", lowered).translate(_MARKS)
