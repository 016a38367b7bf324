"""Everything that the pages of a dossier say, as JSON: the template only sets it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triage.diagnostic.conditions import holds
from triage.dossier.casefile import CaseFile
from triage.dossier.chronology import chronology
from triage.dossier.exhibits import exhibits
from triage.dossier.legal import clocks, qualification
from triage.dossier.letter import as_lines
from triage.dossier.letters import complaint, no_protection, protection
from triage.dossier.places import places
from triage.dossier.remarks import comments
from triage.dossier.story import reasons, story
from triage.dossier.texts import DossierTexts
from triage.dossier.wording import capital, moment


def hides_pictures(case: CaseFile, texts: DossierTexts) -> bool:
    """Whether the pictures must not be reproduced."""
    return holds(texts.no_preview.when, case.diagnostic.situation.labels)


def content(case: CaseFile, texts: DossierTexts, pictures: Mapping[int, str]) -> dict[str, Any]:
    """The whole dossier; `pictures`: number of an exhibit → its file."""
    told = case.diagnostic
    request = protection(case, texts)
    return {
        "reference": case.reference,
        "operator": case.operator,
        "made": moment(case.made_at),
        "received": moment(case.received_at),
        "says": told.texts.model_dump(include={"not_a_complaint", "human", "lawyer", "general"}),
        "warning": texts.warning,
        "emergencies": [f"{capital(one.contact.name)} : {one.contact.reach}" for one in told.emergencies],
        "facts": [list(pair) for pair in case.facts],
        "story": story(case),
        "reasons": reasons(case),
        "chronology": [
            {"when": one.when, "words": one.told, "text": one.text, "source": one.source} for one in chronology(case)
        ],
        "places": [
            [texts.indicators[kind], value, ", ".join(where)]
            for (kind, value), where in places(case, texts.indicators).items()
        ],
        "exhibits": exhibits(case, pictures),
        "integrity": texts.integrity,
        "no_preview": texts.no_preview.text if case.exhibits and hides_pictures(case, texts) else "",
        "qualification": qualification(case),
        "clocks": clocks(case),
        "comments": comments(case.comments) if case.comments else None,
        "masked": texts.masked,
        "offensive": texts.offensive,
        "complaint": as_lines(complaint(case, texts)),
        "protection": as_lines(request) if request else None,
        "no_protection": no_protection(case, texts),
        "limits": [*texts.limits, *case.triaged.notes],
    }
