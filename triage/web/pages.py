"""The way in: the text box, the guided path, the optional facts; and the diagnostic of a report that is not kept."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from triage.desk.evidence import MAX_CASE, File, shown_name
from triage.desk.office import DeskError, Office
from triage.desk.submit import Submitted, submit
from triage.diagnostic.calendar import as_calendar
from triage.diagnostic.diagnostic import Diagnostic
from triage.engine import Engine
from triage.errors import IntakeError
from triage.intake.moment import in_paris
from triage.intake.report import MAX_CHARACTERS, Report
from triage.store.database import StoreError
from triage.store.keys import KeyRingError
from triage.store.records import Told
from triage.web import cookies, proof
from triage.web.access import REFUSED_COOKIE, SameSite, TheOffice, office_of, remember, set_sealed
from triage.web.forms import ANSWER_PREFIX, answers_of, files_of, text_of, told_of, values_of
from triage.web.limits import limited, source_of
from triage.web.marks import marked
from triage.web.templating import templates

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

# Files that were refused are told on the next page, once; a cookie holds so many bytes of reasons, so many seconds.
_MOST_TOLD, _TOLD_FOR = 2_500, 600
# Far more files than a case takes: those beyond are refused one by one, and the report is received all the same.
MOST_SENT = 1_000


@router.get("/")
def show_home(request: Request) -> Response:
    """The text box."""
    return home(request)


@router.get("/recit")
@router.get("/signalement")
@router.get("/diagnostic")
@router.get("/modifier")
@router.get("/echeances.ics")
def begin_again() -> Response:
    """A page reopened without its form: the text box, where a draft may wait."""
    return RedirectResponse("/", status_code=303)


@router.post("/modifier")
async def change_text(request: Request) -> Response:
    """The text box again, with what was written."""
    return home(request, text=text_of(await request.form())[:MAX_CHARACTERS])


@router.post("/recit", dependencies=[limited()])
async def show_facts(request: Request, office: TheOffice) -> Response:
    """The second step: the optional facts. Nothing is kept yet."""
    form = await request.form()
    return await run_in_threadpool(facts_page, request, text_of(form), values_of(form), answers_of(form))


@router.post("/signalement", dependencies=[SameSite, limited(10, "reports", everywhere=True)])
async def receive(request: Request, office: TheOffice) -> Response:
    """Keeps the report and its evidence, then goes on to the questions."""
    async with request.form(max_files=MOST_SENT, max_part_size=1_000_000) as form:
        told, values, key = told_of(form, office.service), values_of(form), text_of(form, "key")
        files, solved = await files_of(form), text_of(form, "altcha")
    digest = _digest(told, files)
    if not await run_in_threadpool(proof.accepted, request, solved, key.encode() + digest):
        said = "La vérification automatique a échoué. Envoyez de nouveau."
        return await run_in_threadpool(facts_page, request, told.text, values, told.answers, said, 400)
    return await run_in_threadpool(_receive, request, told, values, files, key, digest)


def _receive(
    request: Request, told: Told, values: dict[str, Any], files: list[File], key: str, digest: bytes
) -> Response:
    office, now = office_of(request), datetime.now(UTC)
    try:
        submitted = submit(office, told, files, now, key, digest, source=source_of(request))
    except IntakeError as error:
        return home(request, text=told.text[:MAX_CHARACTERS], error=str(error), status=400)
    except DeskError:  # the form came back changed: it is another report
        return _receive(request, told, values, files, _new_key(), digest)
    except StoreError:
        lost = [shown_name(file.name) for file in files]
        unsaved = {"unsaved": office.service.alert.unsaved, "lost": lost, "values": values}
        return result(request, told.text, told.answers, 503, **unsaved)
    if files:
        request.app.state.wake()
    return _accepted(request, submitted)


def _accepted(request: Request, submitted: Submitted) -> Response:
    response = RedirectResponse("/suivi/question", status_code=303)
    remember(response, request, submitted.receipt, new=True)
    if submitted.refused:
        set_sealed(response, request, REFUSED_COOKIE, "\n".join(_told(submitted.refused)), _TOLD_FOR)
    return response


def _told(refused: Sequence[str]) -> list[str]:
    """As many of the reasons as can be told on the next page, and how many files are left out."""
    sizes = accumulate(len(why.encode()) + 1 for why in refused)
    told = [why for why, size in zip(refused, sizes, strict=True) if size <= _MOST_TOLD]
    left = len(refused) - len(told)
    more = [f"Autres fichiers qui n'ont pas été gardés : {left}. Les pièces gardées sont dans « Pièces »."]
    return told + (more if left else [])


def refused_of(request: Request) -> list[str]:
    """Why files were refused when the report was sent, told once."""
    try:
        sealed = urlsafe_b64decode(cookies.read(request, REFUSED_COOKIE))
        return office_of(request).ring.pages.open(sealed).decode().splitlines()
    except (KeyRingError, ValueError):
        return []


def forget_refused(response: Response, request: Request) -> None:
    """They have been told."""
    cookies.drop(response, request, REFUSED_COOKIE)


@router.post("/diagnostic", dependencies=[limited()])
async def show_diagnostic(request: Request) -> Response:
    """The diagnostic of the text sent, with the answers already given. Nothing is kept."""
    form = await request.form()
    return await run_in_threadpool(result, request, text_of(form), answers_of(form))


@router.post("/echeances.ics", dependencies=[limited()])
async def download_calendar(request: Request) -> Response:
    """The deadlines of the text sent, for a calendar."""
    form = await request.form()
    text = text_of(form)
    try:
        diagnostic = await run_in_threadpool(_diagnosed, request, text, answers_of(form))
    except IntakeError as error:
        return home(request, text=text[:MAX_CHARACTERS], error=str(error), status=400)
    return calendar(diagnostic)


def calendar(diagnostic: Diagnostic) -> Response:
    """The deadlines as a file."""
    headers = {"Content-Disposition": 'attachment; filename="echeances.ics"'}
    return Response(as_calendar(diagnostic), media_type="text/calendar", headers=headers)


def home(request: Request, text: str = "", error: str = "", status: int = 200) -> Response:
    """The home page, with what was already written and what was wrong with it."""
    context = {"text": text, "error": error, "limit": MAX_CHARACTERS}
    return templates.page(request, "home.html", context, status=status)


def facts_page(
    request: Request,
    text: str,
    values: dict[str, Any],
    answers: Mapping[str, str],
    error: str = "",
    status: int = 200,
) -> Response:
    """The optional facts. Somebody in danger is told first to call; a child's images are not asked for."""
    office = office_of(request)
    try:
        diagnostic = _diagnosed(request, text, answers)
    except IntakeError as wrong:
        return home(request, text=text[:MAX_CHARACTERS], error=str(wrong), status=400)
    found = {
        label.partition(":")[2] for label in diagnostic.situation.labels if label.startswith(("type:", "drapeau:"))
    }
    context = {
        "text": text,
        "d": diagnostic,
        "values": values,
        "answers": answers,
        "error": error,
        "service": office.service,
        "urgent": bool(diagnostic.emergencies) and diagnostic.level.id == "immediate",
        "uploads": may_upload(office, found),
        "most": MAX_CASE,
        "key": _new_key(),
        "today": in_paris(datetime.now(UTC)).date(),
        "mail_offered": bool(request.app.state.settings.smtp),
        "proof": proof.challenge(request),
    }
    return templates.page(request, "facts.html", context, status=status)


def may_upload(office: Office, found: Collection[str]) -> bool:
    """Whether files may be asked for, `found` being types and flags: never where a child's images could come."""
    return not any(names.issubset(found) for names in office.service.no_upload_if)


def result(request: Request, text: str, answers: Mapping[str, str], status: int = 200, **more: object) -> Response:
    """The diagnostic of a report that is not kept."""
    try:
        diagnostic = _diagnosed(request, text, answers)
    except IntakeError as error:
        return home(request, text=text[:MAX_CHARACTERS], error=str(error), status=400)
    context: dict[str, object] = {
        "d": diagnostic,
        "text": text,
        "marked": marked(text, diagnostic),
        "answers": answers,
        "prefix": ANSWER_PREFIX,
        "alert": diagnostic.texts.nobody_promised,
        "reachable": request.app.state.engine.composer.knowledge.contacts.values(),
        "case": None,
        "key": None,
        **more,
    }
    return templates.page(request, "diagnostic.html", context, status=status)


def _diagnosed(request: Request, text: str, answers: Mapping[str, str]) -> Diagnostic:
    """What is told now: « le 3 mars » says how long ago."""
    engine: Engine = request.app.state.engine
    now = datetime.now(UTC)
    return engine.composer.make(engine.assess(Report(text, received_at=now), now, answers))


def _new_key() -> str:
    return secrets.token_hex(16)


def _digest(told: Told, files: list[File]) -> bytes:
    """What tells the same form sent twice from another one."""
    parts = [told.model_dump_json().encode(), *(hashlib.sha256(file.content).digest() for file in files)]
    return hashlib.sha256(b"".join(parts)).digest()
