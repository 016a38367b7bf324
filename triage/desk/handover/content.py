"""All that the pages of a transmission say, as a tree: the template only sets it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triage.desk.handover.gathering import Handover
from triage.desk.handover.masking import Cut
from triage.desk.handover.policy import TransmissionTexts
from triage.desk.office import Office
from triage.diagnostic.conditions import holds
from triage.dossier import legal
from triage.dossier.chronology import Entry, chronology
from triage.dossier.exhibits import exhibits
from triage.dossier.places import places
from triage.dossier.remarks import comments
from triage.dossier.story import reasons
from triage.dossier.texts import DossierTexts
from triage.dossier.wording import moment
from triage.store.decisions import Decision

KINDS = {"confirmed": "Confirmé", "corrected": "Corrigé", "raised": "Niveau relevé"}
_LIFE = "dossier"
WRITERS = {"official": "La personne", "agent": "Un agent"}


def hides_pictures(told: Handover, texts: DossierTexts) -> bool:
    """Whether the pictures must not be reproduced in the pages."""
    return holds(texts.no_preview.when, told.file.diagnostic.situation.labels)


def content(office: Office, told: Handover, texts: DossierTexts, pictures: Mapping[int, str]) -> dict[str, Any]:
    """The whole transmission; `pictures`: number of an exhibit → its file."""
    said, file = office.policies.handover.transmission, told.file
    diagnostic = file.diagnostic
    return {
        "title": said.masked_title if told.masked else said.title,
        "reference": file.reference,
        "operator": file.operator,
        "made": moment(file.made_at),
        "received": moment(file.received_at),
        "by": told.by,
        "to": told.to,
        "says": diagnostic.texts.model_dump(include={"not_a_complaint", "lawyer", "general"}),
        "indication": said.indication,
        "masked": f"{said.masked} {said.withheld}" if told.masked else "",
        "warning": texts.warning,
        "identity": identity(office, told),
        "contact": _pairs(told.contact),
        "no_contact": "" if told.masked else said.no_contact,
        "joined": ", ".join(told.joined),
        "facts": _pairs(file.facts),
        "engine": " ; ".join(
            part for part in (f"règles {told.rules}", f"modèle {told.model}" if told.model else "") if part
        ),
        "flags": [flag.flag.label for flag in file.triaged.assessment.flags],
        "reasons": [{**one, "words": [Cut(words) for words in one["words"]]} for one in reasons(file)],
        "decisions": [decision(office, told, one) for one in told.decisions] or [said.no_decision],
        "story": [line.strip() for line in file.told.split("\n") if line.strip()],
        "chronology": _chronology(told),
        "places": [
            [texts.indicators[kind], value, ", ".join(where)]
            for (kind, value), where in places(file, texts.indicators).items()
        ],
        "exhibits": exhibits(file, pictures),
        "integrity": texts.integrity,
        "no_preview": texts.no_preview.text if file.exhibits and hides_pictures(told, texts) else "",
        "messages": [_message(told, one.by, one.author, moment(one.at), one.text) for one in told.messages],
        "qualification": legal.qualification(file),
        "clocks": legal.clocks(file),
        "comments": comments(file.comments) if file.comments else None,
        "masked_words": texts.masked,
        "offensive": texts.offensive,
        "limits": [*said.limits, *file.triaged.notes],
    }


def identity(office: Office, told: Handover) -> str:
    """How the identity of the person stands, in a sentence."""
    said: TransmissionTexts = office.policies.handover.transmission
    result = office.policies.conduct.results.get(told.case.standing.identity)
    return f"{result.label}." if result else said.unverified


def decision(office: Office, told: Handover, one: Decision) -> str:
    """« 18 mars 2026 à 22 h 30 : Corrigé. Niveau : … → …. Types : …. Motif : « … » »."""
    level = office.engine.assessor.policy.level
    kinds = office.engine.composer.kinds
    parts = [f"{moment(one.at)}{_by(told, one.by)} : {KINDS.get(one.kind, one.kind)}"]
    before, after = level(one.level_before).label, level(one.level).label
    parts.append(f"Niveau : {before} → {after}" if before != after else f"Niveau : {after}")
    if one.types:  # whoever only raises a level says nothing of the types
        parts.append(f"Types : {', '.join(kinds[name].label if name in kinds else name for name in one.types)}")
    if one.reason:
        parts.append(f"Motif : « {one.reason} »")
    return ". ".join(parts) + "."


def _by(told: Handover, person_id: str) -> str:
    name = told.names.get(person_id, "")
    return f", par {name}" if name else ""


def facts_in_order(told: Handover) -> list[Entry]:
    """What has a date in the report and in the exhibits, the oldest first; not the life of the case at the desk."""
    return [one for one in chronology(told.file) if one.source != _LIFE]


def _chronology(told: Handover) -> list[dict[str, str]]:
    return [
        {"when": one.when, "words": one.told, "text": Cut(one.text), "source": one.source}
        for one in facts_in_order(told)
    ]


def _message(told: Handover, by: str, author: str | None, when: str, text: str) -> dict[str, Any]:
    who = told.names.get(author or "", "") or WRITERS.get(by, by)
    return {"who": who, "when": when, "lines": [line for line in text.split("\n") if line.strip()]}


def _pairs(pairs: tuple[tuple[str, str], ...]) -> list[list[str]]:
    return [list(pair) for pair in pairs]
