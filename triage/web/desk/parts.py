"""All the routes of the desk, and what is said to whoever may not enter."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from triage.desk.people.rights import ForbiddenError
from triage.web.desk import (
    access,
    accounts,
    alerts,
    apart,
    audit,
    campaigns,
    dashboard,
    decisions,
    directory,
    dossier,
    exhibits,
    handover,
    live,
    me,
    measures,
    moves,
    oidc,
    phone,
    queue,
    rota,
    sample,
    settle,
    talk,
    ties,
)
from triage.web.desk.door import ENTER, OutsideError, bind
from triage.web.templating import templates

_PARTS = (
    *(access, oidc, me, accounts, queue, moves, live, dossier, exhibits, talk, decisions, ties, measures, directory),
    *(campaigns, handover, alerts, rota, dashboard, audit, settle, sample, phone, apart),
)


def install(app: FastAPI) -> None:
    """Adds the desk to the application."""
    for part in _PARTS:
        app.include_router(part.router, dependencies=[Depends(bind)])

    @app.exception_handler(OutsideError)
    def _outside(request: Request, error: OutsideError) -> Response:
        """To the door, and back to the page asked for once inside. A script is sent there too, a stream ends."""
        if "text/event-stream" in request.headers.get("accept", ""):  # no page is told where its stream was led
            return Response(live.OVER, media_type="text/event-stream")
        script = "hx-request" in request.headers
        back = request.url.path if request.method == "GET" and not script else ""
        target = f"{ENTER}?vers={quote(back)}" if back else ENTER
        if script:
            return Response(status_code=204, headers={"HX-Redirect": target})
        return RedirectResponse(target, status_code=303)

    @app.exception_handler(ForbiddenError)
    def _forbidden(request: Request, error: ForbiddenError) -> Response:
        return error_page(request, 403, str(error))


def error_page(request: Request, status: int, text: str) -> Response:
    """A page of the desk that says what went wrong."""
    context = {"text": text, "status": status, "person": getattr(request.state, "person", None)}
    return templates.page(request, "desk/error.html", context, status=status)
