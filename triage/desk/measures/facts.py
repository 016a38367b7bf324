"""What a letter may say of a case: facts and closed values, never the report itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from triage.desk.case import understood
from triage.desk.measures.routing import suggest
from triage.desk.office import Office
from triage.dossier.texts import DossierTexts
from triage.dossier.wording import day
from triage.store import directory
from triage.store.measures import Measure
from triage.store.people import Person
from triage.store.records import Case

PREFECTURE = "prefecture"
ASSESSMENT = "referent"


def facts(
    office: Office,
    connection: Connection,
    case: Case,
    mine: Mapping[str, Measure],
    kind: str,
    person: Person,
    now: datetime,
) -> dict[str, str]:
    """The facts that are known, by the names of `letters.VARIABLES`, but the mandate; empty ones are left blank."""
    office_unit = directory.unit(connection, person.unit)
    prefecture = _prefecture(office, connection, case, kind)
    commune = directory.commune(connection, case.standing.commune)
    departement = office.service.departements.get(case.standing.departement)
    composer, policy = office.engine.composer, office.engine.assessor.policy
    return {
        "date": day(now),
        "unit": office_unit.name if office_unit else "",
        "unit_phone": office_unit.phone if office_unit else "",
        "agent": person.name,
        "recipient": prefecture.name if prefecture else "",
        "recipient_address": prefecture.address if prefecture else "",
        "reference": case.reference,
        "commune": commune.name if commune else case.told.commune,
        "departement": f"{departement.name} ({departement.code})" if departement else "",
        "received_on": day(case.received_at),
        "types": ", ".join(composer.kinds[name].label.lower() for name in case.types if name in policy.base),
        "level": policy.level(case.level).label.lower(),
        "flags": ", ".join(composer.flags[name].label.lower() for name in case.flags if name in composer.flags),
        **_dates(office, mine, kind),
    }


def mandate(office: Office, case: Case, texts: DossierTexts, now: datetime) -> str:
    """Who the official is, as the dossier says it; empty when it is not told. Reads the report anew."""
    said = texts.mandate(understood(office, case, now).diagnostic.situation.labels)
    if said.startswith("["):
        return ""
    # The letters say the commune in its own place: « maire de [à compléter : commune] » is « maire » here.
    commune = office.policies.letters.variables["commune"].blank
    return said.removesuffix(commune).rstrip().rpartition(" ")[0] if said.endswith(commune) else said


def _prefecture(office: Office, connection: Connection, case: Case, kind: str) -> directory.Unit | None:
    """The préfecture of the case's département."""
    cycle = office.policies.pack.cycles[kind].model_copy(update={"route": [PREFECTURE]})
    found = suggest(connection, cycle, case.standing)
    return found[0].unit if found else None


def _dates(office: Office, mine: Mapping[str, Measure], kind: str) -> dict[str, str]:
    """Since when the measure is asked for, in force and until when; what the assessment found, and when."""
    said: dict[str, str] = {}
    measure, assessed = mine.get(kind), mine.get(ASSESSMENT)
    if measure:
        cycle = office.policies.pack.cycles[kind]
        asked = next((one for one in measure.steps if one.before == cycle.first), None)
        granted = [one for one in measure.steps if cycle.state(one.state).in_force]
        said |= {
            "asked_on": day(asked.detail.since or asked.at) if asked else "",
            "since": day(granted[0].detail.since or granted[0].at) if granted else "",
            "until": day(measure.until) if measure.until else "",
        }
    last = next((one for one in reversed(assessed.steps) if one.detail.result), None) if assessed else None
    result = office.policies.pack.cycles[ASSESSMENT].result(last.detail.result) if last else None
    if last and result:
        said |= {"assessment": result.label.lower(), "assessed_on": day(last.detail.since or last.at)}
    return said
