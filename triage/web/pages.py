"""The one page: a text box, then the diagnostic. It works without any script."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from markupsafe import Markup, escape

from triage.assessment.triaged import Triaged
from triage.diagnostic.sheet import Sheet
from triage.engine import Engine
from triage.errors import IntakeError
from triage.intake.report import MAX_CHARACTERS, Report

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
_templates = Jinja2Templates(directory=Path(__file__).parent / "templates")

ANSWER_PREFIX = "question."


@router.get("/")
def show_home(request: Request) -> HTMLResponse:
    """The text box."""
    return home(request)


@router.post("/diagnostic")
async def show_diagnostic(request: Request, text: Annotated[str, Form()] = "") -> HTMLResponse:
    """The diagnostic of the text sent, with the answers already given."""
    engine: Engine = request.app.state.engine
    form = await request.form()
    answers = {
        name.removeprefix(ANSWER_PREFIX): str(value) for name, value in form.items() if name.startswith(ANSWER_PREFIX)
    }
    text = text.replace("\r\n", "\n")
    try:
        triaged = engine.assess(Report(text), datetime.now(), {name: value for name, value in answers.items() if value})
    except IntakeError as error:
        return home(request, text=text[:MAX_CHARACTERS], error=str(error), status=400)
    sheet = engine.maker.make(triaged)
    context = {
        "sheet": sheet,
        "text": text,
        "marked": marked(triaged, sheet),
        "answers": answers,
        "prefix": ANSWER_PREFIX,
    }
    return _templates.TemplateResponse(request, "diagnostic.html", context)


def home(request: Request, text: str = "", error: str = "", status: int = 200) -> HTMLResponse:
    """The home page, with what was already written and what was wrong with it."""
    context = {"text": text, "error": error, "limit": MAX_CHARACTERS}
    return _templates.TemplateResponse(request, "home.html", context, status_code=status)


def marked(triaged: Triaged, sheet: Sheet) -> Markup:
    """The report's own text, the deciding words in <mark>, each saying why."""
    text = triaged.document.report.text
    spans = [(q.start, q.end, because.text) for because in sheet.reasons for q in because.quotes if not q.by_model]
    return Markup("").join(_pieces(text, spans))


def _pieces(text: str, spans: Sequence[tuple[int, int, str]]) -> list[Markup]:
    pieces, position = [], 0
    for start, end, why in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start < position:
            continue
        pieces += [escape(text[position:start]), Markup('<mark title="{}">{}</mark>').format(why, text[start:end])]
        position = end
    return [*pieces, escape(text[position:])]
