"""The rota: who is on duty, where, until when; who is there now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from triage.desk import duty
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import Right, may
from triage.desk.supervising import rota
from triage.intake.moment import PARIS, in_paris
from triage.store.people import Person, Scope
from triage.web.desk.door import Handler, Ours, Supervisor, TheDesk
from triage.web.desk.shell import page

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
_HOME = "/desk/gardes"
FORCES = ("police", "gendarmerie")
_EVERYWHERE, _NOTHING = Scope(), MappingProxyType[str, str]({})


@router.get(_HOME)
def show(request: Request, person: Handler, office: TheDesk, departement: str = "", force: str = "") -> Response:
    """The rota of the person's places, who is there now; for one place, when it is asked."""
    try:
        return _page(request, person, office, place_of(office, departement, force))
    except DeskError as error:
        return _page(request, person, office, error=str(error))


@router.post(_HOME, dependencies=[Ours])
def add(
    request: Request,
    person: Supervisor,
    office: TheDesk,
    login: Annotated[str, Form()] = "",
    departement: Annotated[str, Form()] = "",
    force: Annotated[str, Form()] = "",
    starts: Annotated[str, Form()] = "",
    ends: Annotated[str, Form()] = "",
) -> Response:
    """Puts somebody on duty; what was typed is shown again with what is wrong."""
    typed = {"login": login, "departement": departement, "force": force, "starts": starts, "ends": ends}
    try:
        scope = place_of(office, departement, force)
        rota.add(office, person, login, scope, _moment(starts), _moment(ends), datetime.now(UTC))
    except DeskError as error:
        return _page(request, person, office, typed=typed, error=str(error))
    return RedirectResponse(_HOME, status_code=303)


@router.post(_HOME + "/{shift_id}/retirer", dependencies=[Ours])
def remove(shift_id: str, person: Supervisor, office: TheDesk) -> Response:
    """Takes a shift off the rota."""
    rota.remove(office, person, shift_id, datetime.now(UTC))
    return RedirectResponse(_HOME, status_code=303)


def place_of(office: Office, departement: str, force: str) -> Scope:
    """The place that a form names. Raises DeskError for one that does not exist."""
    if departement and departement not in office.service.departements:
        raise DeskError("Ce département n'existe pas : choisissez-le dans la liste.")
    if force and force not in FORCES:
        raise DeskError("Cette force n'existe pas : choisissez police, gendarmerie ou les deux.")
    return Scope(departement, force)


def _page(
    request: Request,
    person: Person,
    office: Office,
    asked: Scope = _EVERYWHERE,
    typed: Mapping[str, str] = _NOTHING,
    error: str = "",
) -> Response:
    now = datetime.now(UTC)
    shifts = [one for one in duty.shifts(office.database, now) if rota.visible(person, one)]
    supervises = may(person, Right.SUPERVISE)
    return page(
        request,
        "rota.html",
        400 if error else 200,
        shifts=shifts,
        removable={one.id for one in shifts if rota.may_change(person, Scope(one.departement, one.force))},
        names=rota.names(office),
        candidates=rota.candidates(office, person) if supervises else [],
        departements=office.service.departements.values(),
        watch=rota.watch(office, asked.departement, asked.force, now),
        asked=asked,
        typed=typed,
        error=error,
        at=in_paris(now),
    )


def _moment(typed: str) -> datetime:
    """A moment typed on the clocks of Paris. Raises DeskError."""
    try:
        return datetime.strptime(typed, "%Y-%m-%dT%H:%M").replace(tzinfo=PARIS)
    except ValueError:
        raise DeskError("Donnez le début et la fin de la garde, date et heure de Paris.") from None
