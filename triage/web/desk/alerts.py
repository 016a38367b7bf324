"""Alerts, for supervisors; what was sent of them, and the webhooks, for administrators."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from triage.desk.alerts import showing, webhooks
from triage.desk.office import DeskError, Office
from triage.settings import Settings
from triage.web.desk.door import Administrator, Ours, Supervisor, TheDesk
from triage.web.desk.rota import place_of
from triage.web.desk.shell import page

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
_SENT = "/desk/envois"


@router.get("/desk/alertes")
def show(request: Request, person: Supervisor, office: TheDesk) -> Response:
    """What rings now in the person's places."""
    policy = office.policies.alerts
    levels = {level.id: level.label for level in office.engine.assessor.policy.levels}
    shown = showing.open_alerts(office, person)
    return page(request, "alerts.html", shown=shown, policy=policy, levels=levels, mail=_mail(request))


@router.get(_SENT)
def show_sent(request: Request, person: Administrator, office: TheDesk) -> Response:
    """What was given up, what waits, what arrived."""
    return _page(request, office)


@router.post(_SENT + "/{delivery_id}/renvoyer", dependencies=[Ours])
def send_again(request: Request, delivery_id: str, person: Administrator, office: TheDesk) -> Response:
    """Tries anew what was given up."""
    showing.send_again(office, person, delivery_id, datetime.now(UTC))
    request.app.state.wake()
    return RedirectResponse(_SENT, status_code=303)


@router.post(_SENT + "/{delivery_id}/laisser", dependencies=[Ours])
def leave(delivery_id: str, person: Administrator, office: TheDesk) -> Response:
    """Leaves what was given up."""
    showing.leave(office, person, delivery_id, datetime.now(UTC))
    return RedirectResponse(_SENT, status_code=303)


@router.post("/desk/envois/services", dependencies=[Ours])
def add_hook(
    request: Request,
    person: Administrator,
    office: TheDesk,
    name: Annotated[str, Form()] = "",
    url: Annotated[str, Form()] = "",
    departement: Annotated[str, Form()] = "",
    force: Annotated[str, Form()] = "",
) -> Response:
    """Adds a webhook; its secret is on the page that answers, once."""
    typed = {"name": name, "url": url, "departement": departement, "force": force}
    try:
        secret = webhooks.add(office, person, name, url, place_of(office, departement, force), datetime.now(UTC))
    except DeskError as error:
        return _page(request, office, 400, error=str(error), typed=typed)
    return _page(request, office, 201, secret=secret)


@router.post("/desk/envois/services/{hook_id}/{turn}", dependencies=[Ours])
def turn_hook(hook_id: str, turn: str, person: Administrator, office: TheDesk) -> Response:
    """Stops a webhook (« arreter »), or starts it again (« reprendre »)."""
    if turn not in ("arreter", "reprendre"):
        raise DeskError("Choisissez d'arrêter ou de reprendre les envois à ce service.")
    webhooks.turn(office, person, hook_id, turn == "reprendre", datetime.now(UTC))
    return RedirectResponse(_SENT, status_code=303)


def _mail(request: Request) -> bool:
    """Whether alerts can leave by e-mail."""
    settings: Settings = request.app.state.settings
    return bool(settings.smtp and settings.sender)


def _page(
    request: Request,
    office: Office,
    status: int = 200,
    error: str = "",
    secret: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    with office.database.read() as connection:
        hooks = webhooks.every(connection)
    return page(
        request,
        "deliveries.html",
        status,
        traffic=showing.traffic(office),
        hooks=hooks,
        policy=office.policies.alerts,
        departements=office.service.departements.values(),
        mail=_mail(request),
        error=error,
        secret=secret,
        typed=typed or {},
    )
