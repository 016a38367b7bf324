"""When a legal clock began, from the dates that the report tells: the earliest plausible moment comes first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from triage.assessment.triaged import Triaged
from triage.diagnostic.explain import Quote
from triage.document.dates import ToldDate, plausible
from triage.document.document import Document
from triage.intake.moment import PARIS
from triage.signals.matching import Hit
from triage.signals.rule import Strict

# What starts a clock: first put online, last act, discovery, a request that is the person's own to make, an election.
StartKind = Literal["publication", "dernier_acte", "decouverte", "demande", "resultat"]
_ONLY_BY_NAME = ("demande", "resultat")
_WHEN = "quand:"
# « Aujourd'hui je veux porter plainte »: what is to be done dates nothing.
_INTENDED = "quand:intention"
_BIOGRAPHY = ("role:", "parle:")
_OWN_ACTS = ("deja:", "quand:demande", "quand:decouverte")


@dataclass(frozen=True)
class Start:
    """The earliest plausible moment of a start; `certain` when the report tells that very day or hour."""

    moment: datetime
    to_the_hour: bool
    certain: bool
    words: Quote


class Anchors(Strict):
    """Where the date of a start stands: `types` and `facts` whose words are near it; `repeated` types go on and on."""

    types: list[str] = []
    facts: list[str] = []
    repeated: list[str] = []


def starts(kind: StartKind, anchors: Anchors, triaged: Triaged) -> tuple[Start, ...]:
    """The starts that `triaged` tells for a clock: the first, and for a publication the last where several are told.

    A date in a sentence that tells the event itself (« publié lundi », « nous avons payé hier ») wins over one beside
    the words of the threat, and this over the others. Nothing is told: no start.
    """
    told = [_start(one, triaged) for one in _told(kind, anchors, triaged)]
    if not told or kind != "dernier_acte":
        told += _said(kind, triaged)
    found = sorted(told, key=lambda start: start.moment)
    if not found:
        return ()
    if kind == "publication":
        return (found[0],) if found[-1].moment.date() == found[0].moment.date() else (found[0], found[-1])
    return (found[-1],) if kind == "dernier_acte" else (found[0],)


def _said(kind: StartKind, triaged: Triaged) -> tuple[Start, ...]:
    """The day on which it began, as the person gave it beside the report."""
    began = triaged.document.report.began
    today = triaged.now.date()
    if began is None or kind in _ONLY_BY_NAME or began > today or not plausible(began, today):
        return ()
    return (Start(_midnight(began), False, True, Quote(0, 0, f"{began:%d/%m/%Y}", "dates")),)


def _told(kind: StartKind, anchors: Anchors, triaged: Triaged) -> list[ToldDate]:
    """The dates that may be the start of a clock."""
    document, hits = triaged.document, [hit for hit in triaged.findings.hits if not hit.void]
    dates = [one for one in document.usable_dates if _plausible(one, document)]
    events = _within(dates, [hit for hit in hits if f"{_WHEN}{kind}" in hit.signal.traits], document)
    intended = _within(dates, [hit for hit in hits if _INTENDED in hit.signal.traits], document)
    dates = [one for one in dates if one in events or one not in intended]
    if kind in _ONLY_BY_NAME or (kind == "decouverte" and events):
        return events
    types = {threat.type for threat in triaged.assessment.threats if threat.type in anchors.types}
    about = _within(dates, [hit for hit in hits if hit.signal.type in types], document)
    facts = _within(dates, [hit for hit in hits if not set(anchors.facts).isdisjoint(hit.signal.facts)], document)
    rest = _others(dates, [*about, *events], hits, document)
    if kind == "dernier_acte":
        repeated = any(threat.type in anchors.repeated for threat in triaged.assessment.threats)
        return facts or (rest if repeated else _in_text(about, rest)) or rest
    return _in_text([*events, *about], rest) or rest


def _others(dates: list[ToldDate], about: list[ToldDate], hits: list[Hit], document: Document) -> list[ToldDate]:
    """`dates` but for those of a life (« maire depuis 2014 ») and of what the person did (« j'ai porté plainte »)."""
    lives = _within(dates, [hit for hit in hits if _tells(hit, _BIOGRAPHY)], document)
    own = _within(dates, [hit for hit in hits if _tells(hit, _OWN_ACTS)], document)
    return [one for one in dates if not (one in lives and one.since) and (one in about or one not in own)]


def _tells(hit: Hit, heads: tuple[str, ...]) -> bool:
    return any(trait.startswith(heads) for trait in hit.signal.traits)


def _in_text(chosen: Iterable[ToldDate], among: Iterable[ToldDate]) -> list[ToldDate]:
    wanted = {one.start for one in chosen}
    return [one for one in among if one.start in wanted]


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
