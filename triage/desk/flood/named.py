"""Finds, in a report, the name of somebody else: a first name and a surname, or « M. Untel »."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from triage.desk.handover import patterns
from triage.desk.handover.folded import words
from triage.desk.office import Office
from triage.store.records import Told

_BEFORE = 24  # letters before a name in which it is said to be one's own


def namer(office: Office) -> Callable[[Told], bool]:
    """Whether a report names somebody else than its author; made once, for many reports."""
    rules = office.policies.handover.redaction
    first = {words(name) for name in office.policies.extraction.first_names}
    ignored = {one for name in rules.not_names for one in words(name)}
    capitals = re.compile(patterns.names(rules))
    civil = re.compile(rf"(?:{'|'.join(map(re.escape, sorted(rules.civilities, key=len, reverse=True)))})[ \u00a0]+$")
    own = [words(one) for one in office.policies.flood.named.own]

    def names(told: Told) -> bool:
        theirs = set(words(f"{told.contact} {told.mail}"))
        return any(not theirs & set(words(name)) for name in _names(told.text))

    def _names(text: str) -> Iterator[str]:
        for match in capitals.finditer(text):
            parts = match[0].replace("\u00a0", " ").split()
            before = text[max(0, match.start() - _BEFORE) : match.start()]
            titled = civil.search(before) is not None and words(parts[0])[:1] != () and not _ignored(parts[0])
            called = len(parts) > 1 and words(parts[0]) in first and not _ignored(parts[1])
            said = words(before)
            if (titled or called) and not any(one and said[-len(one) :] == one for one in own):
                yield match[0]

    def _ignored(word: str) -> bool:
        return all(one in ignored for one in words(word))

    return names
