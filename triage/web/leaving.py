"""« Quitter vite »: another site in place of this one, and no code left in the browser."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from triage.web.access import forget

router = APIRouter(include_in_schema=False)


@router.get("/sortie")
def leave(request: Request) -> Response:
    """Goes to the neutral site that the operator chose."""
    state = request.app.state
    response = RedirectResponse(state.settings.exit or state.office.service.exit, status_code=303)
    forget(response, request)
    return response
