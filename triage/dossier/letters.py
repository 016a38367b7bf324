"""The draft complaint and the draft request for protection: the sentences of the rules, the facts of the case."""

from __future__ import annotations

from collections.abc import Iterator

from triage.diagnostic.conditions import holds
from triage.diagnostic.measures import MeasureNote
from triage.dossier.blocks import blocks
from triage.dossier.casefile import CaseFile
from triage.dossier.letter import Letter, Paragraph
from triage.dossier.texts import DossierTexts, LetterTexts, Part
from triage.dossier.word import as_docx
from triage.dossier.wording import day

__all__ = ["Letter", "as_docx", "complaint", "no_protection", "protection"]


def complaint(case: CaseFile, texts: DossierTexts) -> Letter:
    """A complaint to the prosecutor; what the person did not tell is left blank."""
    return _letter(case, texts, texts.complaint, None)


def protection(case: CaseFile, texts: DossierTexts) -> Letter | None:
    """The request for protection; None where this person cannot ask for it (`no_protection` says why)."""
    note = _note(case, texts)
    return None if note is None or note.why_not else _letter(case, texts, texts.protection, note)


def no_protection(case: CaseFile, texts: DossierTexts) -> str:
    """Why there is no request for protection; empty when there is one."""
    note = _note(case, texts)
    if note is None:
        return texts.protection.none
    return f"{texts.protection.not_here} {note.why_not}" if note.why_not else ""


def _note(case: CaseFile, texts: DossierTexts) -> MeasureNote | None:
    return next((one for one in case.diagnostic.measures if one.measure.id == texts.protection.measure), None)


def _letter(case: CaseFile, texts: DossierTexts, letter: LetterTexts, note: MeasureNote | None) -> Letter:
    asked = [Paragraph("notice", note.measure.asked_text)] if note and note.asked else []
    return Letter(letter.title, (*asked, *_paragraphs(case, texts, letter, note)), case.made_at)


def _paragraphs(
    case: CaseFile, texts: DossierTexts, letter: LetterTexts, note: MeasureNote | None
) -> Iterator[Paragraph]:
    wanted = {name for part in letter.parts for name in (part.fill, part.needs) if name}
    filled = blocks(case, texts, wanted, note.measure if note else None)
    values = _values(case, texts)
    for part in letter.parts:
        if not holds(part.when, case.diagnostic.situation.labels) or (part.needs and not filled[part.needs]):
            continue
        if part.fill:
            yield from filled[part.fill]
        else:
            yield _text(part, values)


def _text(part: Part, values: dict[str, str]) -> Paragraph:
    return Paragraph(part.style, part.text.format_map(values).strip())


def _values(case: CaseFile, texts: DossierTexts) -> dict[str, str]:
    """What the placeholders stand for."""
    basis = (one.clock.basis for one in case.diagnostic.clocks if one.clock.id == texts.protection.clock)
    return {
        "reference": case.reference,
        "operator": case.operator,
        "made_on": day(case.made_at),
        "told_on": day(case.received_at),
        "mandate": texts.mandate(case.diagnostic.situation.labels),
        "basis": next(basis, texts.protection.no_basis),
    }
