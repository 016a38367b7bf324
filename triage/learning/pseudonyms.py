"""Puts « [NOM 3] » in place of whatever designates somebody: the same thing is the same mark throughout one export."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from triage.desk.handover.folded import words
from triage.desk.office import Office
from triage.desk.policies import Policies
from triage.learning.identifiers.names import Names
from triage.learning.identifiers.numbers import Numbers, long_numbers
from triage.learning.identifiers.online import Online
from triage.learning.identifiers.ordinary import Dictionary
from triage.learning.identifiers.plain import Found, plain, separate

_BLANK = " "


class Identifiers:
    """Finds in a text all that designates somebody."""

    def __init__(self, rules: Path, policies: Policies, place: Callable[[str], bool] = lambda _: False) -> None:
        policy = policies.extraction
        self._numbers, self._online = Numbers(policy), Online(policy)
        ordinary = Dictionary(rules, policy.ordinary)
        self._names = Names(policies.handover.redaction, policy, ordinary, place)

    def __call__(self, text: str) -> list[Found]:
        """What was found, in order, nothing overlapping; places are those of `text` itself."""
        told = plain(text)
        found = separate([*self._online(told.text), *self._numbers(told.text)])
        left = _without(told.text, found)
        found += separate(list(long_numbers(left)))
        found += separate(list(self._names(_without(told.text, found))))
        return [Found(one.kind, one.value, *told.span(one.start, one.end)) for one in separate(found)]


class Pseudonyms:
    """The marks of one export. A secret is drawn for it and never kept: what was read cannot be found from a mark."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = labels
        self._secret = secrets.token_bytes(32)
        self._numbers: dict[bytes, int] = {}
        self._last: dict[str, int] = {}
        self.replaced: dict[str, int] = {}

    def __call__(self, text: str, found: Iterable[Found]) -> str:
        """`text` with a mark in place of each thing `found` in it."""
        pieces, at = [], 0
        for one in found:
            pieces += [text[at : one.start], self.mark(one.kind, one.value)]
            at = one.end
            self.replaced[one.kind] = self.replaced.get(one.kind, 0) + 1
        return "".join([*pieces, text[at:]])

    def mark(self, kind: str, value: str) -> str:
        """What stands for `value`."""
        key = self.keyed(kind, value)
        if key not in self._numbers:
            self._last[kind] = self._numbers[key] = self._last.get(kind, 0) + 1
        return f"[{self._labels[kind]} {self._numbers[key]}]"

    def keyed(self, *parts: str) -> bytes:
        """A digest that only this export can make: its order is that in which cases are written."""
        return hmac.digest(self._secret, "\0".join(parts).encode(), hashlib.sha256)


def identifiers_of(rules: Path, office: Office) -> Identifiers:
    """What finds identifiers by the `rules` of `office`; the names of départements are places."""
    places = {words(one.name) for one in office.service.departements.values()}
    return Identifiers(rules, office.policies, lambda name: words(name) in places)


def _without(text: str, found: Iterable[Found]) -> str:
    """`text` with blanks in place of what is found already."""
    for one in found:
        text = text[: one.start] + _BLANK * (one.end - one.start) + text[one.end :]
    return text
