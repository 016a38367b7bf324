"""Dates and durations told in French, resolved against the moment when the report came in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property

_SAME_LENGTH = {c: unicodedata.normalize("NFKD", chr(c))[0] for c in range(0xC0, 0x180)}
_WHOLE_MONTH = 30
RECENT = timedelta(hours=72)
_LIFE = 100  # years


@dataclass(frozen=True)
class ToldDate:
    """Words `start` to `end` (code points of the cleaned text) that tell a day between `earliest` and `latest`.

    `since` is true when they tell the beginning of something that lasts (« depuis lundi »); `absolute` when they name
    a day of the calendar (« le 3 mars »), which says how long ago only if one knows when the report was written.
    `moment` is told to the hour (« il y a 20 heures », « hier à 14 h »); `vague` is how many days earlier it may well
    be (« il y a deux mois »: half a month).
    """

    start: int
    end: int
    earliest: date
    latest: date
    since: bool = False
    absolute: bool = False
    moment: datetime | None = None
    vague: int = 0


@dataclass(frozen=True)
class DateCues:
    """The words for dates, from `rules/cues/dates.yaml`.

    `relative` gives days from today (earliest, latest); `units` days in a unit, `minutes` minutes in one shorter than a
    day; `roughly` are the words of a number that is not exact.
    """

    months: dict[str, int] = field(default_factory=dict)
    weekdays: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    minutes: dict[str, int] = field(default_factory=dict)
    roughly: tuple[str, ...] = ()
    now: tuple[str, ...] = ()
    numbers: dict[str, int] = field(default_factory=dict)
    relative: dict[str, tuple[int, int]] = field(default_factory=dict)
    ago: tuple[str, ...] = ()
    since: tuple[str, ...] = ()
    next: tuple[str, ...] = ()

    @cached_property
    def grammar(self) -> re.Pattern[str]:
        """One expression for all the forms of a date."""
        about = r"(?:environ |plus de |presque |a peine |bien |maintenant )?"
        number = rf"(?P<{{}}>\d{{{{1,3}}}}|{_any(self.numbers)}) ?"
        forms = (
            r"(?P<iso>\d{4}-\d{2}-\d{2})",
            r"(?<!\d)(?P<sd>\d{1,2})[/.](?P<sm>\d{1,2})(?:[/.](?P<sy>\d{4}|\d{2}))?(?![\d/])(?!\.\d)",
            rf"\b(?:le )?(?P<d>\d{{1,2}})(?:er)? (?P<m>{_any(self.months)})\b(?: (?P<y>\d{{4}}))?",
            rf"\b(?:{_any(self.ago)}) {about}{number.format('n')}(?P<u>{_any(self.units)})\b",
            rf"\b(?P<since>{_any(self.since)}) {about}{number.format('sn')}(?P<su>{_any(self.units)})\b",
            rf"\b(?P<rel>{_any(self.relative)})\b",
            rf"\b(?P<w>{_any(self.weekdays)})\b"
            rf"(?: (?P<wd>\d{{1,2}})(?:er)?(?: (?P<wm>{_any(self.months)}))?(?![\dh:]))?"
            rf"(?P<nx> (?:{_any(self.next)}))?",
            r"\ble (?P<day>\d{1,2})(?:er)?\b(?! ?(?:h\b|%|€|euros|[/.]\d|\d|heures|janv|fevr))(?=[\s,.;)])",
            rf"\b(?:en|debut|fin|courant|depuis|mi) (?P<om>{_any(self.months)})\b(?: (?P<oy>\d{{4}}))?",
            r"\ben (?P<year>(?:19|20)\d{2})\b",
        )
        return re.compile("|".join(forms))

    @cached_property
    def hour(self) -> re.Pattern[str]:
        """« à 14 h 30 » and the like, just after a date; the words between do not matter."""
        return re.compile(r"(?:,? ?\w* )?(?:a|vers|des) (\d{1,2}) ?(?:h|heures?)\b ?(\d{2})?")

    @cached_property
    def opening(self) -> re.Pattern[str]:
        """« depuis » and the like, just before a date."""
        return re.compile(rf"\b(?:{_any(self.since)})(?: le| la| l'| ce| cette)? $")


def plausible(day: date, today: date) -> bool:
    """Whether somebody may mean that day: « 31/12/9999 » is none, and no deadline can be counted from it."""
    return abs(day.year - today.year) <= _LIFE


def find_dates(text: str, now: datetime, cues: DateCues) -> tuple[ToldDate, ...]:
    """The dates told in `text`, in order. Impossible ones (« le 31/02 », « 31/12/9999 ») are left out."""
    if not cues.relative:
        return ()
    plain = text.lower().translate(_SAME_LENGTH)
    if len(plain) != len(text):  # a character whose lower case is longer: offsets would not hold
        plain = "".join(c.lower() if len(c.lower()) == 1 else c for c in text).translate(_SAME_LENGTH)
    return tuple(_resolved(plain, now, cues))


def _resolved(text: str, now: datetime, cues: DateCues) -> Iterator[ToldDate]:
    today = now.date()
    for match in cues.grammar.finditer(text):
        try:
            span = _span(match, today, cues)
        except (ValueError, OverflowError):
            continue
        if span is not None and all(plausible(one, today) for one in span):
            since = bool(match["since"] or cues.opening.search(text[max(0, match.start() - 14) : match.start()]))
            absolute = any(match[key] for key in _ABSOLUTE) or bool(match["wd"])
            yield ToldDate(
                match.start(),
                match.end(),
                *span,
                since or text.startswith("depuis", match.start()),
                absolute,
                _moment(match, span, now, text, cues),
                _vague(match, cues),
            )


def _moment(match: re.Match[str], span: tuple[date, date], now: datetime, text: str, cues: DateCues) -> datetime | None:
    """The moment, where it is told to the hour."""
    number, unit = _counted(match)
    if unit in cues.minutes:
        return now - timedelta(minutes=_number(number, cues) * cues.minutes[unit])
    if match["rel"] in cues.now:
        return now
    hour = cues.hour.match(text, match.end())
    if hour is None or span[0] != span[1] or int(hour[1]) > 23 or int(hour[2] or 0) > 59:
        return None
    return datetime.combine(span[0], time(int(hour[1]), int(hour[2] or 0)), now.tzinfo)


def _vague(match: re.Match[str], cues: DateCues) -> int:
    """Half of the unit in which the time is counted, or of the number itself when it is a rough one."""
    number, unit = _counted(match)
    days = cues.units.get(unit, 0)
    rough = number in cues.roughly and _number(number, cues) > 1
    return (days * _number(number, cues) if rough else days if days > 1 else 0) // 2


def _counted(match: re.Match[str]) -> tuple[str, str]:
    return (match["n"] or match["sn"] or "", match["u"] or match["su"] or "")


def _number(text: str, cues: DateCues) -> int:
    return int(text) if text.isdigit() else cues.numbers[text]


def _span(match: re.Match[str], today: date, cues: DateCues) -> tuple[date, date] | None:
    for key, resolve in _FORMS.items():
        if match[key]:
            return resolve(match, today, cues)
    return None


def _iso(match: re.Match[str], today: date, cues: DateCues) -> tuple[date, date]:
    day = date.fromisoformat(match["iso"])
    return day, day


def _slashes(match: re.Match[str], today: date, cues: DateCues) -> tuple[date, date]:
    year = match["sy"]
    day = _dated(
        int(match["sd"]), int(match["sm"]), int(year) + (2000 if len(year) == 2 else 0) if year else None, today
    )
    return day, day


def _written(match: re.Match[str], today: date, cues: DateCues) -> tuple[date, date]:
    day = _dated(int(match["d"]), cues.months[match["m"]], int(match["y"]) if match["y"] else None, today)
    return day, day


def _ago(match: re.Match[str], today: date, cues: DateCues) -> tuple[date, date]:
    number, unit = _counted(match)
    days = _number(number, cues) * cues.units[unit]
    return today - timedelta(days=days), today - timedelta(days=days)


def _relative(match: re.Match[str], today: date, cues: DateCues) -> tuple[date, date]:
    first, last = cues.relative[match["rel"]]
    return today + timedelta(days=first), today + timedelta(days=last)


def _weekday(match: re.Match[str], today: date, cues: DateCues) -> tuple[date, date]:
    if match["wd"]:
        month = cues.months[match["wm"]] if match["wm"] else None
        day = _dated(int(match["wd"]), month, None, today)
    else:
        back = (today.weekday() - cues.weekdays[match["w"]]) % 7
        day = today - timedelta(days=back or 7)
        if match["nx"]:
            day += timedelta(days=7 if back else 14)
    return day, day


def _day_of_month(match: re.Match[str], today: date, cues: DateCues) -> tuple[date, date]:
    day = _dated(int(match["day"]), None, None, today)
    return day, day


def _month(match: re.Match[str], today: date, cues: DateCues) -> tuple[date, date]:
    first = _dated(1, cues.months[match["om"]], int(match["oy"]) if match["oy"] else None, today)
    return first, min(first + timedelta(days=_WHOLE_MONTH), max(today, first))


def _year(match: re.Match[str], today: date, cues: DateCues) -> tuple[date, date]:
    year = int(match["year"])
    return date(year, 1, 1), date(year, 12, 31)


def _dated(day: int, month: int | None, year: int | None, today: date) -> date:
    """The last such day that is not after today, where month or year are not told."""
    if month is None:
        month, year = today.month, today.year
        if day > today.day:
            month, year = (12, year - 1) if month == 1 else (month - 1, year)
        return date(year, month, day)
    if year is not None:
        return date(year, month, day)
    told = date(today.year, month, day)
    return told if told <= today else date(today.year - 1, month, day)


_FORMS: dict[str, Callable[[re.Match[str], date, DateCues], tuple[date, date]]] = {
    "iso": _iso,
    "sd": _slashes,
    "d": _written,
    "n": _ago,
    "sn": _ago,
    "rel": _relative,
    "w": _weekday,
    "day": _day_of_month,
    "om": _month,
    "year": _year,
}

_ABSOLUTE = ("iso", "sd", "d", "day", "om", "year")


def _any(words: dict[str, int] | dict[str, tuple[int, int]] | tuple[str, ...]) -> str:
    """Longest first, so that « hier soir » is not cut to « hier »."""
    return "|".join(re.escape(w.translate(_SAME_LENGTH)) for w in sorted(words, key=len, reverse=True)) or r"(?!)"
