"""One spelling for matching: lower case, no accents, plain apostrophes."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "’": "'", "ʼ": "'", "‘": "'"})


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """`word` as rules compare it: « Crèveras » → « creveras »."""
    lowered = word.lower().translate(_LIGATURES)
    if lowered.isascii():
        return lowered
    decomposed = unicodedata.normalize("NFKD", lowered)
    return "".join(c for c in decomposed if not unicodedata.combining(c))
