"""« Qui a lu mon dossier ? »: what the desk did with a case, told to the person whose case it is."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from triage.desk.trail import readings
from triage.web.access import KeptOpen, TheCase, TheOffice
from triage.web.desk import verbs as _verbs  # noqa: F401  # the filter that says what was done
from triage.web.templating import templates

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False, route_class=KeptOpen)


@router.get("/suivi/lectures")
def show_readings(request: Request, office: TheOffice, case: TheCase) -> Response:
    """Who read, decided, exported: by role and force, without names."""
    return templates.page(request, "case/readings.html", {"readings": readings(office, case.id)})
