"""The one page: a text box, then the diagnostic. It works without any script."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from markupsafe import Markup, escape

from triage.assessment.triaged import Triaged
from triage.diagnostic.calendar import as_calendar
from triage.diagnostic.diagnostic import Diagnostic
from triage.diagnostic.forms import TEMPLATES, add_filters
from triage.engine import Engine
from triage.errors import IntakeError
from triage.intake.report import MAX_CHARACTERS, Report

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
_templates = Jinja2Templates(directory=[Path(__file__).parent / "templates", TEMPLATES])
add_filters(_templates.env)

ANSWER_PREFIX = "question."


@router.get("/")
def show_home(request: Request) -> HTMLResponse:
    """The text box."""
    return home(request)


@router.post("/diagnostic")
async def show_diagnostic(request: Request, text: Annotated[str, Form()] = "") -> HTMLResponse:
    """The diagnostic of the text sent, with the answers already given."""
    engine: Engine = request.app.state.engine
    text, answers = text.replace("\r\n", "\n"), await _answers(request)
    try:
        triaged = _triaged(engine, text, answers)
    except IntakeError as error:
        return home(request, text=text[:MAX_CHARACTERS], error=str(error), status=400)
    diagnostic = engine.composer.make(triaged)
    context = {
        "d": diagnostic,
        "text": text,
        "marked": marked(triaged, diagnostic),
        "answers": answers,
        "prefix": ANSWER_PREFIX,
    }
    return _templates.TemplateResponse(request, "diagnostic.html", context)


@router.post("/echeances.ics")
async def download_calendar(request: Request, text: Annotated[str, Form()] = "") -> Response:
    """The deadlines of the text sent, for a calendar."""
    engine: Engine = request.app.state.engine
    text = text.replace("\r\n", "\n")
    try:
        triaged = _triaged(engine, text, await _answers(request))
    except IntakeError as error:
        return home(request, text=text[:MAX_CHARACTERS], error=str(error), status=400)
    headers = {"Content-Disposition": 'attachment; filename="echeances.ics"'}
    return Response(as_calendar(engine.composer.make(triaged)), media_type="text/calendar", headers=headers)


async def _answers(request: Request) -> dict[str, str]:
    """The answers to questions among the fields of the form, blank ones left out."""
    form = await request.form()
    fields = {name.removeprefix(ANSWER_PREFIX): str(v) for name, v in form.items() if name.startswith(ANSWER_PREFIX)}
    return {name: value for name, value in fields.items() if value}


def _triaged(engine: Engine, text: str, answers: dict[str, str]) -> Triaged:
    """What is told now: « le 3 mars » says how long ago."""
    now = datetime.now(UTC)
    return engine.assess(Report(text, received_at=now), now, answers)


def home(request: Request, text: str = "", error: str = "", status: int = 200) -> HTMLResponse:
    """The home page, with what was already written and what was wrong with it."""
    context = {"text": text, "error": error, "limit": MAX_CHARACTERS}
    return _templates.TemplateResponse(request, "home.html", context, status_code=status)


def marked(triaged: Triaged, diagnostic: Diagnostic) -> Markup:
    """The report's own text, the deciding words in <mark>, each saying why."""
    text = triaged.document.report.text
    spans = [(q.start, q.end, because.text) for because in diagnostic.reasons for q in because.quotes if not q.by_model]
    return Markup("").join(_pieces(text, spans))


def _pieces(text: str, spans: Sequence[tuple[int, int, str]]) -> list[Markup]:
    pieces, position = [], 0
    for start, end, why in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start < position:
            continue
        pieces += [escape(text[position:start]), Markup('<mark title="{}">{}</mark>').format(why, text[start:end])]
        position = end
    return [*pieces, escape(text[position:])]
