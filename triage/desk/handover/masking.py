"""Puts « [personne 1] » in place of what must not leave: everywhere, however it is written, the same for the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from triage.desk.handover.folded import folded, words
from triage.desk.office import DeskError

PERSON = "personne"
NUMBERS = ("telephone", "iban")
_SHORTEST = 2
_NATIONAL = 9  # digits of a French number after its 0 or +33
_CUT = re.compile(r"^… \S*|(?<!\S)\S*+ …$")


class Cut(str):
    """A piece cut out of a text: a name may begin before it, or go on after it."""

    __slots__ = ()


@dataclass(frozen=True)
class Term:
    """What is masked: its kind (a key of `labels`), and how it was written once."""

    kind: str
    text: str


@dataclass(frozen=True)
class _Sought:
    pattern: re.Pattern[str]
    words: tuple[str, ...]
    within: bool  # a longer word that contains it is masked too
    label: str


class Mask:
    """What replaces `terms`. `labels`: kind → its word; from `within` letters on, a word that contains a term goes too.

    `particles` (« de », « la »…) are not masked alone. Without terms, a mask changes nothing. Raises DeskError for a
    term too short, or that is one of the words put in place of others.
    """

    def __init__(
        self, terms: Iterable[Term], labels: Mapping[str, str], within: int, particles: Iterable[str] = ()
    ) -> None:
        self._within, self._particles = within, frozenset(particles)
        self._taken = {one for label in labels.values() for one in words(label)}
        self._sought = list(self._prepared(terms, labels))

    def __bool__(self) -> bool:
        return bool(self._sought)

    def __call__(self, text: str) -> str:
        """`text` without what is masked."""
        if not self._sought or not text:
            return str(text)
        whole = _CUT.sub("…", text) if isinstance(text, Cut) else text
        return _replaced(whole, self.spans(whole, isinstance(text, Cut)))

    def hides_in(self, text: str) -> bool:
        """Whether something of `text` is masked."""
        return bool(self.spans(text))

    def spans(self, text: str, cut: bool = False) -> list[tuple[int, int, str]]:
        """Where the masked words stand in `text`: those that touch are one."""
        told = folded(text)
        found = [(*told.span(start, end), label) for start, end, label in self._found(told.text, cut)]
        spans: list[tuple[int, int, str]] = []
        for start, end, label in sorted(found, key=lambda one: (one[0], -one[1])):
            if spans and start < spans[-1][1]:
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]), spans[-1][2])
            else:
                spans.append((start, end, label))
        return spans

    def _found(self, text: str, cut: bool) -> Iterator[tuple[int, int, str]]:
        for one in self._sought:
            for match in one.pattern.finditer(text):
                start, end = _whole_words(text, *match.span())
                if one.within or (start, end) == match.span():
                    yield start, end, one.label
            if cut:
                yield from _fragments(text, one)

    def _prepared(self, terms: Iterable[Term], labels: Mapping[str, str]) -> Iterator[_Sought]:
        numbers: dict[str, int] = {}
        known: dict[tuple[str, ...], str] = {}
        for term in sorted(terms, key=lambda term: -len(words(term.text))):
            told = words(term.text)
            self._check(term, told)
            label = known.get(told)
            if label is None:
                numbers[term.kind] = numbers.get(term.kind, 0) + 1
                label = f"[{labels[term.kind]} {numbers[term.kind]}]"
            for part in (told, *self._parts(term, told)):
                if part not in known:
                    known[part] = label
                    yield self._sought_for(term.kind, part, label)

    def _check(self, term: Term, told: tuple[str, ...]) -> None:
        if len("".join(told)) < _SHORTEST:
            raise DeskError(f"« {term.text} » est trop court pour être masqué : écrivez au moins {_SHORTEST} lettres.")
        if len(told) == 1 and told[0] in self._taken:
            raise DeskError(f"« {term.text} » ne peut pas être masqué : c'est le mot qui en remplace d'autres.")

    def _parts(self, term: Term, told: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """Each name of a person stands for the person."""
        if term.kind == PERSON and len(told) > 1:
            taken = self._particles | self._taken
            yield from ((one,) for one in told if len(one) >= _SHORTEST and one not in taken)

    def _sought_for(self, kind: str, told: tuple[str, ...], label: str) -> _Sought:
        compact = "".join(told)
        within = len(compact) >= self._within
        if kind in NUMBERS:
            tail = compact[-_NATIONAL:] if compact.isdigit() and len(compact) > _NATIONAL else compact
            return _Sought(re.compile(" *".join(tail)), told, True, label)
        if within:
            return _Sought(re.compile(" *".join(map(re.escape, told))), told, True, label)
        # Whole words only, or what begins within a word would hide the term that begins after it.
        alone = " +".join(map(re.escape, told))
        return _Sought(re.compile(f"(?<![^ ]){alone}(?![^ ])"), told, False, label)


def masked(tree: Any, mask: Mask) -> Any:  # noqa: ANN401 (a tree of JSON)
    """Every text of `tree` without what is masked; the keys of its objects are ours."""
    if isinstance(tree, str):
        return mask(tree)
    if isinstance(tree, dict):
        return {key: masked(value, mask) for key, value in tree.items()}
    return [masked(value, mask) for value in tree] if isinstance(tree, list | tuple) else tree


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """From the beginning of the word at `start` to the end of the word before `end`."""
    stop = text.find(" ", end)
    return text.rfind(" ", 0, start) + 1, stop if stop >= 0 else len(text)


def _fragments(text: str, one: _Sought) -> Iterator[tuple[int, int, str]]:
    """The end of a term that begins before the text, the beginning of one that goes on after it."""
    for size in range(len(one.words) - 1, 0, -1):
        head = re.match(" *" + " +".join(map(re.escape, one.words[-size:])) + "(?= |$)", text)
        if head:
            yield head.end() - len(head[0].lstrip()), head.end(), one.label
            break
    for size in range(len(one.words) - 1, 0, -1):
        tail = re.search("(?:^| )(" + " +".join(map(re.escape, one.words[:size])) + ") *$", text)
        if tail:
            yield *tail.span(1), one.label
            break


def _replaced(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    pieces, at = [], 0
    for start, end, label in spans:
        pieces += [text[at:start], label]
        at = end
    return "".join([*pieces, text[at:]])
