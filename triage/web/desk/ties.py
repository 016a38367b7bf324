"""What ties a case to others and to people: joined, split, called back, kept from somebody."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from triage.desk.handling import excluding, identity, joining, splitting
from triage.store.people import Person
from triage.web.desk.decisions import back
from triage.web.desk.door import HOME, Handler, InScope, Ours, Supervisor, TheDesk
from triage.web.forms import text_of

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
_REASON = "reason"


@router.post("/desk/dossiers/{case_id}/decision/reunir", dependencies=[Ours, InScope])
async def join(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """The case goes with another one, about the same person."""
    form = await request.form()
    reference, reason = text_of(form, "reference"), text_of(form, _REASON)
    main = await run_in_threadpool(joining.join, office, person, case_id, reference, reason, datetime.now(UTC))
    return RedirectResponse(f"{HOME}/dossiers/{main.id}/decision#liens", status_code=303)


@router.post("/desk/dossiers/{case_id}/decision/separer", dependencies=[Ours, InScope])
async def part(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """The case stands for itself again."""
    reason = text_of(await request.form(), _REASON)
    await run_in_threadpool(joining.part, office, person, case_id, reason, datetime.now(UTC))
    return back(case_id, "#liens")


@router.post("/desk/dossiers/{case_id}/decision/extraire", dependencies=[Ours, InScope])
async def split(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """A part of the report becomes a case."""
    form = await request.form()
    text, reason, numbers = text_of(form, "text"), text_of(form, _REASON), _numbers(form)
    new = await run_in_threadpool(splitting.split, office, person, case_id, text, numbers, reason, datetime.now(UTC))
    return RedirectResponse(f"{HOME}/dossiers/{new.id}", status_code=303)


@router.post("/desk/dossiers/{case_id}/decision/identite", dependencies=[Ours, InScope])
async def verify(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """What calling the town hall or the préfecture back told."""
    form = await request.form()
    told = (text_of(form, "entry"), text_of(form, "result"), text_of(form, "note"))
    await run_in_threadpool(identity.verify, office, person, case_id, *told, datetime.now(UTC))
    return back(case_id, "#identite")


@router.post("/desk/dossiers/{case_id}/decision/me-retirer", dependencies=[Ours, InScope])
async def leave(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """« Je connais cette personne »: the case is no longer theirs to see."""
    reason = text_of(await request.form(), _REASON)
    await run_in_threadpool(excluding.exclude, office, person, case_id, person.id, reason, datetime.now(UTC))
    return RedirectResponse(HOME, status_code=303)


@router.post("/desk/dossiers/{case_id}/decision/ecarter", dependencies=[Ours, InScope])
async def exclude(request: Request, office: TheDesk, person: Supervisor, case_id: str) -> Response:
    """Somebody no longer sees the case."""
    form = await request.form()
    who, reason = text_of(form, "who"), text_of(form, _REASON)
    await run_in_threadpool(excluding.exclude, office, person, case_id, who, reason, datetime.now(UTC))
    return RedirectResponse(HOME, status_code=303) if who == person.id else back(case_id, "#conflits")


@router.post("/desk/dossiers/{case_id}/decision/readmettre", dependencies=[Ours, InScope])
async def readmit(request: Request, office: TheDesk, person: Supervisor, case_id: str) -> Response:
    """Somebody sees the case again."""
    form = await request.form()
    who, reason = text_of(form, "who"), text_of(form, _REASON)
    await run_in_threadpool(excluding.readmit, office, person, case_id, who, reason, datetime.now(UTC))
    return back(case_id, "#conflits")


@router.post("/desk/dossiers/{case_id}/decision/unite", dependencies=[Ours, InScope])
async def set_unit(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """The case is about a unit, whose people no longer see it."""
    form = await request.form()
    unit, reason = text_of(form, "unit"), text_of(form, _REASON)
    await run_in_threadpool(excluding.set_concerns, office, person, case_id, unit, reason, datetime.now(UTC))
    return RedirectResponse(HOME, status_code=303) if _theirs(person, unit) else back(case_id, "#conflits")


def _theirs(person: Person, unit: str) -> bool:
    """Whether the case has just left the eyes of `person`."""
    return bool(unit) and person.unit == unit


def _numbers(form: FormData) -> set[int]:
    return {int(one) for one in form.getlist("exhibit") if isinstance(one, str) and one.isdecimal()}
