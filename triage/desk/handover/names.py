"""Finds what may name somebody or somewhere in a text. It proposes: an agent reads over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from triage.desk.handover import patterns
from triage.desk.handover.folded import words
from triage.desk.handover.masking import PERSON, Term
from triage.desk.handover.policy import RedactionRules
from triage.intake.indicators import find

_INDICATORS = {"email": "courriel", "phone": "telephone", "handle": "compte", "iban": "iban"}
_BEGINS = re.compile(r"(?:^|[.!?…:;\n«»\"“”(\[•*–—-])\s*$")
_SHOUTED = 0.5
_AROUND = 60


class Finder:
    """Finds by the rules; `place` says whether a name is that of a commune or a département."""

    def __init__(self, rules: RedactionRules, place: Callable[[str], bool] = lambda _: False) -> None:
        self._place = place
        self._not_names = {one for name in (*rules.not_names, *rules.civilities) for one in words(name)}
        self._capitals = re.compile(patterns.names(rules))
        self._cued = [
            *(("adresse", one) for one in patterns.addresses(rules)),
            *(("lieu", one) for one in patterns.places(rules)),
            *((PERSON, one) for one in patterns.people(rules)),
        ]

    def __call__(self, text: str) -> Iterator[Term]:
        """What may have to be masked in `text`, several times the same perhaps."""
        for one in find(text):
            if one.kind in _INDICATORS:
                yield Term(_INDICATORS[one.kind], " ".join(text[one.start : one.end].split()))
        yield from (Term("telephone", " ".join(match[0].split())) for match in patterns.PHONE.finditer(text))
        taken: list[tuple[int, int]] = []
        yield from self._after_cues(text, taken)
        yield from self._in_capitals(text, taken)

    def capitals(self, text: str) -> Iterator[str]:
        """Every run of capitalised words, and each part of it: among them may be the name of a place."""
        for match in self._capitals.finditer(text):
            parts = self._kept(match[0]).split()
            spans = ((i, j) for i in range(len(parts)) for j in range(i + 1, len(parts) + 1))
            yield from (" ".join(parts[i:j]) for i, j in spans)

    def _after_cues(self, text: str, taken: list[tuple[int, int]]) -> Iterator[Term]:
        """What the words before it announce; where it stands is added to `taken`."""
        for kind, pattern in self._cued:
            for match in pattern.finditer(text):
                told = (
                    " ".join(match["name"].split()).strip(" ,;.-'’") if kind == "adresse" else self._kept(match["name"])
                )
                if told and _free(match.span("name"), taken):
                    taken.append(match.span("name"))
                    yield Term(kind, told)

    def _in_capitals(self, text: str, taken: list[tuple[int, int]]) -> Iterator[Term]:
        """Capitals where a sentence does not begin, and several in a row wherever they are."""
        for match in self._capitals.finditer(text):
            told = self._kept(match[0])
            if not told or not _free(match.span(), taken):
                continue
            place, several = self._place(told), " " in told
            begins = _BEGINS.search(text[max(0, match.start() - _AROUND) : match.start()]) is not None
            shouted = told.isupper() and (not several or _shouted(text, *match.span()))
            if place or ((several or not begins) and not shouted):
                yield Term("lieu" if place else PERSON if several else "nom", told)

    def _kept(self, told: str) -> str:
        """`told` without the words around it that name nobody; empty when nothing is left."""
        parts = patterns.ELIDED.sub("", told.strip()).split()
        while parts and self._common(parts[0]):
            parts = parts[1:]
        while parts and self._common(parts[-1]):
            parts = parts[:-1]
        left = " ".join(parts)
        return left if len("".join(words(left))) > 1 else ""

    def _common(self, word: str) -> bool:
        return all(one in self._not_names for one in words(word))


def _free(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return not any(start < span[1] and span[0] < end for start, end in taken)


def _shouted(text: str, start: int, end: int) -> bool:
    """Whether what is around is in capitals too."""
    around = [sign for sign in text[max(0, start - _AROUND) : start] + text[end : end + _AROUND] if sign.isalpha()]
    return bool(around) and sum(sign.isupper() for sign in around) / len(around) > _SHOUTED
