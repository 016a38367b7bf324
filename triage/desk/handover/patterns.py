"""The shapes of names, addresses and places, from the words of the rules. Each pattern has a group `name`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from triage.desk.handover.policy import RedactionRules

_UPPER, _LETTER = "A-ZÀ-ÖØ-ÞŒ", "A-Za-zÀ-ÖØ-öø-ÿŒœ"
_NAME = rf"[{_UPPER}][{_LETTER}]*(?:-[{_LETTER}]+|['’][{_UPPER}][{_LETTER}]+)*"
_POSTCODE = r"(?:,?\s+(?:\d{5}|\d{2}\s\d{3}))"
ELIDED = re.compile(rf"^(?:[CDJLS]|Qu)['’](?=[{_UPPER}])")
# French numbers, those kept for fiction included, which the library of numbers does not know.
PHONE = re.compile(r"(?<![\w+])(?:\+33|0033|0)[ .\-\u00a0]?(?:\(0\) ?)?[1-9](?:[ .\-\u00a0]?\d{2}){4}(?!\d)")


def names(rules: RedactionRules) -> str:
    """One to five capitalised words, particles between them."""
    between = rf"[ \u00a0](?:(?:{_any(rules.particles)})[ \u00a0'’]){{0,2}}"
    return rf"(?<![\w@.’']){_NAME}(?:{between}{_NAME}){{0,4}}(?!\w)"


def people(rules: RedactionRules) -> list[re.Pattern[str]]:
    """Names after « Mme », « le maire », « s'appelle », « mon fils »; one small word after the clearest of these."""
    heads = _any([*rules.civilities, *rules.offices, *rules.called, *rules.relatives])
    clear = _any([*rules.civilities, *rules.called])
    ignored = _any([*rules.not_names, *rules.stops, *rules.offices, *rules.relatives])
    return [
        re.compile(rf"(?i:\b(?:{heads}))[ \u00a0,:]+(?P<name>{names(rules)})"),
        re.compile(rf"(?i:\b(?:{clear})\s+(?!(?:{ignored})\b))(?P<name>[a-zà-öø-ÿœ]{{3,}}(?:-[a-zà-öø-ÿœ]+)?)"),
    ]


def addresses(rules: RedactionRules) -> list[re.Pattern[str]]:
    """A number and a street; a street by its name; a postcode and its town."""
    street, stops, named = rf"(?i:{_any(rules.streets)})", rf"(?i:{_any(rules.stops)})", names(rules)
    of = r"(?:(?:de\sla|de|du|des|la|le|les)\s+|de\s?l['’]|d['’]|l['’])*"
    number = r"\d{1,4}\s?(?:bis|ter|quater|[a-dA-D]\b)?\s*,?\s+"
    rest = rf"(?:(?!{stops}\b)[{_LETTER}\d'’.-]+\s?){{1,6}}"
    town = rf"(?:{_POSTCODE}\s+{named})?"
    return [
        re.compile(rf"(?P<name>{number}{street}\b\.?\s+{rest}{town})"),
        re.compile(rf"(?P<name>\b{street}\s+{of}{named}{town})"),
        re.compile(rf"(?P<name>\b\d{{5}}\s+{named})"),
    ]


def places(rules: RedactionRules) -> list[re.Pattern[str]]:
    """Names after « à », « commune de »."""
    cues = "|".join(_escaped(one) + ("" if one.endswith("'") else r"\s+") for one in rules.before_places)
    return [re.compile(rf"(?<!\w)(?i:{cues})(?P<name>(?:(?:Le|La|Les|L['’])\s?)?{names(rules)})")]


def _any(told: Iterable[str]) -> str:
    return "|".join(sorted(map(_escaped, told), key=len, reverse=True))


def _escaped(told: str) -> str:
    return re.escape(told).replace("'", "['’]")
