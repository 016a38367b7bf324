"""Campaigns: their list, timeline and map; merged, split and told of by agents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from triage.desk.campaigns import changing, telling
from triage.desk.campaigns.similar import GROUNDS
from triage.desk.campaigns.viewing import looked_at, recent, view
from triage.desk.office import DeskError, Office
from triage.store import campaigns
from triage.store.people import Person
from triage.web.desk import campaign_case
from triage.web.desk.campaign_charts import grid, timeline
from triage.web.desk.door import Handler, Ours, TheDesk
from triage.web.desk.shell import page
from triage.web.forms import Posted, text_of

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
router.include_router(campaign_case.router)
LIST = "/desk/campagnes"
_REASON = "reason"
_STATES = {campaigns.OPEN: "ouvertes", campaigns.CLOSED: "closes"}
_PERIODS = (7, 30, 90, 365)


@router.get(LIST)
def show_campaigns(
    request: Request, person: Handler, office: TheDesk, etat: str = campaigns.OPEN, jours: str = "30", motif: str = ""
) -> Response:
    """The campaigns that the person may see, the last changed first. A filter that does not exist is left out."""
    state = etat if etat in _STATES else campaigns.OPEN
    days = int(jours) if jours in map(str, _PERIODS) else 30
    ground = motif if motif in GROUNDS else ""
    with office.database.read() as connection:
        found = recent(connection, person, datetime.now(UTC), days, state, ground)
    filters: dict[str, Any] = {"state": state, "days": days, "ground": ground, "states": _STATES, "periods": _PERIODS}
    return page(request, "campaigns.html", campaigns=found, grounds=GROUNDS, **filters)


@router.get(LIST + "/{campaign_id}")
def show_campaign(request: Request, person: Handler, office: TheDesk, campaign_id: str) -> Response:
    """A campaign."""
    return _show(request, office, person, campaign_id)


@router.post(LIST + "/{campaign_id}/nom", dependencies=[Ours])
def rename(request: Request, person: Handler, office: TheDesk, campaign_id: str, form: Posted) -> Response:
    """What to call it."""
    name = text_of(form, "name")
    return _do(
        request, office, person, campaign_id, lambda now: changing.rename(office, person, campaign_id, name, now)
    )


@router.post(LIST + "/{campaign_id}/etat", dependencies=[Ours])
def set_state(request: Request, person: Handler, office: TheDesk, campaign_id: str, form: Posted) -> Response:
    """Open, or closed."""
    to = text_of(form, "state")
    return _do(
        request, office, person, campaign_id, lambda now: changing.set_state(office, person, campaign_id, to, now)
    )


@router.post(LIST + "/{campaign_id}/reunir", dependencies=[Ours])
def merge(request: Request, person: Handler, office: TheDesk, campaign_id: str, form: Posted) -> Response:
    """Makes it one with another."""
    told = text_of(form, "number"), text_of(form, _REASON)
    return _do(
        request, office, person, campaign_id, lambda now: changing.merge(office, person, campaign_id, *told, now)
    )


@router.post(LIST + "/{campaign_id}/separer", dependencies=[Ours])
def split(request: Request, person: Handler, office: TheDesk, campaign_id: str, form: Posted) -> Response:
    """Makes another campaign of some of its cases."""
    told = [one for one in form.getlist("case") if isinstance(one, str)], text_of(form, _REASON)
    return _do(
        request, office, person, campaign_id, lambda now: changing.split(office, person, campaign_id, *told, now)
    )


@router.get(LIST + "/{campaign_id}/prevenir")
def prepare(request: Request, person: Handler, office: TheDesk, campaign_id: str) -> Response:
    """The message to its victims, to be read again before it is sent."""
    return _prepare(request, office, person, campaign_id, office.policies.campaigns.rules.notice)


@router.post(LIST + "/{campaign_id}/prevenir", dependencies=[Ours])
def warn(request: Request, person: Handler, office: TheDesk, campaign_id: str, form: Posted) -> Response:
    """Sends it."""
    text = text_of(form)
    try:
        written = telling.warn(office, person, campaign_id, text, datetime.now(UTC))
    except DeskError as error:
        return _prepare(request, office, person, campaign_id, text, str(error))
    return RedirectResponse(f"{LIST}/{campaign_id}?prevenus={written}", status_code=303)


def _do(
    request: Request, office: Office, person: Person, campaign_id: str, act: Callable[[datetime], str | None]
) -> Response:
    """Does what was asked, and shows the campaign that comes of it; or what is wrong."""
    try:
        made = act(datetime.now(UTC))
    except DeskError as error:
        return _show(request, office, person, campaign_id, str(error))
    return _to(made or campaign_id)


def _show(request: Request, office: Office, person: Person, campaign_id: str, error: str = "") -> Response:
    now = datetime.now(UTC)
    with office.database.write() as connection:
        shown, near = looked_at(office, connection, person, campaign_id, now)
    if shown.campaign.merged_into:
        return _to(shown.campaign.merged_into)
    names = {code: place.name for code, place in office.service.departements.items()}
    told = request.query_params.get("prevenus", "")
    context = {
        "shown": shown,
        "near": near,
        "line": timeline(shown.days),
        "map": grid(office.policies.campaigns.cells, shown.places, names),
        "names": names,
        "grounds": GROUNDS,
        "levels": {level.id: level.label for level in office.engine.assessor.policy.levels},
        "error": error,
        "warned": int(told) if told.isascii() and told.isdigit() and len(told) < 7 else None,
    }
    return page(request, "campaign.html", 400 if error else 200, **context)


def _prepare(
    request: Request, office: Office, person: Person, campaign_id: str, text: str, error: str = ""
) -> Response:
    with office.database.read() as connection:
        shown = view(office, connection, person, campaign_id)
    context = {"shown": shown, "text": text, "to": telling.recipients(shown), "error": error}
    return page(request, "campaign_warn.html", 400 if error else 200, **context)


def _to(campaign_id: str) -> Response:
    return RedirectResponse(f"{LIST}/{campaign_id}", status_code=303)
