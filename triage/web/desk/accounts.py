"""The accounts, for administrators."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from triage.desk.office import DeskError
from triage.desk.people import accounts, wishes
from triage.desk.people.enrolling import PATH
from triage.desk.people.registry import Registry, registry_of
from triage.store import people
from triage.store.people import Person, UnknownPersonError
from triage.web.desk import sealed
from triage.web.desk.access import Typed
from triage.web.desk.door import Administrator, Ours, TheDesk
from triage.web.desk.shell import page
from triage.web.desk.ways import base
from triage.web.templating import templates

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
HOME = "/desk/comptes"
STATES = {"invited": "Invitation en attente", "active": "Ouvert", "disabled": "Fermé"}
_COOKIE = "bureau_lien"
_SECONDS = 300
_DONE = {
    "role": "Le rôle est changé, dès maintenant.",
    "perimetre": "Le ressort est changé, dès maintenant.",
    "fermer": "Le compte est fermé, ses sessions aussi.",
    "rouvrir": "Le compte est rouvert.",
    "sessions": "Toutes les sessions de cette personne sont fermées.",
}


def the_registry(office: TheDesk) -> Registry:
    """The accounts of the desk."""
    return registry_of(office)


def the_account(registry: TheRegistry, person_id: str, by: Administrator) -> Person:
    """The account of the path, for administrators. Raises 404."""
    try:
        with registry.database.read() as connection:
            return people.get(connection, person_id)
    except UnknownPersonError:
        raise HTTPException(404) from None


TheRegistry = Annotated[Registry, Depends(the_registry)]
TheAccount = Annotated[Person, Depends(the_account)]


@router.get("/desk/comptes")
def listed(request: Request, registry: TheRegistry, by: Administrator) -> Response:
    """All the accounts, and the form that makes one."""
    return _list(request, registry)


@router.post("/desk/comptes", dependencies=[Ours])
def invite(
    request: Request,
    registry: TheRegistry,
    by: Administrator,
    login: Typed = "",
    name: Typed = "",
    role: Typed = "",
    places: Typed = "",
    force: Typed = "",
    unit: Typed = "",
) -> Response:
    """Makes an account; the link is shown on the next page, once."""
    typed = {"login": login, "name": name, "role": role, "places": places, "force": force, "unit": unit}
    try:
        wish = wishes.read_wish(login, name, role, _codes(places), force, unit.strip(), registry.departements)
        person, token = accounts.invite(registry, by, wish, datetime.now(UTC))
    except DeskError as error:
        return _list(request, registry, 400, str(error), typed)
    return _with_link(request, person.id, token)


@router.get("/desk/comptes/{person_id}")
def shown(request: Request, registry: TheRegistry, by: Administrator, account: TheAccount, fait: str = "") -> Response:
    """One account; its link, when it has just been made."""
    return _account(request, registry, by, account, done=_DONE.get(fait, ""))


@router.post("/desk/comptes/{person_id}/lien", dependencies=[Ours])
def relink(request: Request, registry: TheRegistry, by: Administrator, account: TheAccount) -> Response:
    """A new link, shown on the next page, once."""
    try:
        token = accounts.relink(registry, by, account.id, datetime.now(UTC))
    except DeskError as error:
        return _account(request, registry, by, account, 400, error=str(error))
    return _with_link(request, account.id, token)


@router.post("/desk/comptes/{person_id}/{act}", dependencies=[Ours])
def change(
    request: Request,
    registry: TheRegistry,
    by: Administrator,
    account: TheAccount,
    act: str,
    role: Typed = "",
    places: Typed = "",
    force: Typed = "",
    unit: Typed = "",
) -> Response:
    """Changes a role or a scope, closes or opens the account, ends its sessions."""
    if act not in _DONE:
        raise HTTPException(404)
    now = datetime.now(UTC)
    try:
        if act == "role":
            accounts.set_role(registry, by, account.id, wishes.read_role(role), now)
        elif act == "perimetre":
            scopes = wishes.read_scopes(_codes(places), force, registry.departements)
            accounts.set_place(registry, by, account.id, scopes, unit.strip(), now)
        else:
            _ACTS[act](registry, by, account.id, now)
    except DeskError as error:
        return _account(request, registry, by, account, 400, error=str(error))
    return RedirectResponse(f"{HOME}/{account.id}?fait={act}", status_code=303)


_ACTS = {"fermer": accounts.disable, "rouvrir": accounts.enable, "sessions": accounts.end_sessions}


def _codes(places: str) -> list[str]:
    return places.replace(",", " ").replace(";", " ").split()


def _with_link(request: Request, person_id: str, token: str) -> Response:
    """To the account's page, with the link in a cookie that only the service reads."""
    response = RedirectResponse(f"{HOME}/{person_id}", status_code=303)
    sealed.put(response, request, _COOKIE, f"{person_id} {token}", _SECONDS, HOME)
    return response


def _list(
    request: Request, registry: Registry, status: int = 200, error: str = "", typed: dict[str, str] | None = None
) -> Response:
    with registry.database.read() as connection:
        everybody = people.everybody(connection)
    return _page(request, registry, "accounts.html", status, everybody=everybody, error=error, typed=typed or {})


def _account(
    request: Request,
    registry: Registry,
    by: Person,
    account: Person,
    status: int = 200,
    *,
    done: str = "",
    error: str = "",
) -> Response:
    owner, _, token = sealed.get(request, _COOKIE, _SECONDS).partition(" ")
    link = f"{base(request)}{PATH}{token}" if token and owner == account.id else ""
    told: dict[str, Any] = {"account": account, "own": by.id == account.id, "done": done, "error": error, "link": link}
    response = _page(request, registry, "account.html", status, **told)
    sealed.drop(response, request, _COOKIE, HOME)
    return response


def _page(request: Request, registry: Registry, name: str, status: int, **told: Any) -> Response:  # noqa: ANN401
    words = {"roles": wishes.ROLES, "forces": wishes.FORCES, "states": STATES}
    return page(request, name, status, units=accounts.units(registry), access=registry.policy, **words, **told)


templates.env.filters["scope"] = wishes.scope_label
