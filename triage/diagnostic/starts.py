"""When a legal clock began, from the dates that the report tells: the earliest plausible moment comes first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from triage.assessment.triaged import Triaged
from triage.diagnostic.explain import Quote
from triage.document.dates import ToldDate
from triage.document.document import Document
from triage.intake.moment import PARIS
from triage.signals.matching import Hit

# What starts a clock: first put online, last act, discovery, and a request that is the person's own to make.
StartKind = Literal["publication", "dernier_acte", "decouverte", "demande"]
_WHEN = "quand:"
_BIOGRAPHY = ("role:", "parle:")


@dataclass(frozen=True)
class Start:
    """The earliest plausible moment of a start; `certain` when the report tells that very day or hour."""

    moment: datetime
    to_the_hour: bool
    certain: bool
    words: Quote


def starts(kind: StartKind, types: Collection[str], triaged: Triaged) -> tuple[Start, ...]:
    """The starts that `triaged` tells for a clock about `types`: the first, and the last where several are told.

    Dates in the sentences that tell the event (« publié lundi ») or the threat win over the others; for a discovery,
    those that tell it come first. Nothing is told: no start.
    """
    told = _nearest(kind, types, triaged)
    if not told:
        return ()
    found = sorted((_start(one, triaged) for one in told), key=lambda start: start.moment)
    if kind == "publication":
        return (found[0],) if found[-1].moment.date() == found[0].moment.date() else (found[0], found[-1])
    return (found[-1],) if kind == "dernier_acte" else (found[0],)


def _nearest(kind: StartKind, types: Collection[str], triaged: Triaged) -> list[ToldDate]:
    document, hits = triaged.document, [hit for hit in triaged.findings.hits if not hit.void]
    dates = [one for one in document.usable_dates if _plausible(one, document)]
    events = [hit for hit in hits if f"{_WHEN}{kind}" in hit.signal.traits]
    if kind == "demande":
        return _within(dates, events, document)
    about = [hit for hit in hits if hit.signal.type in types or hit.signal.flags or hit.signal.facts]
    biography = [hit for hit in hits if any(trait.startswith(_BIOGRAPHY) for trait in hit.signal.traits)]
    lives = [one for one in _within(dates, biography, document) if one.since]
    rest = [one for one in dates if one not in lives]
    if kind == "decouverte":
        return _within(dates, events, document) or _within(rest, about, document) or rest
    return _within(rest, [*events, *about], document) or rest


def _plausible(one: ToldDate, document: Document) -> bool:
    """Not to come, and not in somebody else's words (« on se voit jeudi »)."""
    if one.earliest > document.read_at.date():
        return False
    tokens = document.tokens
    token = _token(one, document)
    return document.report.kind == "message" or not (token < len(tokens) and document.quoted[token])


def _token(one: ToldDate, document: Document) -> int:
    return next((i for i, end in enumerate(document.tokens.ends) if end > one.start), len(document.tokens))


def _within(dates: Iterable[ToldDate], hits: Iterable[Hit], document: Document) -> list[ToldDate]:
    """The dates in the sentences of `hits`."""
    tokens = document.tokens
    spans = [(tokens.starts[tokens.begins[hit.start]], tokens.ends[tokens.stops[hit.end - 1] - 1]) for hit in hits]
    return [one for one in dates if any(begin <= one.start < end for begin, end in spans)]


def _start(one: ToldDate, triaged: Triaged) -> Start:
    document = triaged.document
    first, last = document.cleaned.original_span(one.start, one.end)
    words = Quote(first, last, document.report.text[first:last], "dates")
    if one.moment is not None:
        return Start(one.moment, True, True, words)
    day = one.earliest - timedelta(days=one.vague)
    certain = one.earliest == one.latest and not one.vague
    return Start(_midnight(day), False, certain, words)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), PARIS)
