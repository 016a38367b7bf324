"""The module that a town puts on its own site: a script that adds a button, and the page shown in its panel."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from triage.intake.report import MAX_CHARACTERS
from triage.settings import Settings
from triage.web.fiches import book_of
from triage.web.templating import templates

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

_SCRIPT = Path(__file__).parent / "static" / "module.js"
# A whole origin and nothing else: what is written here goes into a header.
_ORIGIN = re.compile(r"https?://(?:\*\.)?[a-z0-9.-]+(?::\d{1,5})?", re.IGNORECASE)
_CSP = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "sandbox allow-forms allow-popups allow-popups-to-escape-sandbox; frame-ancestors "
)


@router.get("/module.js")
def script() -> Response:
    """The script that a site loads. Any site may: it is the page that is kept to some."""
    headers = {"Cache-Control": "public, max-age=86400", "Cross-Origin-Resource-Policy": "cross-origin"}
    return FileResponse(_SCRIPT, media_type="text/javascript", headers=headers)


@router.get("/module")
def panel(request: Request) -> Response:
    """What the panel shows: whom to call, and one text box. Nothing is kept, and no cookie is set."""
    settings: Settings = request.app.state.settings
    origins, wrong = allowed(settings.embed)
    book = book_of(request)
    context = {
        "emergencies": book.emergencies,
        "urgent": [fiche for fiche in book.fiches if fiche.kind == "circonstance"],
        "limit": MAX_CHARACTERS,
        "operator": settings.operator,
        "address": settings.address.rstrip("/") or str(request.base_url).rstrip("/"),
        "closed": not origins,
        "wrong": wrong,
    }
    headers = {"Content-Security-Policy": _CSP + (" ".join(origins) or "'none'"), "Cache-Control": "no-store"}
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return templates.page(request, "module/panneau.html", context, headers=headers)


def allowed(embed: str) -> tuple[list[str], list[str]]:
    """The origins of the setting that may show the module, and what in it is not an origin."""
    told = [one.rstrip("/") for one in re.split(r"[\s,]+", embed) if one]
    return [one for one in told if _ORIGIN.fullmatch(one)], [one for one in told if not _ORIGIN.fullmatch(one)]
