"""A report told by telephone: typed by an agent, with what to say and to ask at hand; kept only when it is saved."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from triage.assessment.questions import Question
from triage.desk import phone
from triage.desk.handling.reading import Reading, reading
from triage.desk.office import DeskError, Office
from triage.desk.understanding import Understood
from triage.errors import IntakeError
from triage.intake.moment import in_paris
from triage.intake.report import MAX_CHARACTERS
from triage.store.database import StoreError
from triage.store.people import Person
from triage.store.records import Told
from triage.web.desk.door import Handler, Ours, TheDesk
from triage.web.desk.shell import page
from triage.web.forms import text_of, told_of, values_of

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
_UNSAVED = "Le registre ne répond pas : rien n'est enregistré. Gardez cette page ouverte et réessayez."


@router.get("/desk/appel")
def begin(request: Request, office: TheDesk, person: Handler) -> Response:
    """A call begins: an empty sheet."""
    return _sheet(request, office, FormData())


@router.post("/desk/appel/analyse", dependencies=[Ours])
async def listen(request: Request, office: TheDesk, person: Handler) -> Response:
    """What is told so far, assessed: a part of the page for a script, the whole page without one."""
    form = await request.form()
    alone = "hx-request" in request.headers
    return await run_in_threadpool(_heard if alone else _sheet, request, office, form)


@router.post("/desk/appel", dependencies=[Ours])
async def keep(request: Request, office: TheDesk, person: Handler) -> Response:
    """Keeps the report, and shows the code to read to the caller, once."""
    form = await request.form()
    return await run_in_threadpool(_keep, request, office, person, form)


def _keep(request: Request, office: Office, person: Person, form: FormData) -> Response:
    told, key = told_of(form, office.service), text_of(form, "key") or _new_key()
    try:
        taken = phone.take(office, person, told, datetime.now(UTC), key)
    except (IntakeError, DeskError) as error:  # a sheet that was changed after it was sent is another report
        return _sheet(request, office, form, str(error), 400, _new_key())
    except StoreError:
        return _sheet(request, office, form, _UNSAVED, 503)
    return page(request, "phone_kept.html", taken=taken, code=_grouped(taken.receipt))


def _sheet(
    request: Request, office: Office, form: FormData, error: str = "", status: int = 200, key: str = ""
) -> Response:
    """The sheet, with what was typed in it."""
    context = {
        **_found(office, form),
        "text": text_of(form)[:MAX_CHARACTERS],
        "values": values_of(form),
        "key": key or text_of(form, "key") or _new_key(),
        "error": error,
        "service": office.service,
        "today": in_paris(datetime.now(UTC)).date(),
        "mail_offered": bool(request.app.state.settings.smtp),
        "limit": MAX_CHARACTERS,
    }
    return page(request, "phone.html", status, **context)


def _heard(request: Request, office: Office, form: FormData) -> Response:
    return page(request, "phone_heard.html", **_found(office, form))


def _found(office: Office, form: FormData) -> dict[str, Any]:
    """What is found in the sheet; nothing while nothing is told."""
    told = told_of(form, office.service)
    empty: dict[str, Any] = {"d": None, "wrong": "", "answers": told.answers, "asked": []}
    if not told.text.strip():
        return empty
    try:
        found = phone.listen(office, told, datetime.now(UTC))
    except IntakeError as error:
        return {**empty, "wrong": str(error)}
    read: Reading = reading(office, told, found)
    return {**empty, "d": found.diagnostic, "r": read, "asked": _questions(office, told, found)}


def _questions(office: Office, told: Told, found: Understood) -> list[Question]:
    """The questions already answered, to be corrected, then those to ask now."""
    answered = [one for one in office.engine.assessor.questions if told.answers.get(one.id)]
    asked = [one for one in answered if one.id not in told.settled]
    return [*asked, *found.diagnostic.questions]


def _new_key() -> str:
    return secrets.token_hex(16)


def _grouped(code: str) -> str:
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))
