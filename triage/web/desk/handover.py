"""What leaves the desk: transmission, addresses for PHAROS, text for the procès-verbal, redaction."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from triage.desk.handling.opening import open_case
from triage.desk.handover import leaving, pharos
from triage.desk.handover.gathering import gather
from triage.desk.handover.minutes import minutes
from triage.desk.handover.proposing import no_mask
from triage.desk.office import DeskError, Office
from triage.desk.trail import exports
from triage.intake.moment import in_paris
from triage.store import directory
from triage.store.directory import Unit
from triage.store.people import Person
from triage.store.records import Case, Standing
from triage.web.desk import redact
from triage.web.desk.door import HOME, Handler, Ours, TheDesk, TheStanding, case_page
from triage.web.desk.sending import attached, file_of
from triage.web.desk.shell import page
from triage.web.forms import text_of

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
router.include_router(redact.router)
TAB = "/transmission"


@router.get("/desk/dossiers/{case_id}/transmission")
def show_handover(request: Request, office: TheDesk, case: Annotated[Case, case_page("transmission")]) -> Response:
    """All that can leave, and what has left."""
    return handover_page(request, office, case)


def handover_page(
    request: Request, office: Office, case: Case, error: str = "", typed: str = "", status: int = 200
) -> Response:
    """The page; with what is wrong with what was asked."""
    with office.database.read() as connection:
        left = exports(office, connection, case.id)
        units = receivers(office, case.standing, directory.units(connection, _kinds(office), case.standing.departement))
    context = {
        "standing": case.standing,
        "tab": TAB,
        "units": units,
        "exports": left,
        "error": error,
        "typed": typed,
        "today": in_paris(datetime.now(UTC)),
        "held": case.standing.held_by(datetime.now(UTC)),
    }
    return page(request, "handover.html", status, **context)


@router.post("/desk/dossiers/{case_id}/transmission/fichier", dependencies=[Ours])
async def download(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """The whole file, as a PDF or a ZIP; the audit keeps its digest before it leaves."""
    form = await request.form()
    unit, other, kind = text_of(form, "unite"), text_of(form, "autre"), text_of(form, "format")
    return await run_in_threadpool(_download, request, office, person, case_id, (unit, other), kind)


def _download(
    request: Request, office: Office, person: Person, case_id: str, to: tuple[str, str], kind: str
) -> Response:
    now = datetime.now(UTC)
    case = open_case(office, person, case_id, now, "transmission")
    told = gather(office, case, person, receiver(office, *to), request.app.state.settings.operator, now)
    return file_of(request, office, person, told, no_mask(office), kind)


@router.post("/desk/dossiers/{case_id}/transmission/confirmer", dependencies=[Ours])
async def confirm(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """« Transmis à … le … »: the case has left the desk."""
    form = await request.form()
    to, day, hour = (text_of(form, name) for name in ("service", "jour", "heure"))
    return await run_in_threadpool(_confirm, request, office, person, case_id, to, f"{day}T{hour}")


def _confirm(request: Request, office: Office, person: Person, case_id: str, to: str, when: str) -> Response:
    now = datetime.now(UTC)
    try:
        leaving.confirm(office, person, case_id, to, _moment(when), now)
    except DeskError as error:
        case = open_case(office, person, case_id, now, "transmission")
        return handover_page(request, office, case, str(error), to, 400)
    return RedirectResponse(f"{HOME}/dossiers/{case_id}{TAB}#confirmer", status_code=303)


@router.get("/desk/dossiers/{case_id}/transmission/proces-verbal")
def show_minutes(
    request: Request, office: TheDesk, person: Handler, case: Annotated[Case, case_page("minutes")]
) -> Response:
    """The text ready to be copied."""
    told = gather(office, case, person, "", request.app.state.settings.operator, datetime.now(UTC))
    text = minutes(office, told, request.app.state.dossier_texts, no_mask(office))
    said = office.policies.handover.transmission.indication
    return page(request, "handover_minutes.html", standing=case.standing, tab=TAB, text=text, indication=said)


@router.get("/desk/dossiers/{case_id}/transmission/pharos")
def show_pharos(
    request: Request, office: TheDesk, person: Handler, case: Annotated[Case, case_page("pharos")]
) -> Response:
    """The addresses that may be signalled, those that may not and why."""
    listed = _listing(request, office, person, case)
    how = office.policies.handover.pharos.how
    return page(request, "handover_pharos.html", standing=case.standing, tab=TAB, listed=listed, how=how)


@router.post("/desk/dossiers/{case_id}/transmission/pharos.csv", dependencies=[Ours])
def download_pharos(request: Request, office: TheDesk, person: Handler, standing: TheStanding) -> Response:
    """The same addresses, for a spreadsheet."""
    now = datetime.now(UTC)
    case = open_case(office, person, standing.id, now, "pharos")
    data = pharos.as_csv(_listing(request, office, person, case))
    leaving.note_file(office, person, case.id, "export.pharos", now, data)
    return Response(data, media_type="text/csv; charset=utf-8", headers=attached(f"pharos-{case.reference}.csv"))


def _listing(request: Request, office: Office, person: Person, case: Case) -> pharos.Listing:
    told = gather(office, case, person, "", request.app.state.settings.operator, datetime.now(UTC))
    return pharos.listing(office, told.file, case.told)


def receiver(office: Office, unit_id: str, other: str) -> str:
    """The service that receives: what was typed, else the unit chosen; nobody yet when neither is. Raises DeskError."""
    typed = " ".join(other.split())
    if len(typed) > leaving.LONGEST_UNIT:
        raise DeskError(f"Le nom du service compte {leaving.LONGEST_UNIT} caractères au plus.")
    if typed or not unit_id:
        return typed
    with office.database.read() as connection:
        found = directory.unit(connection, unit_id)
    if found is None or found.kind not in _kinds(office):
        raise DeskError("Ce service n'est plus dans l'annuaire. Choisissez-en un autre, ou écrivez son nom.")
    return found.name


def receivers(office: Office, standing: Standing, units: list[Unit]) -> list[Unit]:
    """The units of the case's département, but the one that the case is about; none when the place is not known."""
    return [one for one in units if one.id != standing.concerns] if standing.departement else []


def _kinds(office: Office) -> list[str]:
    return office.policies.handover.transmission.units


def _moment(typed: str) -> datetime:
    try:
        return in_paris(datetime.fromisoformat(typed))
    except ValueError:
        raise DeskError("Donnez le jour et l'heure de la transmission.") from None
