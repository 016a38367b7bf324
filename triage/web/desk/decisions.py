"""What an agent decides of a case: right or corrected, closed, opened again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from triage.desk.handling import deciding, excluding, identity, outcomes
from triage.desk.handling.deciding import MOST_TYPES, Opinion, version
from triage.desk.handling.opening import open_case
from triage.desk.handover.content import KINDS
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import Right, may
from triage.store import decisions, joined, people
from triage.store.people import Person
from triage.store.records import FINISHED, Case
from triage.web.desk.door import HOME, Handler, InScope, Ours, TheDesk, case_page
from triage.web.desk.shell import page
from triage.web.forms import text_of

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


@router.get("/desk/dossiers/{case_id}/decision")
def show_decision(
    request: Request,
    office: TheDesk,
    person: Handler,
    case: Annotated[Case, case_page("decision")],
    annuaire: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    """All that can be decided of the case, and what was."""
    return decision_page(request, office, person, case, named=annuaire)


@router.post("/desk/dossiers/{case_id}/decision/confirmer", dependencies=[Ours, InScope])
async def confirm(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """The engine was right."""
    shown = text_of(await request.form(), "vu")
    await run_in_threadpool(deciding.confirm, office, person, case_id, shown, datetime.now(UTC))
    return back(case_id)


@router.post("/desk/dossiers/{case_id}/decision/corriger", dependencies=[Ours, InScope])
async def correct(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """Other types, flags, or level, and why."""
    form = await request.form()
    shown, reason = text_of(form, "vu"), text_of(form, "reason")
    return await run_in_threadpool(_correct, request, office, person, case_id, shown, opinion_of(form), reason)


@router.post("/desk/dossiers/{case_id}/decision/clore", dependencies=[Ours, InScope])
async def close(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """The case ends."""
    form = await request.form()
    outcome, reason = text_of(form, "outcome"), text_of(form, "reason")
    await run_in_threadpool(outcomes.close, office, person, case_id, outcome, reason, datetime.now(UTC))
    return back(case_id)


@router.post("/desk/dossiers/{case_id}/decision/rouvrir", dependencies=[Ours, InScope])
async def reopen(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """The case begins again."""
    reason = text_of(await request.form(), "reason")
    await run_in_threadpool(outcomes.reopen, office, person, case_id, reason, datetime.now(UTC))
    return back(case_id)


def opinion_of(form: FormData) -> Opinion:
    """The types, the main one first, the flags and the level that a form tells."""
    main, others = text_of(form, "main"), [str(one) for one in form.getlist("types")]
    types = tuple(dict.fromkeys(name for name in (main, *others) if name))
    return Opinion(types, tuple(dict.fromkeys(str(one) for one in form.getlist("flags"))), text_of(form, "level"))


def choices(office: Office) -> dict[str, Any]:
    """The types, flags and levels that can be chosen, with their labels."""
    composer, policy = office.engine.composer, office.engine.assessor.policy
    return {
        "kinds": {name: composer.kinds[name].label for name in policy.base},
        "flags": {name: flag.label for name, flag in office.engine.assessor.flags.items()},
        "levels": {level.id: level.label for level in reversed(policy.levels)},
        "most": MOST_TYPES,
    }


def decision_page(
    request: Request,
    office: Office,
    person: Person,
    case: Case,
    error: str = "",
    status: int = 200,
    opinion: Opinion | None = None,
    reason: str = "",
    named: str = "",
) -> Response:
    """The page, with what was wrong in the form just sent, and what was in it."""
    standing, now = case.standing, datetime.now(UTC)
    with office.database.read() as connection:
        sealer = office.cases.sealer(connection, case.id)
        everybody = people.everybody(connection)
        context: dict[str, Any] = {
            "past": decisions.of_case(connection, sealer, case.id),
            "said": KINDS,
            "main": office.cases.standing(connection, standing.merged_into) if standing.merged_into else None,
            "joined": [office.cases.standing(connection, one) for one in joined.joined_to(connection, case.id)],
            "origin": office.cases.standing(connection, standing.split_from) if standing.split_from else None,
            "parts": [office.cases.standing(connection, one) for one in joined.parts_of(connection, case.id)],
            "callers": identity.callers(office, connection, standing, named),
            "units": excluding.units(office, connection, standing),
            "excluded": excluding.exclusions(office, connection, case.id),
            "readers": excluding.readers(connection, standing),
        }
    holder = case.standing.held_by(now)
    context |= {
        "case": case,
        "shown": version(case),
        "opinion": opinion or Opinion(case.types, case.flags, case.level),
        "reason": reason,
        "error": error,
        "named": named,
        "names": {one.id: one.name for one in everybody},
        "mine": holder == person.id or (holder is None and may(person, Right.SUPERVISE)),
        "finished": case.state in FINISHED,
        "supervises": may(person, Right.SUPERVISE),
        "outcomes": office.policies.conduct.outcomes,
        "results": office.policies.conduct.results,
        **choices(office),
    }
    return page(request, "decision.html", status, standing=standing, tab="/decision", **context)


def back(case_id: str, anchor: str = "") -> Response:
    """To the page of the decisions on the case."""
    return RedirectResponse(f"{HOME}/dossiers/{case_id}/decision{anchor}", status_code=303)


def _correct(
    request: Request, office: Office, person: Person, case_id: str, shown: str, opinion: Opinion, reason: str
) -> Response:
    now = datetime.now(UTC)
    try:
        deciding.correct(office, person, case_id, shown, opinion, reason, now)
    except DeskError as error:
        case = open_case(office, person, case_id, now, "decision")
        return decision_page(request, office, person, case, str(error), 400, opinion, reason)
    return back(case_id)
