"""The page of a case: the report and what its assessment rests on; the diagnostic as the person saw it; its erasure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from triage.desk.case import assessed, understood
from triage.desk.comments import unfinished
from triage.desk.dossier import told_facts
from triage.desk.handling import erasures
from triage.desk.handling.alike import alike
from triage.desk.handling.exposing import exposed
from triage.desk.handling.opening import open_case
from triage.desk.handling.reading import SOURCES, reading
from triage.desk.handling.timeline import CAUSES, past
from triage.desk.office import DeskError, Office
from triage.store import history
from triage.store.people import Person
from triage.store.records import Case
from triage.web.desk.door import HOME, Handler, Ours, TheDesk, case_page
from triage.web.desk.marking import ruled
from triage.web.desk.shell import page
from triage.web.forms import text_of

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
CHANNELS = {"web": "par le guichet", "api": "par un autre service", "phone": "par téléphone", "demo": "exemple fictif"}
INDICATORS = {
    "url": "Adresse web",
    "email": "Courriel",
    "phone": "Téléphone",
    "iban": "IBAN",
    "handle": "Compte",
    "ip": "Adresse IP",
    "crypto": "Portefeuille de cryptomonnaie",
    "amount": "Somme",
}


@router.get("/desk/dossiers/{case_id}")
def show_case(
    request: Request, office: TheDesk, person: Handler, case: Annotated[Case, case_page("report")]
) -> Response:
    """The report, and what its assessment rests on."""
    return report_page(request, office, person, case)


@router.get("/desk/dossiers/{case_id}/diagnostic")
def show_diagnostic(
    request: Request, office: TheDesk, case: Annotated[Case, case_page("diagnostic")], du: str = ""
) -> Response:
    """The diagnostic as it was shown: the last one, or the one whose id is `du`; nothing is computed anew."""
    with office.database.read() as connection:
        several = history.assessments(connection, case.id)
        sealer = office.cases.sealer(connection, case.id)
        chosen = du or (several[-1].id if several else "")
        shown = history.answer(connection, sealer, case.id, chosen)
    one = next(judged for judged in several if judged.id == chosen)
    context = {"several": several, "one": one, "shown": shown, "d": shown["diagnostic"], "causes": CAUSES}
    levels = {level.id: level.label for level in office.engine.assessor.policy.levels}
    return page(request, "dossier_diagnostic.html", standing=case.standing, tab="", levels=levels, **context)


@router.post("/desk/dossiers/{case_id}/effacement", dependencies=[Ours])
async def decide_erasure(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """Erases the case as its author asked, or keeps it and tells them why."""
    form = await request.form()
    accepts, reason = text_of(form, "decision") == "effacer", text_of(form, "reason")
    return await run_in_threadpool(_decide, request, office, person, case_id, accepts, reason)


def _decide(request: Request, office: Office, person: Person, case_id: str, accepts: bool, reason: str) -> Response:
    now = datetime.now(UTC)
    try:
        if accepts:
            erasures.accept(office, person, case_id, now)
            return page(request, "dossier_erased.html")
        erasures.refuse(office, person, case_id, reason, now)
    except DeskError as error:
        case = open_case(office, person, case_id, now, "report")
        return report_page(request, office, person, case, str(error), reason, 409)
    return RedirectResponse(f"{HOME}/dossiers/{case_id}", status_code=303)


def report_page(
    request: Request, office: Office, person: Person, case: Case, error: str = "", typed: str = "", status: int = 200
) -> Response:
    """The page of the report, with what was wrong in the form just sent, and what was `typed` in it."""
    now = datetime.now(UTC)
    decided = bool(case.standing.decided)
    # What an agent decided is told apart: here stands what the engine itself found.
    found = assessed(office, case, case.told, now) if decided else understood(office, case, now)
    read = reading(office, case.told, found)
    with office.database.read() as connection:
        lived = past(office, connection, case)
        similar = alike(office, connection, person, case.id)
    context: dict[str, Any] = {
        "case": case,
        "d": found.diagnostic,
        "r": read,
        "marked": ruled(case.told.text, read.rules),
        "told": list(told_facts(office, case)),
        "answers": _answers(office, case),
        "past": lived,
        "similar": similar,
        "decided": decided,
        "exposed": exposed(office, person, now),
        "triaged": found.triaged,
        "running": unfinished(case.runs),
        "erasure": erasures.asked(case),
        "error": error,
        "typed": typed,
        **_labels(office),
    }
    return page(request, "dossier.html", status, standing=case.standing, tab="", **context)


def _labels(office: Office) -> dict[str, Any]:
    return {
        "levels": {level.id: level.label for level in office.engine.assessor.policy.levels},
        "kinds": {name: kind.label for name, kind in office.engine.composer.kinds.items()},
        "sources": SOURCES,
        "causes": CAUSES,
        "channels": CHANNELS,
        "indicators": INDICATORS,
    }


def _answers(office: Office, case: Case) -> list[tuple[str, str]]:
    """The questions that the person answered, with their answers, or that they passed over."""
    questions = {one.id: one for one in office.engine.assessor.questions}
    given = [(questions[name], value) for name, value in case.told.answers.items() if name in questions]
    labels = [(one.text, next((a.label for a in one.answers if a.id == value), "")) for one, value in given]
    return [(text, label or "Sans réponse") for text, label in labels]
