"""« Mon compte »: sessions, password, authenticator, alerts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from triage.desk.office import DeskError, Office
from triage.desk.people import codes, own, sessions
from triage.desk.people.registry import registry_of
from triage.desk.people.sessions import Session
from triage.store.people import Person
from triage.web.access import SameSite
from triage.web.desk import sealed
from triage.web.desk.access import Typed
from triage.web.desk.door import Ours, TheDesk, TheSession
from triage.web.desk.shell import page
from triage.web.limits import limited

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
HOME = "/desk/moi"
_COOKIE = "bureau_code"
_SECONDS = 900
_DONE = {
    "mot-de-passe": "Votre mot de passe est changé. Vos autres sessions sont fermées.",
    "code": "Votre nouvelle application est enregistrée. Vos autres sessions sont fermées.",
    "alertes": "Vos préférences sont enregistrées.",
    "session": "La session est fermée.",
}


@router.get("/desk/moi")
def account(request: Request, office: TheDesk, session: TheSession, fait: str = "") -> Response:
    """The person's own account."""
    return _page(request, office, session, done=_DONE.get(fait, ""))


@router.post("/desk/moi/mot-de-passe", dependencies=[SameSite, limited(10, "desk", everywhere=True), Ours])
def password(request: Request, office: TheDesk, session: TheSession, current: Typed = "", new: Typed = "") -> Response:
    """Changes the password."""
    try:
        own.change_password(registry_of(office), session, current, new, datetime.now(UTC))
    except DeskError as error:
        return _page(request, office, session, 400, error=str(error))
    return _done("mot-de-passe")


@router.get("/desk/moi/code")
def authenticator(request: Request, office: TheDesk, session: TheSession) -> Response:
    """A new authenticator to be set up; its secret stays in the browser, sealed, until it is confirmed."""
    if not own.has_password(registry_of(office), session.person):
        return RedirectResponse(HOME, status_code=303)
    return _new_code(request, session.person, codes.new_secret())


@router.post("/desk/moi/code", dependencies=[SameSite, limited(10, "desk", everywhere=True), Ours])
def confirm_authenticator(
    request: Request, office: TheDesk, session: TheSession, current: Typed = "", code: Typed = ""
) -> Response:
    """Changes the authenticator, once it gave a code."""
    owner, _, secret = sealed.get(request, _COOKIE, _SECONDS).partition(" ")
    if owner != session.person.id or not secret:
        return RedirectResponse(f"{HOME}/code", status_code=303)
    try:
        own.change_authenticator(registry_of(office), session, current, secret, code, datetime.now(UTC))
    except DeskError as error:
        return _new_code(request, session.person, secret, 400, str(error))
    response = _done("code")
    sealed.drop(response, request, _COOKIE, HOME)
    return response


@router.post("/desk/moi/alertes", dependencies=[Ours])
def alerts(
    request: Request, office: TheDesk, session: TheSession, mail: Typed = "", start: Typed = "", end: Typed = ""
) -> Response:
    """Changes whether and when alerts are sent by e-mail."""
    try:
        own.set_alerts(registry_of(office), session.person, mail == "oui", start, end, datetime.now(UTC))
    except DeskError as error:
        return _page(request, office, session, 400, error=str(error))
    return _done("alertes")


@router.post("/desk/moi/sessions/{session_id}/fin", dependencies=[Ours])
def end(request: Request, office: TheDesk, session: TheSession, session_id: str) -> Response:
    """Ends one of the person's own sessions."""
    own.end_session(registry_of(office), session.person, session_id, datetime.now(UTC))
    return _done("session")


def _page(
    request: Request, office: Office, session: Session, status: int = 200, *, done: str = "", error: str = ""
) -> Response:
    registry, now = registry_of(office), datetime.now(UTC)
    with office.database.read() as connection:
        opened = sessions.open_ones(connection, session.person.id, now)
    shown: dict[str, Any] = {"opened": opened, "current": session.id, "done": done, "error": error}
    local = own.has_password(registry, session.person)
    return page(request, "me.html", status, local=local, access=registry.policy, **shown)


def _new_code(request: Request, person: Person, secret: str, status: int = 200, error: str = "") -> Response:
    shown = {"image": codes.image(secret, person.login), "secret": codes.grouped(secret), "error": error}
    response = page(request, "me_code.html", status, **shown)
    sealed.put(response, request, _COOKIE, f"{person.id} {secret}", _SECONDS, HOME)
    return response


def _done(what: str) -> Response:
    return RedirectResponse(f"{HOME}?fait={what}", status_code=303)
