"""The queue: what is read first, filters, views that people keep."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from triage.desk.office import DeskError, Office
from triage.desk.queue.claiming import take_next
from triage.desk.queue.listing import listing, rows
from triage.spreadsheets import harmless
from triage.store import views
from triage.store.people import Person
from triage.store.queue import Filters
from triage.web.desk import filters
from triage.web.desk.door import HOME, Handler, Ours, TheDesk
from triage.web.desk.shell import page
from triage.web.forms import text_of

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
_LONGEST_NAME = 80
_DONE = {
    "rendu": "Le dossier est rendu à la file.",
    "passe": "Le dossier est passé à votre collègue.",
    "attente": "Le dossier est mis en attente. Il reviendra de lui-même, ou dès que la personne écrit.",
    "releve": "Le niveau est relevé. Le dossier attend un agent.",
    "oriente": "Le dossier est confié à l'autre service.",
    "vide": "Rien n'attend dans cette vue.",
}
# What a spreadsheet would take for a formula.


@router.get("/desk")
def show_queue(request: Request, office: TheDesk, person: Handler, fait: str = "") -> Response:
    """The queue; the list alone for a script."""
    return queue_page(request, office, person, filters.read(office, request.query_params), done=_DONE.get(fait, ""))


@router.get("/desk/file.csv")
def export(request: Request, office: TheDesk, person: Handler) -> Response:
    """The queue as a table, for a spreadsheet."""
    found = rows(office, person, filters.read(office, request.query_params), datetime.now(UTC))
    headers = {"Content-Disposition": 'attachment; filename="file.csv"'}
    return StreamingResponse(_as_csv(found), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/desk/suivant", dependencies=[Ours])
async def take(request: Request, office: TheDesk, person: Handler) -> Response:
    """Takes the first case that waits, within the filters."""
    form = await request.form()
    names = ("niveau", "type", "departement", "force")
    asked = filters.read(office, {name: text_of(form, name) for name in names})
    taken = await run_in_threadpool(take_next, office, person, datetime.now(UTC), asked)
    target = f"{HOME}/dossiers/{taken.id}" if taken else f"{HOME}?{filters.written(asked, fait='vide')}"
    return RedirectResponse(target, status_code=303)


@router.post("/desk/vues", dependencies=[Ours])
async def keep_view(request: Request, office: TheDesk, person: Handler) -> Response:
    """Keeps the filters under a name."""
    form = await request.form()
    asked = filters.read(office, {name: str(value) for name, value in form.items()})
    name = " ".join(text_of(form, "nom").split())
    if not name or len(name) > _LONGEST_NAME:
        raise DeskError(f"Donnez un nom à cette vue, de {_LONGEST_NAME} caractères au plus.")
    await run_in_threadpool(_keep, office, person, name, asked)
    return RedirectResponse(f"{HOME}?{filters.written(asked)}", status_code=303)


@router.post("/desk/vues/{view_id}/supprimer", dependencies=[Ours])
def forget_view(office: TheDesk, person: Handler, view_id: str) -> Response:
    """Removes a view."""
    with office.database.write() as connection:
        views.forget(connection, person.id, view_id)
    return RedirectResponse(HOME, status_code=303)


def queue_page(
    request: Request, office: Office, person: Person, asked: Filters, error: str = "", status: int = 200, done: str = ""
) -> Response:
    """The queue, with what could not be done."""
    found = listing(office, person, asked, datetime.now(UTC), filters.as_key(request.query_params.get("apres", "")))
    context: dict[str, Any] = {
        "listing": found,
        "filters": asked,
        "view": filters.view_of(asked),
        "views": [
            (name, label, found.counts[show], filters.written(_with(asked, show)))
            for name, (show, label) in filters.VIEWS.items()
        ],
        "more": filters.written(asked, apres=filters.as_text(found.after)) if found.after else "",
        "first": "apres" not in request.query_params,
        "query": filters.written(asked),
    }
    if "hx-request" in request.headers and not error:
        return page(request, "queue_lines.html", **context)
    with office.database.read() as connection:
        kept = views.kept(connection, person.id)
    composer, levels = office.engine.composer, office.engine.assessor.policy.levels
    choices: dict[str, Any] = {
        "levels": [(one.id, one.label) for one in reversed(levels)],
        "types": sorted(((one.id, one.label) for one in composer.kinds.values()), key=lambda one: one[1]),
        "departements": [(code, f"{code} {one.name}") for code, one in office.service.departements.items()],
        "forces": [(code, name.capitalize()) for code, name in office.policies.queue.forces.items()],
    }
    return page(request, "queue.html", status, **context, **choices, kept=kept, error=error, done=done)


def _with(asked: Filters, show: str) -> Filters:
    return Filters(show, asked.level, asked.type, asked.departement, asked.force)  # type: ignore[arg-type]


def _keep(office: Office, person: Person, name: str, asked: Filters) -> None:
    with office.database.write() as connection:
        if not views.keep(connection, person.id, name, filters.written(asked)):
            raise DeskError(f"Vous avez déjà {views.MOST} vues : supprimez-en une.")


def _as_csv(table: Iterable[list[str]]) -> Iterator[str]:
    yield "\ufeff"
    for row in table:
        line = io.StringIO()
        csv.writer(line, delimiter=";").writerow([harmless(cell) for cell in row])
        yield line.getvalue()
