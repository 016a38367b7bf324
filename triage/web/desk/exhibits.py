"""The evidence of a case, spared to whoever does not ask for it: images one at a time, comments word by word."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from triage.comments.verdict import worst_first
from triage.desk.comments import progresses, unfinished, verdicts
from triage.desk.handling import exposing
from triage.dossier.remarks import masked
from triage.store.records import Case
from triage.web.case_more import image_type
from triage.web.desk.door import HOME, Handler, Ours, TheDesk, case_page
from triage.web.desk.shell import page
from triage.web.pages import may_upload

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
TAB = "/pieces"


@router.get("/desk/dossiers/{case_id}/pieces")
def show_exhibits(
    request: Request,
    office: TheDesk,
    person: Handler,
    case: Annotated[Case, case_page("exhibits")],
    vue: int = 0,
) -> Response:
    """The evidence; the image of exhibit `vue` in clear when it has just been asked for, no other."""
    now = datetime.now(UTC)
    with office.database.read() as connection:
        shown = [
            one.number
            for one in case.exhibits
            if one.number == vue and exposing.is_shown(office, connection, person, one, now)
        ]
    context: dict[str, Any] = {
        "case": case,
        "pictured": {one.number for one in case.exhibits if exposing.has_image(one)},
        "shown": shown,
        "minutes": office.policies.handling.shown,
        "exposed": exposing.exposed(office, person, now),
        "minor": not may_upload(office, {*case.types, *case.flags}),
        "running": unfinished(case.runs),
        "sorted": bool(case.runs),
    }
    return page(request, "dossier_exhibits.html", standing=case.standing, tab=TAB, **context)


@router.post("/desk/dossiers/{case_id}/pieces/{number}/montrer", dependencies=[Ours])
def show_image(office: TheDesk, person: Handler, case_id: str, number: int) -> Response:
    """Shows one image, and counts that somebody had to see it."""
    exposing.show(office, person, case_id, number, datetime.now(UTC))
    return RedirectResponse(f"{HOME}/dossiers/{case_id}/pieces?vue={number}#piece-{number}", status_code=303)


@router.get("/desk/dossiers/{case_id}/pieces/{number}/image")
def send_image(office: TheDesk, person: Handler, case_id: str, number: int) -> Response:
    """The image that was just asked for; re-encoded, it holds nothing but what is seen."""
    image = exposing.image(office, person, case_id, number, datetime.now(UTC))
    return Response(image, media_type=image_type(image))


@router.get("/desk/dossiers/{case_id}/pieces/{number}/original")
def download(office: TheDesk, person: Handler, case_id: str, number: int) -> Response:
    """An exhibit as it was received, to be saved and never opened here."""
    exhibit, content = exposing.original(office, person, case_id, number, datetime.now(UTC))
    name = f"{exhibit.about.name}.csv" if exhibit.kind == "comments" and exhibit.state == "read" else exhibit.about.name
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.get("/desk/dossiers/{case_id}/commentaires")
def show_comments(
    request: Request,
    office: TheDesk,
    case: Annotated[Case, case_page("comments")],
    page_: Annotated[int, Query(alias="page")] = 1,
) -> Response:
    """The hostile comments, the worst first, their words hidden until each is asked for."""
    kept = worst_first([one for progress in progresses(case) for one in progress.kept], office.comments)
    most = office.policies.handling.comments
    last = max(1, -(-len(kept) // most))
    at = min(max(1, page_), last)
    context: dict[str, Any] = {
        "verdicts": verdicts(office, case),
        "rows": kept[(at - 1) * most : at * most],
        "total": len(kept),
        "first": (at - 1) * most,
        "at": at,
        "last": last,
        "masked": masked,
        "labels": office.comments.labels,
        "levels": {level.id: level.label for level in office.comments.levels},
        "running": unfinished(case.runs),
    }
    return page(request, "dossier_comments.html", standing=case.standing, tab=TAB, **context)
