"""A case as a row of labelled data: what an agent judged, as they had it before them, and what the engine said."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from triage.desk.decided import all_types
from triage.desk.office import Office
from triage.desk.understanding import with_messages
from triage.diagnostic.contract import UNKNOWN
from triage.intake.moment import in_paris
from triage.store import decisions, labelled
from triage.store.decisions import RAISED, Decision
from triage.store.keys import KeyRingError
from triage.store.labelled import Said
from triage.store.records import Case, Told
from triage.threats.kinds import OUTPUTS

# Why a case is left out, as it is told.
UNDECIDED = "sans décision d'agent"
UNREADABLE = "sans texte, ou qui ne s'ouvrent plus"


def row_of(office: Office, connection: Connection, case_id: str, confirmed_only: bool) -> dict[str, Any] | str:
    """The case as a row, its text as it was told; or why it does not leave."""
    try:
        case, sealer = office.cases.get(connection, case_id), office.cases.sealer(connection, case_id)
        decided = decisions.of_case(connection, sealer, case_id)
        judged = next((one for one in decided if one.kind != RAISED), None)
        if judged is None and confirmed_only:
            return UNDECIDED
        said = labelled.said_before(connection, sealer, case_id, decided[-1].at if decided else None)
        seen = decisions.last_seen(connection, sealer, case_id) if judged else None
    except KeyRingError:
        return UNREADABLE
    text = case.told.text[: seen.text] if seen else case.told.text
    messages = [one.text for one in case.messages if one.by == "official"]
    text = with_messages(text, messages[: seen.messages] if seen else messages)
    if not text.strip() or said is None:
        return UNREADABLE
    return {**_about(case), "text": text, **_truth(judged, decided), **engine_said(said)}


def _about(case: Case) -> dict[str, Any]:
    standing = case.standing
    return {
        "month": f"{in_paris(case.received_at):%Y-%m}",
        "channel": standing.channel,
        "departement": standing.departement,
        "force": standing.force,
        "role": _role(case.told),
        "kind": "report",
        "exhibits": sum(1 for one in case.exhibits if one.about.text),
    }


def _role(told: Told) -> str:
    """The mandate that the person told, if one did."""
    return next((one.partition(":")[2] for one in told.traits if one.startswith("role:")), "")


def _truth(judged: Decision | None, decided: list[Decision]) -> dict[str, Any]:
    """What the last agent who gave an opinion found; whoever raised the level since had the last word on the level."""
    if judged is None:
        return {"threats": [], "primary": "", "disposition": "", "red_flags": [], "decision": "", "sources": ""}
    types = all_types(judged.types)
    types = types[:1] if types[0] in OUTPUTS else types
    return {
        "threats": list(types),
        "primary": types[0],
        "disposition": decided[0].level,
        "red_flags": list(judged.flags),
        "decision": judged.kind,
        "sources": judged.sources,
    }


def engine_said(said: Said) -> dict[str, Any]:
    """What the engine said before any agent decided: afterwards it goes by what they decided."""
    shown = said.shown
    return {
        "facts": {name: value for name, value in shown.get("facts", {}).items() if value != UNKNOWN},
        "engine_threats": [one["type"] for one in shown["threats"]],
        "engine_primary": shown["primary"],
        "engine_disposition": said.level,
        "engine_red_flags": [one["id"] for one in shown["red_flags"]],
        "engine_rules": said.rules,
        "engine_model": said.model or "",
    }
