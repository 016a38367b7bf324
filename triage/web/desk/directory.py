"""The directory of units and communes, for administrators: searched, and imported from CSV files."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from triage.attachments.reading import MAX_FILE
from triage.desk.measures.importing import Imported, import_communes, import_units
from triage.desk.office import Office
from triage.store import directory
from triage.store.people import Person
from triage.web.desk.door import Administrator, TheDesk, ours
from triage.web.desk.shell import page
from triage.web.forms import files_of

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
HOME = "/desk/annuaire"
MOST = 100
# More problems than that are not read on a page: the command line gives them all.
MOST_PROBLEMS = 200
_WHAT = {"unites": import_units, "communes": import_communes}


@router.get("/desk/annuaire")
def show_directory(
    request: Request,
    office: TheDesk,
    person: Administrator,
    mots: str = "",
    type: str = "",
    departement: str = "",
    fait: str = "",
) -> Response:
    """The directory, and what was just imported into it."""
    asked = {"words": mots.strip()[:100], "kind": type, "departement": departement}
    return _page(request, office, asked, done=fait if fait in _WHAT else "")


@router.post("/desk/annuaire/{table}", dependencies=[ours(max_files=1)])
async def import_table(request: Request, office: TheDesk, person: Administrator, table: str) -> Response:
    """Reads a CSV file of units or of communes: says what is wrong, or puts it in place of what there was."""
    async with request.form() as form:
        files, check = await files_of(form, "file"), form.get("check") == "oui"
    if table not in _WHAT or not files:
        return _page(request, office, {}, error="Choisissez un fichier CSV, puis envoyez.", status=400)
    if len(files[0].content) > MAX_FILE:
        return _page(request, office, {}, error="Ce fichier est trop lourd pour un annuaire.", status=400)
    name, content = files[0].name, files[0].content
    return await run_in_threadpool(_import, request, office, person, table, name, content, check)


def _import(
    request: Request, office: Office, person: Person, table: str, name: str, content: bytes, check: bool
) -> Response:
    imported = _WHAT[table](office, person, name, content, datetime.now(UTC), check=check)
    if imported.kept:
        return RedirectResponse(f"{HOME}?fait={table}", status_code=303)
    return _page(request, office, {}, imported=imported, status=400 if imported.problems else 200)


def _page(
    request: Request,
    office: Office,
    asked: dict[str, str],
    error: str = "",
    imported: Imported | None = None,
    done: str = "",
    status: int = 200,
) -> Response:
    rules = office.policies.directory
    asked = {"words": "", "kind": "", "departement": "", **asked}
    with office.database.read() as connection:
        counts = directory.counts(connection)
        units, total = directory.search_units(connection, **asked, limit=MOST)
        folded = rules.folded(asked["words"])
        communes = directory.search_communes(connection, folded, asked["departement"], MOST) if folded else []
    context: dict[str, Any] = {
        "counts": counts,
        "units": units,
        "total": total,
        "communes": communes,
        "asked": asked,
        "rules": rules,
        "departements": office.service.departements,
        "error": error,
        "imported": imported,
        "done": done,
        "most": MOST,
        "most_problems": MOST_PROBLEMS,
    }
    return page(request, "directory.html", status, **context)
