"""The tab of a case that says which campaign it is in, and which cases are like it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from triage.desk.campaigns import changing
from triage.desk.campaigns.around import look_around
from triage.desk.campaigns.similar import GROUNDS
from triage.desk.campaigns.viewing import recent
from triage.desk.office import DeskError, Office
from triage.store.people import Person
from triage.web.desk.door import Handler, Ours, TheDesk
from triage.web.desk.shell import page
from triage.web.forms import Posted, text_of

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
TAB = "/desk/dossiers/{case_id}/campagne"
_REASON = "reason"
_DAYS = 90  # campaigns offered to put the case into


@router.get(TAB)
def show_case_campaign(request: Request, person: Handler, office: TheDesk, case_id: str) -> Response:
    """The campaign of the case."""
    return _show(request, office, person, case_id)


@router.post(TAB + "/sortir", dependencies=[Ours])
def take_out(request: Request, person: Handler, office: TheDesk, case_id: str, form: Posted) -> Response:
    """Takes the case out of its campaign."""
    why = text_of(form, _REASON)
    return _do(request, office, person, case_id, lambda now: changing.take_out(office, person, case_id, why, now))


@router.post(TAB + "/rattacher", dependencies=[Ours])
def put_in(request: Request, person: Handler, office: TheDesk, case_id: str, form: Posted) -> Response:
    """Puts the case into another."""
    told = text_of(form, "number"), text_of(form, _REASON)
    return _do(request, office, person, case_id, lambda now: changing.put_in(office, person, case_id, *told, now))


@router.post(TAB + "/rapprocher", dependencies=[Ours])
def put_together(request: Request, person: Handler, office: TheDesk, case_id: str, form: Posted) -> Response:
    """Puts the case with one that is like it."""
    told = text_of(form, "other"), text_of(form, _REASON)
    return _do(request, office, person, case_id, lambda now: changing.put_together(office, person, case_id, *told, now))


def _do(
    request: Request, office: Office, person: Person, case_id: str, action: Callable[[datetime], object]
) -> Response:
    try:
        action(datetime.now(UTC))
    except DeskError as error:
        return _show(request, office, person, case_id, str(error))
    return RedirectResponse(TAB.format(case_id=case_id), status_code=303)


def _show(request: Request, office: Office, person: Person, case_id: str, error: str = "") -> Response:
    now = datetime.now(UTC)
    with office.database.write() as connection:
        standing, around = look_around(office, connection, person, case_id, now)
        others = recent(connection, person, now, _DAYS)
    context = {
        "standing": standing,
        "tab": "/campagne",
        "around": around,
        "others": others,
        "grounds": GROUNDS,
        "levels": {level.id: level.label for level in office.engine.assessor.policy.levels},
        "error": error,
    }
    return page(request, "campaign_case.html", 400 if error else 200, **context)
