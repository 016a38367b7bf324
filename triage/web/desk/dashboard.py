"""The dashboard, and each of its tables as CSV."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from triage.desk import journal
from triage.desk.office import DeskError, Office
from triage.desk.supervising.cells import as_csv, shown
from triage.desk.supervising.dashboard import Asked, dashboard
from triage.web.desk.door import Analyst, TheDesk
from triage.web.desk.rota import place_of
from triage.web.desk.shell import page
from triage.web.templating import templates

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
templates.env.filters["figure"] = shown


@router.get("/desk/tableau")
def show(
    request: Request, person: Analyst, office: TheDesk, jours: str = "", departement: str = "", force: str = ""
) -> Response:
    """All the tables that the person may see."""
    try:
        asked, error = _asked(office, jours, departement, force), ""
    except DeskError as wrong:
        asked, error = _asked(office, jours, "", ""), str(wrong)
    sections = dashboard(office, person, asked, datetime.now(UTC))
    periods, places = office.policies.dashboard.periods, office.service.departements.values()
    context = {"sections": sections, "asked": asked, "periods": periods, "departements": places, "error": error}
    return page(request, "dashboard.html", 400 if error else 200, **context)


@router.get("/desk/tableau/{table}.csv")
def export(
    table: str, person: Analyst, office: TheDesk, jours: str = "", departement: str = "", force: str = ""
) -> Response:
    """One table as CSV; the audit keeps that it was taken."""
    now = datetime.now(UTC)
    asked = _asked(office, jours, departement, force)
    found = next((one for one in dashboard(office, person, asked, now) if one.id == table), None)
    if found is None:
        raise HTTPException(404, "Ce tableau n'existe pas.")
    with office.database.write() as connection:
        about = f"{found.id} {asked.period.days} {asked.departement} {asked.force}".strip()
        journal.record(office, connection, person, "export.csv", now, about=about)
    name = {"Content-Disposition": f'attachment; filename="{found.id}.csv"', "X-Content-Type-Options": "nosniff"}
    return Response("\ufeff" + as_csv(found), media_type="text/csv; charset=utf-8", headers=name)


def _asked(office: Office, days: str, departement: str, force: str) -> Asked:
    place = place_of(office, departement, force)
    return Asked(office.policies.dashboard.period(days), place.departement, place.force)
