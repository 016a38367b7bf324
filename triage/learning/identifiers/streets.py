"""Postal addresses as people type them: numbers in letters, streets shortened or in lower case, boxes, buildings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from triage.desk.extraction import ExtractionPolicy
from triage.desk.handover.policy import RedactionRules
from triage.document.folding import fold


class Streets:
    """Finds them by the words of the rules, besides what `handover.patterns.addresses` finds."""

    def __init__(self, rules: RedactionRules, policy: ExtractionPolicy) -> None:
        said = [word for word, value in policy.numbers.items() if value > 1]
        number = rf"(?:\d{{1,4}} ?(?:bis|ter|quater|[a-dA-D](?!\w))?|(?i:{_any(said)})(?: (?:bis|ter))?)"
        streets = [*rules.streets, *policy.streets]
        every = _any({*streets, *map(fold, streets)})
        stop = rf"(?!(?i:{_any([*rules.stops, *policy.stops])})(?!\w))"
        rest = rf"(?:{stop}[\w'’-]+(?:\.(?! ))? ?){{1,5}}"
        of = r"(?:de la|de l['’]|du|des|de|d['’])"
        own = rf"(?i:{_any({*policy.plain_streets, *map(fold, policy.plain_streets)})})"
        self._patterns = [
            re.compile(rf"(?<![\w.,]){number} ?,? (?i:{every})\.? {rest}"),
            re.compile(rf"(?<!\w)(?i:{_any(policy.numbered)}) ?\d{{1,4}} {of} ?(?i:{every})\.? {rest}"),
            re.compile(rf"(?<!\w){own} {of} ?{rest}"),
            re.compile(rf"(?<!\w)(?i:{every}) d['’][A-ZÀ-ÖØ-Þ][\w'’-]+"),
            re.compile(rf"(?<!\w)\d{{1,2}}(?:er|[eè]me|e) (?i:{_any(policy.buildings)})(?!\w)"),
            re.compile(rf"(?<!\w)(?i:{_any(policy.buildings)})\.? ?(?:n° ?)?(?:\d{{1,4}}|[A-H])(?!\w)"),
            re.compile(rf"(?<!\w)(?:{_any(policy.boxes)}) ?\d{{1,6}}(?!\w)"),
        ]

    def __call__(self, text: str) -> Iterator[str]:
        """Each address in `text`, as it is written."""
        for pattern in self._patterns:
            for match in pattern.finditer(text):
                yield match[0].strip(" ,;.-'’")


def _any(told: Iterable[str]) -> str:
    return "|".join(re.escape(one).replace("'", "['’]") for one in sorted(told, key=len, reverse=True))
