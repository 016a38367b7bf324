"""Reports that two people read differently: the list, who decides between them, and how far readers agree."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from triage.desk.handling import sampling, settling
from triage.desk.handling.deciding import Opinion
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import Right, may
from triage.desk.supervising.agreement import agreements, told
from triage.desk.supervising.dashboard import steps
from triage.store import people
from triage.store.figures import Cut
from triage.store.people import Person
from triage.web.access import SameSite
from triage.web.desk.decisions import choices, opinion_of
from triage.web.desk.door import Analyst, TheDesk
from triage.web.desk.sample import LIST, back
from triage.web.desk.shell import page
from triage.web.forms import text_of
from triage.web.templating import templates

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
_PAGE = f"{LIST}/desaccords"
templates.env.filters["kappa"] = told


@router.get("/desk/echantillon/desaccords")
def show_disputed(request: Request, office: TheDesk, person: Analyst) -> Response:
    """What is to be decided, and how far readers agree; by pair of readers for supervisors, who know their names."""
    now, least = datetime.now(UTC), office.policies.conduct.sampling.pairs
    period = office.policies.dashboard.periods[-1]
    cut, named = Cut(steps(period, now), person.scopes), may(person, Right.SUPERVISE)
    with office.database.read() as connection:
        names = {one.id: one.name for one in people.everybody(connection)} if named else None
        agreed = agreements(connection, cut, office.engine.assessor.policy, least, names)
    context: dict[str, Any] = {"disputed": settling.disputed(office, person), "agreed": agreed, "least": least}
    return page(request, "sample_disputed.html", tab=_PAGE, period=period, **context)


@router.get("/desk/echantillon/{sample_id}/departage")
def show_one(request: Request, office: TheDesk, person: Analyst, sample_id: str) -> Response:
    """A report and what its two readers found, without their names nor what the engine thinks of it."""
    return _one(request, office, person, sample_id)


@router.post("/desk/echantillon/{sample_id}/departage", dependencies=[SameSite])
async def settle(request: Request, office: TheDesk, person: Analyst, sample_id: str) -> Response:
    """What the report is, and why."""
    form = await request.form()
    opinion, reason, shown = opinion_of(form), text_of(form, "note"), text_of(form, "vu")
    return await run_in_threadpool(_settle, request, office, person, sample_id, opinion, reason, shown)


def _settle(
    request: Request, office: Office, person: Person, sample_id: str, opinion: Opinion, reason: str, shown: str
) -> Response:
    try:
        raised = settling.settle(office, person, sample_id, opinion, reason, datetime.now(UTC), shown)
    except DeskError as error:
        return _one(request, office, person, sample_id, str(error), 400, opinion, reason)
    return back(_PAGE, raised)


def _one(
    request: Request,
    office: Office,
    person: Person,
    sample_id: str,
    error: str = "",
    status: int = 200,
    opinion: Opinion | None = None,
    note: str = "",
) -> Response:
    found, case = settling.open_disputed(office, person, sample_id, datetime.now(UTC))
    context: dict[str, Any] = {"found": found, "case": case, "error": error, "note": note, **choices(office)}
    context |= {"back": _PAGE, "action": f"{LIST}/{sample_id}/departage", "shown": sampling.seen_of(case)}
    return page(request, "sample_settle.html", status, opinion=opinion or Opinion((), (), ""), **context)
