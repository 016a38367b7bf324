"""Finds names, postal addresses and places without anybody to read over, each wherever and however it is written.

The words that announce them are those of the handover (`rules/desk/handover.yaml`), where an agent reads over; here a
dictionary and lists of first names and surnames decide instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from triage.desk.extraction import ExtractionPolicy
from triage.desk.handover.folded import words
from triage.desk.handover.masking import PERSON, Mask, Term
from triage.desk.handover.names import Finder
from triage.desk.handover.policy import RedactionRules
from triage.learning.identifiers.plain import Found
from triage.learning.identifiers.streets import Streets

_KINDS = {PERSON: "nom", "nom": "nom", "lieu": "lieu", "adresse": "adresse"}
# Digits: no term is as short as one, so that none is taken for what replaces it.
_MARKS = {kind: str(place) for place, kind in enumerate(_KINDS)}
_WORD = r"[a-zà-öø-ÿœ]+(?:['’-][a-zà-öø-ÿœ]+)*"
_CAPITALISED = re.compile(
    r"(?:^|(?<=[.!?…\n«\"“(:*•–—]))[ \n«\"“(*•–—-]{0,60}(?P<name>[A-ZÀ-ÖØ-ÞŒ][a-zà-öø-ÿœ'’-]{3,})(?!\w)"
)
_INITIALS = re.compile(r"(?<!\w)(?:(?!M)[A-ZÀ-Þ]\. ?|[DL]['’])$"), re.compile(r"^ [A-ZÀ-Þ]\.")
_BEGINS = re.compile(r"(?:^|[.!?…:;\n«»\"“”(\[•*–—-])\s*$")
_SENTENCE = re.compile(r"(?<=\w{4})[.] (?=[A-ZÀ-ÖØ-Þ])")
_LONGEST = 200  # letters in which a name is looked for: what is written without a space may be as long as the text
_COMPOUND = re.compile(r"[A-ZÀ-ÖØ-Þ]\w*-(?:\w+-)*[A-ZÀ-ÖØ-Þ]")
_SHORTEST = 4
_NEAR = 60  # signs around a name that may belong to it: to look at the whole text for each takes minutes


class Names:
    """Finds by the rules; `ordinary` says whether words are in the dictionary, `place` whether they name a place."""

    def __init__(
        self,
        rules: RedactionRules,
        policy: ExtractionPolicy,
        ordinary: Callable[[str], bool],
        place: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._ordinary = ordinary
        more = {"not_names": [*policy.not_names, *policy.networks], "offices": policy.people}
        self._rules = rules.model_copy(update={name: [*getattr(rules, name), *told] for name, told in more.items()})
        self._particle = re.compile(rf"(?<=[a-zà-ÿ,] )(?:{_any(one.title() for one in rules.particles)}) $")
        self._called = _called(rules.called, policy.first_names)
        self._finder = Finder(self._rules, place)
        self._not_names = {words(name) for name in self._rules.not_names}
        self._offices = {words(name) for name in (*self._rules.offices, *rules.relatives)}
        self._first = {words(name) for name in (*policy.first_names, *policy.capital_names)}
        self._after_verbs = {words(word) for word in policy.after_verbs}
        self._known = _known([*policy.first_names, *policy.surnames], rules.particles)
        self._streets = Streets(rules, policy)
        self._announced = {
            PERSON: _announced(
                [*rules.called, *rules.relatives, *rules.offices, *rules.civilities, "c", "c'est", "ici"]
            ),
            "lieu": _announced(rules.before_places),
        }

    def __call__(self, text: str) -> Iterator[Found]:
        """Where names, addresses and places stand in `text`."""
        terms = sorted(dict.fromkeys(self._terms(text)), key=lambda term: -len(words(term.text)))
        if not terms:
            return
        mask = Mask(terms, _MARKS, self._rules.within, self._rules.particles)
        stands_for: dict[str, Term] = {}
        for term in terms:
            for _, _, mark in mask.spans(term.text)[:1]:
                stands_for.setdefault(mark, term)
        for start, end, mark in mask.spans(text):
            term = stands_for[mark]
            kind = _KINDS[term.kind]
            if kind != "adresse":
                start, end = self._with_initials(text, start, end)
            yield Found(kind, " ".join(words(term.text)), start, end)

    def _terms(self, text: str) -> Iterator[Term]:
        for term in self._finder(text):
            if term.kind in _KINDS and (told := self._trimmed(term, text)) and self._names(term.kind, told):
                yield Term(PERSON if term.kind == "lieu" and words(told) in self._first else term.kind, told)
        for match in self._known.finditer(text):
            yield Term(PERSON, self._whole(match))
        yield from (Term("adresse", told) for told in self._streets(text) if len(words(told)) > 1)
        for match in _CAPITALISED.finditer(text):
            if words(match["name"]) in self._first or self._strange(match["name"]):
                yield Term("nom", match["name"])
        for match in self._called.finditer(text):
            if words(match["second"]) not in self._not_names | self._offices:
                yield Term(PERSON, match["name"])
        for kind, pattern in self._announced.items():
            for match in pattern.finditer(text):
                if self._strange(match["first"]):
                    also = match["second"] and (match["joined"] or self._strange(match["second"]))
                    yield Term(kind, match["name"] if also else match["first"])

    def _names(self, kind: str, told: str) -> bool:
        """Whether it names somebody or somewhere, and is no ordinary word that a capital begins by chance."""
        if kind == "adresse":
            return True
        if len("".join(words(told))) < 2 or words(told) in self._not_names:
            return False
        if any((word,) in self._first for word in words(told)):
            return True
        if _COMPOUND.search(told[:_LONGEST]) and not told.isupper():
            return True
        return not self._ordinary(told) or (kind == PERSON and told[0].isupper() and " " not in told)

    def _strange(self, word: str) -> bool:
        told = word.rpartition("-")
        if words(told[2]) in self._after_verbs:  # « Voulez-vous »
            word = told[0]
        return len(word) >= _SHORTEST and words(word) not in self._not_names and not self._ordinary(word)

    def _trimmed(self, term: Term, text: str) -> str:
        """Without the ordinary words that begin a run of capitals; ended by them in a text that shouts."""
        if term.kind == "adresse":
            return _SENTENCE.split(term.text)[0]
        parts = term.text.split()
        if term.text.isupper():
            ends = [place for place, word in enumerate(parts) if place and words(word) in self._not_names]
            parts = parts[: ends[0]] if ends else parts
        while len(parts) > 1 and _begins_sentence(term.text, text) and self._begins(parts):
            parts = parts[1:]
        return " ".join(parts)

    def _begins(self, parts: list[str]) -> bool:
        """Whether the first of `parts` is an ordinary word or a particle, and another names somebody."""
        first = words(parts[0])
        if first in self._first or any(words(one) in self._first for one in parts[1:]):
            return False
        return self._ordinary(parts[0]) and not self._ordinary(" ".join(parts[1:]))

    def _with_initials(self, text: str, start: int, end: int) -> tuple[int, int]:
        """A letter and a full stop before or after a name belong to it, and a particle in capitals before it."""
        for pattern in (self._particle, _INITIALS[0]):
            begin = max(0, start - _NEAR)
            before = pattern.search(text[begin:start])
            start = begin + before.start() if before else start
        after = _INITIALS[1].search(text[end : end + _NEAR])
        return start, end + after.end() if after else end

    def _whole(self, match: re.Match[str]) -> str:
        """A known name, with the word after it when that one names too."""
        after = match["after"]
        named = after and (after[0].isupper() or self._strange(after)) and words(after) not in self._not_names
        return match[0] if named else match["name"]


def _known(names: Iterable[str], particles: Iterable[str]) -> re.Pattern[str]:
    between = rf"(?:(?:{_any(particles)})[ '’])?"
    return re.compile(rf"(?<![\w.@-])(?P<name>(?i:{_any(names)}))(?: {between}(?P<after>[\wÀ-ÿ][\w'’-]+))?(?![\w@-])")


def _announced(cues: Iterable[str], joins: Iterable[str] = ()) -> re.Pattern[str]:
    joined = rf"(?P<joined>(?:{_any(joins)}) )?" if joins else "(?P<joined>(?!))?"
    name = rf"(?P<name>(?P<first>{_WORD})(?: {joined}(?P<second>{_WORD}))?)"
    return re.compile(rf"(?<![\w-])(?i:{_any(cues)})(?:[ :,]+| ?(?<=['’])){name}(?!\w)")


def _called(cues: Iterable[str], first_names: Iterable[str]) -> re.Pattern[str]:
    """A first name and the word after it, where somebody is said to be called so."""
    first = rf"(?i:{_any(first_names)})"
    return re.compile(rf"(?<!\w)(?i:{_any(cues)}) (?P<name>{first} (?P<second>{_WORD}))(?!\w)")


def _any(told: Iterable[str]) -> str:
    return "|".join(re.escape(one).replace("'", "['’]") for one in sorted(told, key=len, reverse=True))


def _begins_sentence(told: str, text: str) -> bool:
    """Whether `told` stands only where a sentence begins."""
    places = [match.start() for match in re.finditer(re.escape(told), text)]
    return all(_BEGINS.search(text[max(0, place - _NEAR) : place]) for place in places)
