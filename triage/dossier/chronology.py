"""What happened and when: the dates told in the report, in its own words, the exhibits and the life of the case."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from triage.diagnostic.wording import day as long_day
from triage.document.dates import ToldDate
from triage.document.document import Document
from triage.dossier.casefile import CaseFile
from triage.dossier.wording import moment, span
from triage.intake.moment import PARIS, in_paris

MOST_CONTEXT = 240


@dataclass(frozen=True)
class Entry:
    """One line of the chronology. `told` are the words of the report that date it; empty for the rest."""

    at: datetime
    when: str
    told: str
    text: str
    source: str


def chronology(case: CaseFile) -> list[Entry]:
    """All that has a date, the oldest first."""
    return sorted([*told_dates(case), *_captures(case), *_events(case)], key=lambda entry: entry.at)


def told_dates(case: CaseFile) -> list[Entry]:
    """The dates of the report, the oldest first, each with its sentence."""
    document = case.triaged.document
    return sorted((_told(one, document) for one in document.usable_dates), key=lambda entry: entry.at)


def _told(one: ToldDate, document: Document) -> Entry:
    first, last = document.cleaned.original_span(one.start, one.end)
    at = in_paris(one.moment) if one.moment else datetime.combine(one.earliest, time(), PARIS)
    return Entry(at, _when(one), document.report.text[first:last], _sentence(one, document), "récit")


def _when(one: ToldDate) -> str:
    if one.moment:
        return moment(one.moment)
    days = _span(one.earliest, one.latest)
    return f"depuis : {days}" if one.since else f"vers : {days}" if one.vague else days


def _span(first: date, last: date) -> str:
    return long_day(first) if first == last else span(first, last)


def _sentence(one: ToldDate, document: Document) -> str:
    """The sentence around a date, cut where it is long, on one line."""
    tokens = document.tokens
    token = max(0, bisect_right(tokens.starts, one.start) - 1)
    begin, stop = document.original_span(tokens.begins[token], tokens.stops[token])
    first, last = document.cleaned.original_span(one.start, one.end)
    start, end = max(begin, first - MOST_CONTEXT // 2), min(stop, last + MOST_CONTEXT // 2)
    words = " ".join(document.report.text[start:end].split())
    return f"{'… ' if start > begin else ''}{words}{' …' if end < stop else ''}"


def _captures(case: CaseFile) -> Iterator[Entry]:
    for one in case.exhibits:
        if one.captured_at:
            text = f"Capture ou prise de vue de la pièce n° {one.number}, d'après le fichier"
            yield Entry(in_paris(one.captured_at), moment(one.captured_at), "", text, f"pièce n° {one.number}")


def _events(case: CaseFile) -> Iterable[Entry]:
    return (Entry(in_paris(one.when), moment(one.when), "", one.text, "dossier") for one in case.events)
