"""The shapes of numbers: telephones, bank accounts and cards, plates, companies, social security."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from triage.desk.extraction import ExtractionPolicy
from triage.document.folding import fold
from triage.learning.identifiers.plain import Found

_LOOKALIKE = str.maketrans("oOlI", "0011")
_GAP = r"[ \t.,\-–_/·•]{0,3}"
_DIGIT = r"[\doOlI*xX]"
# Nine digits after 0, +33 or 0033, in any groups.
_NATIONAL = re.compile(
    rf"(?<![\w+])(?:(?:\+|00 ?)3 ?3{_GAP}(?:\(0\))?{_GAP}|33(?=[1-9]\d{{8}}(?!\d))|[0oO]{_GAP})"
    rf"[1-9lI](?:{_GAP}{_DIGIT}){{8}}(?!\w)"
)
_FOREIGN = re.compile(r"(?<![\w+])(?:\+|00 ?)(?!33)[1-9]\d{0,2}(?:[ .\-]{0,2}\(?\d\)?){6,12}(?!\w)")
# The first digits are missing, or told apart: « 06 puis … ».
_PAIRS = re.compile(r"(?<![\d.,/:-])(?<!\d )(?:[67] ?)?\d{2}(?:[ .\-]\d{2}){3}(?![ .,\-/:]?\d)(?!\w)")
_DATE = re.compile(r"(?:0?[1-9]|[12]\d|3[01])[ /.\-](?:0?[1-9]|1[0-2])[ /.\-](?:19|20)\d\d(?!\d)")
_IBAN = re.compile(r"(?<!\w)([A-Za-z] ?[A-Za-z]) ?[-.]?(?:[\doO] ?){2}")
_RIB = re.compile(r"(?<!\w)\d{5} ?\d{5} ?[\dA-Z]{11} ?\d{2}(?!\w)")
_CARD = re.compile(r"(?<!\w)\d{4}(?:[ .\-]?\d{4}){3}(?!\w)|(?<!\w)3[47]\d{2}[ .\-]?\d{6}[ .\-]?\d{5}(?!\w)")
_SOCIAL = re.compile(
    r"(?<!\w)[1278][ .\-]?\d{2}[ .\-]?(?:0[1-9]|1[0-2]|[2-9]\d)[ .\-]?(?:\d{2}|2[ABab])[ .\-]?\d{3}[ .\-]?\d{3}"
    r"(?:[ .\-]?\d{2})?(?!\w)"
)
_COMPANY = re.compile(r"(?<!\w)(?:FR ?\d{2} ?)?\d{3}[ .\-]?\d{3}[ .\-]?\d{3}(?:[ .\-]?\d{5})?(?!\w)", re.IGNORECASE)
_LETTERS = "A-HJ-NP-TV-Za-hj-np-tv-z"
_PLATE = re.compile(rf"(?<!\w)[{_LETTERS}]{{2}}([ .\-–]{{0,3}})\d{{3}}\1[{_LETTERS}]{{2}}(?!\w)")
_OLD_PLATE = re.compile(r"(?<!\w)\d{1,4}[ \-]?[A-Za-z]{2,3}[ \-]?(?:\d{2}|2[ABab]|97\d)(?!\w)")
_LONG = re.compile(r"(?<![\w,.])(?!(?:19|20)\d\d[\-/.])\d(?:[ .\-]?\d){8,}(?!\w)(?! ?(?:€|euro|eur\b|k€|\$))")
_BEFORE = 40
_SAID = re.compile(r"\w+")
_NATIONAL_DIGITS = 10


class Numbers:
    """Finds by shape; where a shape is common, by the words of `policy` that announce it."""

    def __init__(self, policy: ExtractionPolicy) -> None:
        self._plates = _cue(policy.plates)
        self._companies = _cue(policy.companies)
        self._words = set(policy.two_letters)
        self._values = {fold(word): value for word, value in policy.numbers.items()}
        self._spelled = _spelled({**self._values, **policy.numbers})

    def __call__(self, text: str) -> Iterator[Found]:
        """All that has such a shape in `text`, a plain copy; several may overlap."""
        yield from self._telephones(text)
        if any(sign.isdigit() for sign in text):
            yield from _ibans(text)
            yield from (_found("iban", match) for match in _RIB.finditer(text))
            yield from (_found("insee", match) for match in _SOCIAL.finditer(text))
            yield from (_found("carte", match) for match in _CARD.finditer(text))
            yield from self._of_companies(text)
            yield from self._of_cars(text)

    def _telephones(self, text: str) -> Iterator[Found]:
        for pattern in (_NATIONAL, _FOREIGN, _PAIRS):
            for match in pattern.finditer(text):
                if not _DATE.match(match[0]) and sum(sign.isdigit() for sign in match[0]) >= 6:
                    yield Found("telephone", telephone(match[0]), *match.span())
        for match in self._spelled.finditer(text):
            told = self._ten_digits(match[0])
            if told:
                yield Found("telephone", telephone(said(told, self._values)), match.start(), match.start() + len(told))

    def _ten_digits(self, told: str) -> str:
        """The words of `told` as far as ten digits; none when there are fewer than eight."""
        for end in (match.end() for match in _SAID.finditer(told)):
            if len(said(told[:end], self._values)) >= _NATIONAL_DIGITS and not _unfinished(told[end:], self._values):
                return told[:end]
        return told if len(said(told, self._values)) >= _NATIONAL_DIGITS - 2 else ""

    def _of_companies(self, text: str) -> Iterator[Found]:
        for match in _COMPANY.finditer(text):
            digits = compact(match[0])
            own = digits[4:] if digits.startswith("fr") else digits
            if digits.startswith("fr") or _luhn(own) or self._companies.search(_before(text, match)):
                yield Found("siret", own[:9], *match.span())

    def _of_cars(self, text: str) -> Iterator[Found]:
        for match in _PLATE.finditer(text):
            sure = match[1] in ("", "-") or not self._words & {match[0][:2].lower(), match[0][-2:].lower()}
            if sure or self._plates.search(_around(text, match)):
                yield _found("plaque", match)
        for match in _OLD_PLATE.finditer(text):
            if self._plates.search(_around(text, match)):
                yield _found("plaque", match)


def long_numbers(text: str) -> Iterator[Found]:
    """What is left: any number of nine digits or more that is no amount of money."""
    for match in _LONG.finditer(text):
        if not _DATE.match(match[0]):
            yield _found("numero", match)


def telephone(told: str) -> str:
    """The same for all the ways of writing a number: its last nine digits, or all of them."""
    digits = "".join(sign for sign in told.translate(_LOOKALIKE) if sign.isdigit() or sign in "*xX")
    return digits[-9:] if len(digits) > 9 else digits


def said(told: str, values: dict[str, int]) -> str:
    """The digits of a number told in words, from their `values` (folded): « zéro six trente-neuf » → 0639."""
    numbers: list[int] = []
    for word in re.findall(r"\w+", told.lower()):
        value = int(word) if word.isdigit() else values.get(fold(word))
        if value is None:
            continue
        last = numbers[-1] if numbers and not word.isdigit() else 0
        if last == 4 and value == 20:
            numbers[-1] = 80
        elif last and last % 10 == 0 and value < (20 if last in (60, 80) else 10) and value and last >= 20:
            numbers[-1] = last + value
        else:
            numbers.append(value)
    return "".join(f"{number:02d}" if number >= 10 else str(number) for number in numbers)


def compact(told: str) -> str:
    """Letters and digits only, in lower case."""
    return "".join(sign for sign in told.lower() if sign.isalnum())


def _unfinished(after: str, values: dict[str, int]) -> bool:
    """Whether the next word goes on with the number before it: « quatre-vingt » then « dix »."""
    return after.startswith("-") and bool(_SAID.match(after[1:])) and fold(after[1:].split("-")[0]) in values


def _spelled(values: dict[str, int]) -> re.Pattern[str]:
    """A number that begins with zero, in which a word stands for some digits."""
    words = "|".join(sorted(values, key=len, reverse=True))
    nought = "|".join(word for word, value in values.items() if not value)
    one, zero, gap = rf"(?:{words}|\d{{1,2}})", rf"(?:{nought}|0\d?)", r"(?:[ /\-]+(?:et[ \-])?)"
    return re.compile(
        rf"(?<!\w){zero}(?={gap}?(?:{one}{gap}){{0,12}}(?:{words})\b)(?:{gap}{one}(?!\w)){{4,18}}", re.IGNORECASE
    )


def _ibans(text: str) -> Iterator[Found]:
    for match in _IBAN.finditer(text):
        wanted = _length(match[1].replace(" ", "").upper())
        for size in (wanted, wanted + 1, wanted - 1) if wanted else ():
            end = _taken(text, match.start(), size)
            if end and sum(sign.isdigit() for sign in text[match.start() : end]) >= size * 0.55:
                yield Found("iban", compact(text[match.start() : end].translate(_LOOKALIKE)), match.start(), end)
                break


def _taken(text: str, start: int, size: int) -> int:
    """Where `size` letters and digits end, single separators between them; 0 when they do not end a word."""
    shape = re.compile(rf"[A-Za-z0-9*](?:[ .\-]?[A-Za-z0-9*]){{{size - 1}}}(?!\w)")
    match = shape.match(text, start)
    return match.end() if match else 0


@cache
def _length(country: str) -> int:
    """How long the IBANs of a country are; 0 where there are none."""
    try:
        return int(IBAN(f"{country}00", allow_invalid=True).spec.iban_length)
    except SchwiftyException:
        return 0


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B: true of nine other numbers in a hundred, hence only where no word announces it."""
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits)))
    return digits.isdigit() and sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _before(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - _BEFORE) : match.start()]


def _around(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - _BEFORE) : match.end() + _BEFORE]


def _cue(told: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, told))})(?!\w)", re.IGNORECASE)


def _found(kind: str, match: re.Match[str]) -> Found:
    return Found(kind, compact(match[0]), *match.span())
