"""Entering by the operator's OIDC provider, and leaving it."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from triage.desk.office import Office
from triage.desk.people import sessions
from triage.desk.people.identities import Identity, NoAccountError, admit
from triage.desk.people.registry import registry_of
from triage.web.desk import sealed
from triage.web.desk.access import door_page, end_here
from triage.web.desk.door import Ours, OutsideError, TheDesk, forget, session_of
from triage.web.desk.provider import Begun, Provider, ProviderError, provider_of
from triage.web.desk.shell import page
from triage.web.desk.ways import base, first_page, own_path, settle
from triage.web.limits import limited

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
START = "/desk/entrer/oidc"
LEFT = "/desk/sorti"
_COOKIE = "bureau_oidc"
_SECONDS = 600
_DOOR = limited(10, "desk", everywhere=True)


@router.get("/desk/entrer/oidc", dependencies=[_DOOR])
async def start(request: Request, office: TheDesk, vers: str = "") -> Response:
    """To the provider. What has to come back is kept in a cookie that is also sent when another site leads here."""
    provider = _provider(request)
    try:
        begun = await provider.begin(f"{base(request)}{START}/retour")
    except ProviderError as error:
        return await _refused(request, office, 503, str(error))
    response = RedirectResponse(begun.url, status_code=303)
    kept = json.dumps({**vars(begun), "url": own_path(vers)})
    sealed.put(response, request, _COOKIE, kept, _SECONDS, START, "lax")
    return response


@router.get("/desk/entrer/oidc/retour", dependencies=[_DOOR])
async def back(request: Request, office: TheDesk, code: str = "", state: str = "", error: str = "") -> Response:
    """Back from the provider. The page goes on by itself: a browser keeps our cookie from what another site sends."""
    provider, begun = _provider(request), _begun(request)
    if begun is None or not hmac.compare_digest(begun.state.encode(), state.encode()):
        return await _refused(request, office, 400, "Cette entrée a été interrompue ou a trop duré. Recommencez.")
    if error or not code:
        return await _refused(request, office, 403, f"{provider.name} n'a pas confirmé votre identité. Recommencez.")
    try:
        identity = await provider.finish(begun, code, f"{base(request)}{START}/retour")
        return await run_in_threadpool(_enter, request, office, identity, begun.url)
    except ProviderError as refused:
        return await _refused(request, office, 502, str(refused))
    except NoAccountError as refused:
        return await _refused(request, office, 403, str(refused))


@router.post("/desk/sortir", dependencies=[Ours])
async def leave(request: Request, office: TheDesk) -> Response:
    """Leaves the desk, and the provider where one entered by it."""
    id_token = await run_in_threadpool(_end, request, office)
    away = await _away(request, id_token) if id_token else ""
    # A form may not lead to another site: the page does.
    response = page(request, "going.html", where=away, left=True) if away else RedirectResponse(LEFT, status_code=303)
    forget(response, request)
    return response


@router.get("/desk/sorti")
def left(request: Request) -> Response:
    """What is shown to whoever has left."""
    return page(request, "left.html")


def _enter(request: Request, office: Office, identity: Identity, vers: str) -> Response:
    registry, now = registry_of(office), datetime.now(UTC)
    person, token = admit(registry, identity, now)
    end_here(request, registry, now)
    request.state.person = None
    response = page(request, "going.html", where=first_page(person, vers), left=False)
    settle(response, request, person, token)
    sealed.drop(response, request, _COOKIE, START)
    return response


def _end(request: Request, office: Office) -> str:
    """Ends the session; the provider's token of it, if it was opened there."""
    registry = registry_of(office)
    try:
        session = session_of(request)
    except OutsideError:
        return ""
    with office.database.read() as connection:
        id_token = sessions.id_token(registry, connection, session.id)
    end_here(request, registry, datetime.now(UTC))
    request.state.person = None
    return id_token


async def _away(request: Request, id_token: str) -> str:
    """The provider's own way out; a provider that is down keeps nobody in here."""
    provider = provider_of(request.app.state.settings)
    try:
        return await provider.leaving(id_token, f"{base(request)}{LEFT}") if provider else ""
    except ProviderError:
        return ""


def _provider(request: Request) -> Provider:
    found = provider_of(request.app.state.settings)
    if found is None:
        raise HTTPException(404)
    return found


def _begun(request: Request) -> Begun | None:
    """What was kept when the browser left for the provider; `url` is then the page to go on to."""
    kept = sealed.get(request, _COOKIE, _SECONDS)
    return Begun(**json.loads(kept)) if kept else None


async def _refused(request: Request, office: Office, status: int, text: str) -> Response:
    """The door, with what went wrong; what was kept serves once."""
    response = await run_in_threadpool(door_page, request, registry_of(office), "", status, text)
    sealed.drop(response, request, _COOKIE, START)
    return response
