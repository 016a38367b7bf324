"""A text as names are compared in it: no case, no accent, nothing invisible, each sign that is no letter a space."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from triage.document.folding import fold

_NOTHING = {"Cf", "Mn", "Me"}


@dataclass(frozen=True)
class Folded:
    """The folded text; `origins[i]` is the place, in the text itself, of its sign i."""

    text: str
    origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a piece of the folded text stands in the text itself."""
        return self.origins[start], self.origins[end - 1] + 1


def folded(text: str) -> Folded:
    """`text`, folded."""
    signs: list[str] = []
    origins: list[int] = []
    for place, sign in enumerate(text):
        for one in _sign(sign):
            signs.append(one)
            origins.append(place)
    return Folded("".join(signs), tuple(origins))


def words(text: str) -> tuple[str, ...]:
    """The folded words of `text`."""
    return tuple(folded(text).text.split())


def _sign(sign: str) -> str:
    if "a" <= sign <= "z" or "0" <= sign <= "9" or sign == " ":
        return sign
    if unicodedata.category(sign) in _NOTHING:
        return ""
    told = fold(unicodedata.normalize("NFKC", sign))  # « 𝐕 » is a V in disguise
    return "".join(one if one.isalnum() else " " for one in told) or " "
