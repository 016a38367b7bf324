"""Reports that a supervisor is to look at: floods, concerted accusations, people named without anything to check."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from triage.desk.flood import deciding
from triage.desk.office import DeskError, Office
from triage.store.people import Person
from triage.web.desk.door import HOME, Ours, Supervisor, TheDesk
from triage.web.desk.shell import page
from triage.web.forms import text_of

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
PAGE = f"{HOME}/a-verifier"


@router.get("/desk/a-verifier")
def show(request: Request, office: TheDesk, person: Supervisor) -> Response:
    """What waits for a decision, and why."""
    return _page(request, office, person)


@router.post("/desk/a-verifier", dependencies=[Ours])
async def decide(request: Request, office: TheDesk, person: Supervisor) -> Response:
    """Gives the chosen cases back to the queue, or keeps them beside it, with a reason."""
    form = await request.form()
    marks = [str(one) for one in form.getlist("mark") if isinstance(one, str)]
    keep, reason = text_of(form, "what") == "keep", text_of(form, "reason")
    return await run_in_threadpool(_decide, request, office, person, marks, keep, reason)


def _decide(request: Request, office: Office, person: Person, marks: list[str], keep: bool, reason: str) -> Response:
    try:
        deciding.decide(office, person, marks, keep, reason, datetime.now(UTC))
    except DeskError as error:
        return _page(request, office, person, str(error), reason, frozenset(marks), 400)
    return RedirectResponse(PAGE, status_code=303)


def _page(
    request: Request,
    office: Office,
    person: Person,
    error: str = "",
    reason: str = "",
    chosen: frozenset[str] = frozenset(),
    status: int = 200,
) -> Response:
    groups = deciding.to_look_at(office, person, datetime.now(UTC))
    told = {"error": error, "reason": reason, "chosen": chosen, "keep": office.policies.flood.keep}
    return page(request, "apart.html", status, groups=groups, **told)
