"""Leaving, slowly or fast (« Quitter vite », another site in place of this one): no code is left in the browser."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from triage.web.access import forget
from triage.web.signing import Ours

router = APIRouter(include_in_schema=False)


@router.get("/sortie")
def leave(request: Request) -> Response:
    """Goes to the neutral site that the operator chose."""
    state = request.app.state
    response = RedirectResponse(state.settings.exit or state.office.service.exit, status_code=303)
    forget(response, request)
    return response


@router.post("/suivi/quitter", dependencies=[Ours])
def quit_case(request: Request) -> Response:
    """Leaves the case: its code is no longer in the browser."""
    response = RedirectResponse("/", status_code=303)
    forget(response, request)
    return response
