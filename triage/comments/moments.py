"""Dates as exports write them: ISO, seconds since 1970, figures, or in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone

from triage.document.folding import fold
from triage.intake.moment import in_paris

_EPOCH = re.compile(r"(\d{10})(?:\.\d+)?|(\d{10})\d{3}|(\d{10})\d{6}")
_TIME = r"(?:\D{1,12}?(?P<h>\d{1,2}) ?[:hH] ?(?P<min>\d{2})(?:[:m](?P<s>\d{2}))?(?:\.\d+)?s? ?(?P<half>[ap])?\.?m?\.?)?"
_OFFSET = r"(?: ?(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2}))?"
_FIGURES = re.compile(
    rf"\D{{0,12}}?(?P<a>\d{{1,2}})[/.-](?P<b>\d{{1,2}})[/.-](?P<y>\d{{4}}|\d{{2}})(?!\d){_TIME}{_OFFSET}"
)
_YEAR_FIRST = re.compile(rf"(?P<y>\d{{4}})[/.-](?P<b>\d{{1,2}})[/.-](?P<a>\d{{1,2}})(?!\d){_TIME}{_OFFSET}")
_DAY_MONTH = r"(?P<a>\d{1,2})(?:er|st|nd|rd|th)? (?P<m>[a-z]{3,9})\.?,? (?P<y>\d{4})"
_MONTH_DAY = r"(?P<m>[a-z]{3,9})\.? (?P<a>\d{1,2}),? (?P<y>\d{4})"
_IN_WORDS = tuple(re.compile(rf"(?:[a-z]{{2,8}}\.?,? )?{form}{_TIME}{_OFFSET}") for form in (_DAY_MONTH, _MONTH_DAY))
_UNIX = re.compile(
    r"[a-z]{3} (?P<m>[a-z]{3}) (?P<a>\d{1,2}) (?P<h>\d\d):(?P<min>\d\d):(?P<s>\d\d) (?P<zone>\S+) (?P<y>\d{4})"
)
_LONGEST = 60
_YEARS = range(1990, 2100)  # nobody commented before, and what is later is no date
_SPACES = re.compile(r"\s+")


def read_dates(told: Sequence[str], months: Mapping[str, int]) -> list[datetime | None]:
    """The moments that `told` tell, on the clocks of Paris; None for what tells none.

    Figures are day first, as in French, unless one date of the export can only be month first and none only day first.
    """
    plain = [_SPACES.sub(" ", one).strip() if len(one) <= _LONGEST else "" for one in told]
    known: dict[str, datetime | None] = {}
    month_first = _month_first(plain)
    for one in plain:
        if one not in known:
            known[one] = read_date(one, months, month_first)
    return [known[one] for one in plain]


def read_date(told: str, months: Mapping[str, int], month_first: bool = False) -> datetime | None:
    """The moment that `told` tells, on the clocks of Paris (with a fixed offset), or None."""
    try:
        moment = _read(told, months, month_first)
        return _fixed(in_paris(moment)) if moment and moment.year in _YEARS else None
    except (ValueError, OverflowError):
        return None


def _read(told: str, months: Mapping[str, int], month_first: bool) -> datetime | None:
    if not any(map(str.isdigit, told)):
        return None
    if epoch := _EPOCH.fullmatch(told):
        return datetime.fromtimestamp(int(epoch[1] or epoch[2] or epoch[3]), UTC)
    if told[:4].isdigit() and "-" in told:
        try:
            return datetime.fromisoformat(told)
        except ValueError:
            pass
    folded = fold(told)
    if figures := _YEAR_FIRST.fullmatch(folded) or _FIGURES.fullmatch(folded):
        swapped = month_first and figures.re is _FIGURES
        day, month = (figures["b"], figures["a"]) if swapped else (figures["a"], figures["b"])
        return _moment(figures, int(day), int(month))
    for form in (_UNIX, *_IN_WORDS):
        words = form.fullmatch(folded)
        if words and words["m"] in months:
            return _moment(words, int(words["a"]), months[words["m"]])
    return None


def _moment(found: re.Match[str], day: int, month: int) -> datetime:
    year = int(found["y"]) + (2000 if len(found["y"]) == 2 else 0)
    hour = int(found["h"] or 0)
    half = found.groupdict().get("half")
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    moment = datetime(year, month, day, hour, int(found["min"] or 0), int(found["s"] or 0))
    return moment.replace(tzinfo=_zone(found["zone"])) if found["zone"] else moment


def _zone(told: str) -> timezone:
    sign = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", told)
    if sign is None:
        return UTC
    shift = timedelta(hours=int(sign[2]), minutes=int(sign[3]))
    return timezone(-shift if sign[1] == "-" else shift)


def _fixed(moment: datetime) -> datetime:
    """`moment` with its offset alone: two hours of a night when clocks change stay apart, in the store as here."""
    offset = moment.utcoffset()
    assert offset is not None
    return moment.replace(tzinfo=timezone(offset), fold=0)


def _month_first(told: Sequence[str]) -> bool:
    found = [match for one in told if (match := _FIGURES.fullmatch(fold(one)))]
    only: Callable[[str], bool] = lambda group: any(int(match[group]) > 12 for match in found)  # noqa: E731
    return only("b") and not only("a")
