"""What the law may say of the facts and until when one may act, ready to be set in pages."""

from __future__ import annotations

from typing import Any

from triage.diagnostic.clocks import Running
from triage.diagnostic.diagnostic import Diagnostic
from triage.diagnostic.law import LawNote
from triage.diagnostic.wording import end, left, start
from triage.dossier.casefile import CaseFile
from triage.dossier.wording import capital, small


def qualification(case: CaseFile) -> dict[str, Any]:
    """Types, articles with their penalties, and what each is worth."""
    told = case.diagnostic
    return {
        "level": told.level.label,
        "who": told.level.who,
        "about": [{"name": one.kind.label, "text": one.text} for one in told.about],
        "around": list(told.around),
        "law": [_offence(note, told) for note in told.law],
        "maxima": told.texts.maxima,
    }


def clocks(case: CaseFile) -> list[dict[str, Any]]:
    """The deadlines, the most pressing first."""
    return [_clock(one, case.diagnostic) for one in case.diagnostic.clocks]


def _offence(note: LawNote, told: Diagnostic) -> dict[str, Any]:
    offence = note.offence
    return {
        "name": offence.name,
        "article": offence.article_long,
        "condition": "" if note.settled else offence.if_not_settled,
        "text": offence.text if note.settled else small(offence.text),
        "official": offence.official,
        "penalties": [{"label": value.label, "text": value.text} for value in note.penalties],
        "read": offence.read,
        "confidence": told.texts.confidence[offence.confidence],
        "uncertain": list(offence.uncertain),
    }


def _clock(one: Running, told: Diagnostic) -> dict[str, Any]:
    words = f" (« {' '.join(one.start.words.text.split())} »)" if one.start else ""
    return {
        "name": one.clock.name,
        "runs": f"{one.clock.duration} {start(one)}{words}".strip(),
        "condition": "" if one.settled else one.clock.if_not_settled,
        "until": _until(one, told),
        "over": one.over,
        "action": "" if one.over else one.action,
        "basis": capital(one.clock.basis),
        "confidence": told.texts.confidence[one.clock.confidence],
        "uncertain": list(one.clock.uncertain),
    }


def _until(one: Running, told: Diagnostic) -> str:
    """« Avant le mardi 8 décembre 2026 : il reste 11 jours », with what is not sure of the start."""
    if one.ends is None:
        return told.texts.unknown_start
    if one.over:
        return f"{one.clock.late or told.texts.over} Fin : {end(one)}."
    doubt = told.texts.supposed_start if one.supposed else "" if one.certain else told.texts.unsettled_start
    return f"Avant le {end(one)} : {left(one)}{f' ({doubt})' if doubt else ''}."
