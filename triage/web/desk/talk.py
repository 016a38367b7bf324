"""The conversation with the official, and internal notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from triage.desk.evidence import File
from triage.desk.follow_up import LONGEST_MESSAGE
from triage.desk.handling import conversing, noting
from triage.desk.handling.opening import open_case
from triage.desk.office import DeskError, Office
from triage.store import joined, notes, people
from triage.store.people import Person
from triage.store.records import FINISHED, Case, Standing
from triage.web.access import SameSite
from triage.web.case_more import download
from triage.web.desk.door import HOME, Handler, InScope, Ours, TheDesk, TheStanding, case_page, ours
from triage.web.desk.shell import page
from triage.web.forms import files_of, text_of
from triage.web.talking import mark_of

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
SYSTEM = "Le service"


@router.get("/desk/dossiers/{case_id}/messages")
def show_talk(
    request: Request,
    office: TheDesk,
    person: Handler,
    case: Annotated[Case, case_page("messages")],
    modele: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """The conversation, read by whoever holds the case; a message begun from a template, when one is chosen."""
    if conversing.read_by_agent(office, person, case.id, datetime.now(UTC)):
        case = _again(office, case.id)
    return _page(request, office, person, case, conversing.drafted(office, case, modele, person), modele=modele)


@router.get("/desk/dossiers/{case_id}/messages/fil")
def show_thread(
    request: Request,
    office: TheDesk,
    person: Handler,
    standing: TheStanding,
    vu: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    """The messages again, for a page that is open: nothing while nothing has changed."""
    conversing.read_by_agent(office, person, standing.id, datetime.now(UTC))
    case = _again(office, standing.id)
    if mark_of(case) == vu:
        return Response(status_code=204)
    return page(request, "talk_thread.html", **_thread(office, case), fresh=True)


@router.post("/desk/dossiers/{case_id}/messages", dependencies=[SameSite, InScope, ours(max_files=100)])
async def send(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """A message to the official."""
    async with request.form() as form:
        text, files = text_of(form, "message"), await files_of(form)
    return await run_in_threadpool(_send, request, office, person, case_id, text, files)


def _send(request: Request, office: Office, person: Person, case_id: str, text: str, files: Sequence[File]) -> Response:
    now = datetime.now(UTC)
    try:
        conversing.write(office, person, case_id, text, files, now)
    except DeskError as error:
        return _page(
            request, office, person, open_case(office, person, case_id, now, "messages"), text, str(error), 400
        )
    return RedirectResponse(f"{HOME}/dossiers/{case_id}/messages#ecrire", status_code=303)


@router.post("/desk/dossiers/{case_id}/notes", dependencies=[Ours, InScope])
async def add_note(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """An internal note."""
    text = text_of(await request.form(), "note")
    await run_in_threadpool(noting.note, office, person, case_id, text, datetime.now(UTC))
    return RedirectResponse(f"{HOME}/dossiers/{case_id}/messages#notes", status_code=303)


@router.get("/desk/dossiers/{case_id}/messages/fichiers/{file_id}")
def download_file(office: TheDesk, person: Handler, case_id: str, file_id: str) -> Response:
    """A file that an agent sent."""
    name, content = conversing.opened(office, person, case_id, file_id, datetime.now(UTC))
    return download(content, "application/octet-stream", name)


def _page(
    request: Request,
    office: Office,
    person: Person,
    case: Case,
    text: str,
    error: str = "",
    status: int = 200,
    modele: str = "",
) -> Response:
    now, standing = datetime.now(UTC), case.standing
    with office.database.read() as connection:
        main = office.cases.standing(connection, standing.merged_into) if standing.merged_into else standing
        several = [office.cases.get(connection, one) for one in joined.joined_to(connection, case.id)]
        others = [(one, len([m for m in one.messages if m.by == "official" and not m.read_at])) for one in several]
        kept = notes.of_case(connection, office.cases.sealer(connection, case.id), case.id)
        names = {one.id: one.name for one in people.everybody(connection)}
    messages = office.policies.conduct.messages
    context: dict[str, Any] = {
        **_thread(office, case),
        "main": main,
        "others": others,
        "notes": [(one.at, names.get(one.by, SYSTEM), one.text) for one in kept],
        "templates": messages.templates,
        "modele": modele,
        "conduct": messages,
        "anew": messages.anew.replace("{reference}", case.reference),
        "why_not": _why_not(main, standing, person, now),
        "longest": LONGEST_MESSAGE,
        "text": text,
        "error": error,
    }
    return page(request, "talk.html", status, standing=standing, tab="/messages", **context)


def _thread(office: Office, case: Case) -> dict[str, Any]:
    with office.database.read() as connection:
        names = {one.id: one.name for one in people.everybody(connection)}
    files = conversing.files_of(office, case.id)
    return {"case": case, "files": files, "names": names, "mark": mark_of(case)}


def _why_not(main: Standing, standing: Standing, person: Person, now: datetime) -> str:
    """Why nobody, or not this person, writes here now; the closed case has its own words."""
    if standing.state in FINISHED:
        return "closed"
    if standing.split_from:
        return "part"
    return "" if main.held_by(now) == person.id else "free"


def _again(office: Office, case_id: str) -> Case:
    with office.database.read() as connection:
        return office.cases.get(connection, case_id)
