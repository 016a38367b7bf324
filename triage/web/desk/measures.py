"""The measures of the pack sécurité élu: those of a case, and those of one's whole scope."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from triage.desk.case import understood
from triage.desk.handling.opening import open_case
from triage.desk.measures import lifecycle, siting
from triage.desk.measures.following import followed, possible
from triage.desk.measures.lifecycle import Noted
from triage.desk.measures.overview import MOST, Wanted, ending, overview
from triage.desk.measures.sites import site
from triage.desk.office import DeskError, Office
from triage.diagnostic.wording import plain_day
from triage.dossier.letter import runs
from triage.dossier.wording import day
from triage.intake.moment import in_paris
from triage.store import people
from triage.store.people import Person
from triage.store.records import Case
from triage.web.desk import letters
from triage.web.desk.door import HOME, Handler, Ours, TheDesk, case_page
from triage.web.desk.shell import page
from triage.web.forms import text_of
from triage.web.templating import templates

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
router.include_router(letters.router)
TAB = "/mesures"


@router.get("/desk/mesures")
def show_all(
    request: Request,
    office: TheDesk,
    person: Handler,
    mesure: str = "",
    etat: str = "",
    rappel: str = "",
    finies: str = "",
) -> Response:
    """The measures of all the cases of one's scope: those whose reminder has come first, those that end soon apart."""
    now, cycles = datetime.now(UTC), office.policies.pack.cycles
    wanted = Wanted(mesure if mesure in cycles else "", etat if mesure in cycles else "", bool(rappel), bool(finies))
    with office.database.read() as connection:
        found = overview(office, connection, person, wanted, now)
        soon = ending(office, connection, person, now)
    states = cycles[wanted.kind].states if wanted.kind else ()
    context: dict[str, Any] = {
        "found": found,
        "soon": soon,
        "wanted": wanted,
        "cycles": cycles,
        "states": states,
        "most": MOST,
    }
    return page(request, "measures_all.html", pack=office.policies.pack, **context)


@router.get("/desk/dossiers/{case_id}/mesures")
def show_measures(
    request: Request, office: TheDesk, case: Annotated[Case, case_page("measures")], commune: str = ""
) -> Response:
    """The measures of a case; `commune`: words to search its commune by."""
    return measures_page(request, office, case, words=commune[:100])


@router.post("/desk/dossiers/{case_id}/mesures", dependencies=[Ours])
async def open_measure(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """Opens a measure."""
    form = await request.form()
    kind, note = text_of(form, "kind"), text_of(form, "note")
    return await run_in_threadpool(
        _done, request, office, person, case_id, lambda now: lifecycle.propose(office, person, case_id, kind, note, now)
    )


@router.post("/desk/dossiers/{case_id}/mesures/{kind}", dependencies=[Ours])
async def take_step(request: Request, office: TheDesk, person: Handler, case_id: str, kind: str) -> Response:
    """Takes a measure to its next state."""
    form = await request.form()
    noted = Noted(
        before=text_of(form, "before"),
        to=text_of(form, "to"),
        note=text_of(form, "note"),
        result=text_of(form, "result"),
        unit=text_of(form, "unit"),
        since=_day(form, "since"),
    )
    return await run_in_threadpool(
        _done,
        request,
        office,
        person,
        case_id,
        lambda now: lifecycle.advance(office, person, case_id, kind, noted, now),
        {kind: noted},
    )


@router.post("/desk/dossiers/{case_id}/mesures/{kind}/rappel", dependencies=[Ours])
async def set_reminder(request: Request, office: TheDesk, person: Handler, case_id: str, kind: str) -> Response:
    """Sets when a measure is brought back to mind; an empty day: never."""
    when = _day(await request.form(), "day")
    return await run_in_threadpool(
        _done, request, office, person, case_id, lambda now: lifecycle.remind(office, person, case_id, kind, when, now)
    )


@router.post("/desk/dossiers/{case_id}/commune", dependencies=[Ours])
async def choose_commune(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """Says in which commune the case is."""
    code = text_of(await request.form(), "code")
    return await run_in_threadpool(
        _done, request, office, person, case_id, lambda now: siting.choose(office, person, case_id, code, now)
    )


def measures_page(
    request: Request,
    office: Office,
    case: Case,
    error: str = "",
    typed: dict[str, Noted] | None = None,
    words: str = "",
    status: int = 200,
) -> Response:
    """The measures of a case, with what was wrong in the form just sent and what was `typed` in it."""
    now = datetime.now(UTC)
    proposed = [one.measure.id for one in understood(office, case, now).diagnostic.measures if not one.why_not]
    with office.database.read() as connection:
        mine = followed(office, connection, case, now)
        where = site(office, connection, case, words)
        names = {one.id: one.name for one in people.everybody(connection)}
    context: dict[str, Any] = {
        "case": case,
        "mine": mine,
        "possible": possible(office, mine, proposed),
        "pack": office.policies.pack,
        "kinds": office.policies.directory.kinds,
        "forces": office.policies.directory.forces,
        "departements": office.service.departements,
        "site": where,
        "words": words,
        "names": names,
        "error": error,
        "typed": typed or {},
    }
    return page(request, "measures.html", status, standing=case.standing, tab=TAB, **context)


def _done(
    request: Request,
    office: Office,
    person: Person,
    case_id: str,
    act: Callable[[datetime], None],
    typed: dict[str, Noted] | None = None,
) -> Response:
    """Does what was asked and shows the measures again, with what was wrong if it could not be done."""
    now = datetime.now(UTC)
    try:
        act(now)
    except DeskError as error:
        case = open_case(office, person, case_id, now, "measures")
        return measures_page(request, office, case, str(error), typed, status=409)
    return RedirectResponse(f"{HOME}/dossiers/{case_id}{TAB}", status_code=303)


def _day(form: FormData, name: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text_of(form, name))
    return None


def _paris_iso(when: datetime | None) -> str:
    """For a date's box; empty without a date."""
    return in_paris(when).date().isoformat() if when else ""


def _written_day(iso: str) -> str:
    """« 2026-03-18 » → « 18 mars 2026 »; as it is when it is no date."""
    try:
        return plain_day(date.fromisoformat(iso))
    except ValueError:
        return iso


templates.env.filters |= {"paris_day": day, "paris_iso": _paris_iso, "written_day": _written_day, "pieces": runs}
