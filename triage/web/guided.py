"""The guided path, for whoever does not know where to begin: three taps write the beginning of the report."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from triage.desk.service import Choice, Happening, Touched
from triage.web.access import TheOffice
from triage.web.forms import text_of
from triage.web.pages import home
from triage.web.templating import templates

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
_TITLES = ("Qui est concerné ?", "Qu'est-ce qui est touché ?", "Que se passe-t-il ?")
_FIELDS = ("who", "touched", "happens")


@router.get("/aide")
def begin(request: Request, office: TheOffice) -> Response:
    """Who is concerned."""
    return _step(request, 1, office.service.guided.who, {})


@router.post("/aide")
async def go_on(request: Request, office: TheOffice) -> Response:
    """What is touched, what happens, then the text box with the report begun. A choice unknown is asked again."""
    form, guided = await request.form(), office.service.guided
    who = next((one for one in guided.who if one.id == text_of(form, "who")), None)
    if who is None:
        return _step(request, 1, guided.who, {}, "Choisissez une réponse dans la liste.")
    touched = next((one for one in guided.touched if one.id == text_of(form, "touched")), None)
    if touched is None:
        return _step(request, 2, guided.touched, {"who": who.id})
    happens = next((one for one in touched.happens if one.id == text_of(form, "happens")), None)
    if happens is None:
        return _step(request, 3, touched.happens, {"who": who.id, "touched": touched.id})
    return home(request, text=f"{guided.who_text[who.id]} {happens.text}")


def _step(
    request: Request,
    step: int,
    choices: Sequence[Choice | Touched | Happening],
    told: dict[str, str],
    error: str = "",
) -> Response:
    context = {
        "title": _TITLES[step - 1],
        "step": step,
        "choices": choices,
        "field": _FIELDS[step - 1],
        "told": told,
        "action": "/aide",
        "error": error,
    }
    return templates.page(request, "guided.html", context, status=400 if error else 200)
