"""A copy of a text in which disguised signs are plain ones, and where each came from."""

from __future__ import annotations

import unicodedata
from bisect import bisect
from dataclasses import dataclass

_NOTHING = {"Cf", "Mn", "Me"}


@dataclass(frozen=True)
class Found:
    """Something that designates somebody: its kind (a key of `labels`), what it is whatever its spelling, where."""

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Plain:
    """The copy; `origins[i]` is the place, in the text itself, of its sign i."""

    text: str
    origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a piece of the copy stands in the text itself."""
        return self.origins[start], self.origins[end - 1] + 1


def plain(text: str) -> Plain:
    """`text` with full-width digits, keycaps and invisible signs undone; accents written apart are left out."""
    signs: list[str] = []
    origins: list[int] = []
    for place, sign in enumerate(text):
        for one in _signs(sign):
            signs.append(one)
            origins.append(place)
    return Plain("".join(signs), tuple(origins))


def _signs(sign: str) -> str:
    if sign.isascii():
        return sign
    category = unicodedata.category(sign)
    if category in _NOTHING:
        return ""
    return " " if category == "Zs" else unicodedata.normalize("NFKC", sign)


def separate(found: list[Found]) -> list[Found]:
    """Those that do not overlap, in order: the longer first, then as they come."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda one: one.start - one.end):
        place = bisect(kept, one.start, key=lambda other: other.start)
        free_before = not place or kept[place - 1].end <= one.start
        if free_before and (place == len(kept) or one.end <= kept[place].start):
            kept.insert(place, one)
    return kept
