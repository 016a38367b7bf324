"""The letters of a measure: facts read over, text seen first, then a PDF or an OpenDocument file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from triage.desk import journal
from triage.desk.handling.opening import open_case, permitted
from triage.desk.measures.facts import facts, mandate
from triage.desk.measures.letters import LetterRule
from triage.desk.office import DeskError, Office
from triage.dossier.letter import Letter
from triage.dossier.letter_pdf import letter_as_pdf
from triage.dossier.odt import as_odt
from triage.dossier.typeset import DossierError
from triage.store import measures
from triage.store.people import Person
from triage.store.records import Case
from triage.web.desk.door import Handler, Ours, Permitted, TheDesk, case_page
from triage.web.desk.shell import page
from triage.web.forms import text_of

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
TYPES = {"pdf": "application/pdf", "odt": "application/vnd.oasis.opendocument.text"}
LONGEST = 400
As = Literal["pdf", "odt", ""]


@router.get("/desk/dossiers/{case_id}/mesures/{kind}/lettres/{name}")
def show_letter(
    request: Request,
    office: TheDesk,
    person: Handler,
    kind: str,
    name: str,
    case: Annotated[Case, case_page("letter")],
) -> Response:
    """A letter as the case fills it, to be read over."""
    letter = _letter(office, kind, name)
    now = datetime.now(UTC)
    with office.database.read() as connection:
        mine = measures.of_case(connection, case.id, office.cases.sealer(connection, case.id))
        values = facts(office, connection, case, mine, kind, person, now)
    values["mandate"] = mandate(office, case, request.app.state.dossier_texts, now)
    return _page(request, office, case, letter, values, narrative=False, now=now)


@router.post("/desk/dossiers/{case_id}/mesures/{kind}/lettres/{name}", dependencies=[Ours, Permitted])
async def make_letter(
    request: Request, office: TheDesk, person: Handler, case_id: str, kind: str, name: str
) -> Response:
    """The text again with what was changed, or the file."""
    form = await request.form()
    letter = _letter(office, kind, name)
    values = {one: text_of(form, one)[:LONGEST] for one in office.policies.letters.used(letter)}
    narrative, kind_of_file = form.get("narrative") == "oui", text_of(form, "as")
    wanted: As = "pdf" if kind_of_file == "pdf" else "odt" if kind_of_file == "odt" else ""
    return await run_in_threadpool(_made, request, office, person, case_id, letter, values, narrative, wanted)


def _made(
    request: Request,
    office: Office,
    person: Person,
    case_id: str,
    letter: LetterRule,
    values: dict[str, str],
    narrative: bool,
    wanted: As,
) -> Response:
    now = datetime.now(UTC)
    case = open_case(office, person, case_id, now, "letter")
    if not wanted:
        return _page(request, office, case, letter, values, narrative, now)
    written = office.policies.letters.write(letter, values, case.told.text if narrative else "", now)
    content = _file(request, written, wanted)
    about = f"{letter.measure}.{letter.id}{' narrative' if narrative else ''}"
    with office.database.write() as connection:
        permitted(office, connection, person, case_id)
        journal.record(office, connection, person, f"export.{wanted}", now, case_id, about)
    name = f"{letter.measure}-{letter.id}-{case.reference}.{wanted}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=TYPES[wanted], headers=headers)


def _file(request: Request, written: Letter, wanted: As) -> bytes:
    state = request.app.state
    if wanted == "odt":
        return as_odt(written)
    try:
        return letter_as_pdf(written, state.settings.operator, state.dossier_texts.emoji)
    except DossierError as error:
        raise DeskError(str(error)) from error


def _page(
    request: Request,
    office: Office,
    case: Case,
    letter: LetterRule,
    values: dict[str, str],
    narrative: bool,
    now: datetime,
) -> Response:
    rules = office.policies.letters
    written = rules.write(letter, values, case.told.text if narrative else "", now)
    context: dict[str, Any] = {
        "letter": letter,
        "written": written,
        "fields": [(name, rules.variables[name]) for name in rules.used(letter)],
        "values": values,
        "narrative": narrative,
        "cycle": office.policies.pack.cycles[letter.measure],
        "longest": LONGEST,
    }
    return page(request, "measures_letter.html", standing=case.standing, tab="/mesures", **context)


def _letter(office: Office, kind: str, name: str) -> LetterRule:
    """Raises DeskError."""
    letter = office.policies.letters.letter(kind, name)
    if letter is None:
        raise DeskError("Cette lettre n'existe pas.")
    return letter
