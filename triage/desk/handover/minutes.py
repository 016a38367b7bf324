"""The text ready to be copied into a « procès-verbal »: neutral, in order, exact words between « »."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from triage.desk.handover.content import decision, facts_in_order, identity
from triage.desk.handover.gathering import Handover
from triage.desk.handover.masking import Cut, Mask
from triage.desk.handover.policy import Fill
from triage.desk.office import Office
from triage.dossier.blocks import blocks
from triage.dossier.casefile import Exhibit
from triage.dossier.chronology import Entry
from triage.dossier.exhibits import size
from triage.dossier.story import reasons
from triage.dossier.texts import DossierTexts
from triage.dossier.wording import moment
from triage.intake.moment import in_paris

_ITEMS = ("facts", "words", "chronology", "addresses", "exhibits", "offences", "findings")


def minutes(office: Office, told: Handover, texts: DossierTexts, mask: Mask) -> str:
    """The whole text, a paragraph or an item a line, without what `mask` hides."""
    filled = {name: list(lines()) for name, lines in _fills(office, told, texts, mask).items()}
    values = _values(office, told)
    made: list[str] = []
    for part in office.policies.handover.minutes:
        if part.needs and not filled[part.needs]:
            continue
        if part.fill:
            dash = "- " if part.fill in _ITEMS else ""
            made.append("\n".join(f"{dash}{mask(line)}" for line in filled[part.fill]))
        else:
            made.append(mask(part.text.format_map(values).strip()))
    return "\n\n".join(made) + "\n"


def _values(office: Office, told: Handover) -> dict[str, str]:
    return {
        "reference": told.file.reference,
        "received": moment(told.file.received_at),
        "made": moment(told.file.made_at),
        "identity": identity(office, told),
        "force": told.case.told.force,
        "agent": told.by,
    }


def _fills(office: Office, told: Handover, texts: DossierTexts, mask: Mask) -> dict[Fill, Callable[[], Iterator[str]]]:
    file = told.file
    shared = blocks(file, texts, ("told", "facts", "addresses", "offences"), None)
    return {
        "told": lambda: (one.text for one in shared["told"]),
        "facts": lambda: (one.text for one in shared["facts"]),
        "addresses": lambda: (one.text for one in shared["addresses"]),
        "offences": lambda: (one.text for one in shared["offences"]) if file.diagnostic.law else iter(()),
        "words": lambda: (f"« {mask(Cut(words))} »" for words in _words(told)),
        "chronology": lambda: (_dated(one, mask) for one in facts_in_order(told)),
        "exhibits": lambda: map(_exhibit, file.exhibits),
        "findings": lambda: _findings(office, told),
    }


def _words(told: Handover) -> list[str]:
    """The exact words that decided, once each, those that are a part of others left out."""
    seen = list(dict.fromkeys(words for one in reasons(told.file) for words in one["words"]))
    return [one for one in seen if not any(one != other and one.lower() in other.lower() for other in seen)]


def _dated(one: Entry, mask: Mask) -> str:
    words = mask(Cut(one.text))
    return f"{one.when} : « {words} »" if one.told else f"{one.when} : {words}"


def _exhibit(one: Exhibit) -> str:
    taken = f", datée du {moment(one.captured_at)} d'après le fichier" if one.captured_at else ""
    received = f"reçue le {in_paris(one.received_at):%d/%m/%Y}"
    return f"Pièce n° {one.number} : {one.name} ({size(one.size)}), {received}{taken} ; SHA-256 {one.sha256}"


def _findings(office: Office, told: Handover) -> Iterator[str]:
    diagnostic = told.file.diagnostic
    types = ", ".join(one.kind.label for one in diagnostic.about)
    yield f"D'après le programme : niveau « {diagnostic.level.label} »{f' ; {types}' if types else ''}."
    yield from (f"Décision d'un agent, {decision(office, told, one)}" for one in told.decisions)
