"""The facts of a case as paragraphs of a letter, block by block: told in the person's words, never completed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from triage.diagnostic.clocks import Running
from triage.diagnostic.law import LawNote
from triage.diagnostic.measures import Measure
from triage.diagnostic.wording import end
from triage.dossier.casefile import CaseFile, Exhibit
from triage.dossier.chronology import told_dates
from triage.dossier.letter import Paragraph
from triage.dossier.places import places
from triage.dossier.texts import DossierTexts, Fill, Style
from triage.dossier.wording import moment, small

SURE = "high"


def blocks(
    case: CaseFile, texts: DossierTexts, wanted: Collection[Fill], measure: Measure | None
) -> dict[Fill, list[Paragraph]]:
    """What each `wanted` fill stands for. `measure` is the one that the letter asks for."""
    made: dict[Fill, tuple[Style, Callable[[], Iterator[str]]]] = {
        "told": ("quote", lambda: _told(case)),
        "facts": ("item", lambda: (f"{label} : {value}" for label, value in case.facts)),
        "chronology": ("item", lambda: (f"{one.when} : « {one.text} »" for one in told_dates(case))),
        "offences": ("item", lambda: _offences(case, texts)),
        "addresses": ("item", lambda: _addresses(case, texts)),
        "exhibits": ("item", lambda: map(_exhibit, case.exhibits)),
        "clocks": ("notice", lambda: _clocks(case, texts)),
        "doubts": ("notice", lambda: iter(measure.uncertain if measure else ())),
        "bring": ("item", lambda: iter(measure.bring if measure else ())),
    }
    return {name: [Paragraph(made[name][0], text) for text in made[name][1]()] for name in wanted}


def _told(case: CaseFile) -> Iterator[str]:
    """The report word for word, a paragraph each."""
    yield from (f"« {line.strip()} »" for line in case.told.splitlines() if line.strip())


def _offences(case: CaseFile, texts: DossierTexts) -> Iterator[str]:
    yield from (_offence(note, case) for note in case.diagnostic.law) if case.diagnostic.law else (texts.no_offence,)


def _offence(note: LawNote, case: CaseFile) -> str:
    """« Menace contre un élu (code pénal, article…), si la menace vient du mandat d'un élu »."""
    offence = note.offence
    text = f"{offence.name} ({small(offence.article_long)})"
    if not note.settled and offence.if_not_settled:
        text += f", {small(offence.if_not_settled)}"
    if offence.confidence != SURE:
        text += f" [à relire avec un avocat : {case.diagnostic.texts.confidence[offence.confidence]}]"
    return text


def _addresses(case: CaseFile, texts: DossierTexts) -> Iterator[str]:
    for (kind, value), where in places(case, texts.indicators).items():
        yield f"{texts.indicators[kind]} : {value} ({', '.join(where)})"


def _exhibit(one: Exhibit) -> str:
    taken = f", datée du {moment(one.captured_at)} d'après le fichier" if one.captured_at else ""
    return f"Pièce n° {one.number} : {one.name}{taken}"


def _clocks(case: CaseFile, texts: DossierTexts) -> Iterator[str]:
    """The deadlines still to come, each once from its earliest start; that of the protection has its own letter."""
    first: dict[str, Running] = {}
    for one in case.diagnostic.clocks:
        if not one.over and one.clock.id != texts.protection.clock:
            first.setdefault(one.clock.id, one)
    yield from map(_clock, first.values())


def _clock(one: Running) -> str:
    """A deadline with its condition and what to do."""
    condition = "" if one.settled else f" ({small(one.clock.if_not_settled)})"
    until = f" : avant le {end(one)}" if one.ends else f" : {one.clock.duration}"
    return f"{one.clock.name}{condition}{until}. {one.action}"
