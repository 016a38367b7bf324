"""Entering and leaving: an address, a password and a one-time code; the link that opens an account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from triage.desk.office import DeskError
from triage.desk.people import codes, enrolling, sessions
from triage.desk.people.entering import Try, enter, has_accounts
from triage.desk.people.registry import Registry, registry_of
from triage.web.access import SameSite
from triage.web.desk.door import OutsideError, TheDesk, session_of
from triage.web.desk.provider import provider_of
from triage.web.desk.shell import page
from triage.web.desk.ways import first_page, inside, known_browser, own_path
from triage.web.limits import limited
from triage.web.signing import OursToEnter

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
Typed = Annotated[str, Form(max_length=1000)]
# Dearer than a page: an address may not try passwords all day.
_DOOR = limited(10, "desk", everywhere=True)


@router.get("/desk/entrer")
def door(request: Request, office: TheDesk, vers: str = "") -> Response:
    """The door; whoever is inside already goes on."""
    try:
        person = session_of(request).person
    except OutsideError:
        return door_page(request, registry_of(office), vers)
    return RedirectResponse(first_page(person, vers), status_code=303)


@router.post("/desk/entrer", dependencies=[SameSite, _DOOR, OursToEnter])
def come_in(
    request: Request, office: TheDesk, login: Typed = "", password: Typed = "", code: Typed = "", vers: Typed = ""
) -> Response:
    """Lets in whoever typed all three right. The session is a new one."""
    registry, now = registry_of(office), datetime.now(UTC)
    try:
        person, token = enter(registry, Try(login, password, code, known_browser(request, login)), now)
    except DeskError as error:
        return door_page(request, registry, vers, 400, str(error), login)
    end_here(request, registry, now)
    return inside(request, person, token, vers)


@router.get("/desk/inscription/{token}", dependencies=[_DOOR])
def enrolment(request: Request, office: TheDesk, token: str) -> Response:
    """What the link opens: the form in which a password is chosen and the authenticator is set up."""
    return _enrolment(request, registry_of(office), token)


@router.post("/desk/inscription/{token}", dependencies=[SameSite, _DOOR, OursToEnter])
def enrol(request: Request, office: TheDesk, token: str, password: Typed = "", code: Typed = "") -> Response:
    """Opens the account, once, and lets the person in."""
    registry, now = registry_of(office), datetime.now(UTC)
    try:
        person, session = enrolling.complete(registry, token, password, code, now)
    except enrolling.LinkError as error:
        return door_page(request, registry, "", 410, str(error))
    except DeskError as error:
        return _enrolment(request, registry, token, 400, str(error))
    end_here(request, registry, now)
    return inside(request, person, session)


def door_page(
    request: Request, registry: Registry, vers: str = "", status: int = 200, error: str = "", login: str = ""
) -> Response:
    """The door, with what went wrong."""
    told = {"error": error, "login": login[:200], "vers": own_path(vers), "empty": not has_accounts(registry)}
    return page(request, "enter.html", status, provider=provider_of(request.app.state.settings), **told)


def end_here(request: Request, registry: Registry, now: datetime) -> None:
    """Ends the session that the browser had, if it had one."""
    try:
        old = session_of(request)
    except OutsideError:
        return
    with registry.database.write() as connection:
        sessions.revoke(connection, old.id, now)
        registry.note(connection, old.person, "leave", now)


def _enrolment(request: Request, registry: Registry, token: str, status: int = 200, error: str = "") -> Response:
    try:
        found = enrolling.look(registry, token, datetime.now(UTC))
    except enrolling.LinkError as refused:
        return door_page(request, registry, "", 410, str(refused))
    shown = {"image": codes.image(found.secret, found.person.login), "secret": codes.grouped(found.secret)}
    return page(
        request, "enrol.html", status, who=found.person, access=registry.policy, error=error, token=token, **shown
    )
