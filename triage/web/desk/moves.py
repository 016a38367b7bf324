"""What is done with a case from its head: taken, given back, handed over, put off, raised, sent elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from triage.desk.office import DeskError
from triage.desk.queue import claiming, moving
from triage.intake.moment import PARIS
from triage.web.desk import filters
from triage.web.desk.door import HOME, Handler, Ours, TheDesk
from triage.web.desk.queue import queue_page
from triage.web.forms import text_of

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
_CONFLICT = 409


@router.post("/desk/dossiers/{case_id}/prendre", dependencies=[Ours])
def claim(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """Takes the case; the queue again when somebody else did."""
    try:
        claiming.claim(office, person, case_id, datetime.now(UTC))
    except claiming.TakenError as error:
        return queue_page(request, office, person, filters.read(office, {}), str(error), _CONFLICT)
    return RedirectResponse(f"{HOME}/dossiers/{case_id}", status_code=303)


@router.post("/desk/dossiers/{case_id}/rendre", dependencies=[Ours])
def release(office: TheDesk, person: Handler, case_id: str) -> Response:
    """Gives the case back."""
    claiming.release(office, person, case_id, datetime.now(UTC))
    return _done("rendu")


@router.post("/desk/dossiers/{case_id}/passer", dependencies=[Ours])
async def hand_over(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """Gives the case to a colleague; a supervisor may take it."""
    to = text_of(await request.form(), "to")
    await run_in_threadpool(claiming.hand_over, office, person, case_id, to, datetime.now(UTC))
    mine = to == person.id
    return RedirectResponse(f"{HOME}/dossiers/{case_id}", status_code=303) if mine else _done("passe")


@router.post("/desk/dossiers/{case_id}/attente", dependencies=[Ours])
async def snooze(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """Puts the case off until a moment of Paris."""
    form = await request.form()
    until, reason = _moment(text_of(form, "until")), text_of(form, "reason")
    await run_in_threadpool(moving.snooze, office, person, case_id, until, reason, datetime.now(UTC))
    return _done("attente")


@router.post("/desk/dossiers/{case_id}/relever", dependencies=[Ours])
async def escalate(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """Raises the level."""
    form = await request.form()
    level, reason, keep = text_of(form, "level"), text_of(form, "reason"), bool(text_of(form, "keep"))
    await run_in_threadpool(moving.escalate, office, person, case_id, level, reason, datetime.now(UTC), keep)
    return RedirectResponse(f"{HOME}/dossiers/{case_id}", status_code=303) if keep else _done("releve")


@router.post("/desk/dossiers/{case_id}/orienter", dependencies=[Ours])
async def refer(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """Sends the case to another service."""
    form = await request.form()
    where, reason = (text_of(form, "departement"), text_of(form, "force")), text_of(form, "reason")
    await run_in_threadpool(moving.refer, office, person, case_id, *where, reason, datetime.now(UTC))
    return _done("oriente")


def _done(what: str) -> Response:
    return RedirectResponse(f"{HOME}?fait={what}", status_code=303)


def _moment(typed: str) -> datetime:
    """What a field of date and time gives, on the clocks of Paris."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=PARIS)
    except ValueError:
        raise DeskError("Indiquez un jour et une heure, par exemple ceux proposés.") from None
