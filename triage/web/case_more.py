"""The other pages of a case: messages, evidence, comments, chronology, and what can be downloaded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from triage.comments.verdict import worst_first
from triage.desk import evidence, follow_up
from triage.desk.case import load
from triage.desk.comments import progresses, unfinished, verdicts
from triage.desk.dossier import case_file
from triage.desk.handling import conversing
from triage.desk.office import DeskError, Office
from triage.dossier.archive import as_zip
from triage.dossier.casefile import CaseFile
from triage.dossier.letter import Letter
from triage.dossier.letters import complaint, no_protection, protection
from triage.dossier.pdf import as_pdf
from triage.dossier.word import as_docx
from triage.store.records import FINISHED, Case
from triage.web.access import KeptOpen, SameSite, TheCase, TheOffice
from triage.web.forms import files_of, text_of
from triage.web.limits import limited
from triage.web.pages import may_upload
from triage.web.signing import Ours
from triage.web.talking import mark_of
from triage.web.templating import templates

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False, route_class=KeptOpen)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# More of the worst comments than that are not read on a page; the dossier has them all.
MOST_SHOWN = 100


@router.get("/suivi/messages")
def show_messages(request: Request, office: TheOffice, case: TheCase) -> Response:
    """What the agents wrote, which is then read, and what the person wrote."""
    return _messages(request, office, _read(office, case))


@router.get("/suivi/messages/fil")
def show_thread(
    request: Request, office: TheOffice, case: TheCase, vu: Annotated[str, Query(max_length=80)] = ""
) -> Response:
    """The messages again, for a page that is open: nothing while nothing has changed."""
    case = _read(office, case)
    if mark_of(case) == vu:
        return Response(status_code=204)
    context = {"case": case, "files": conversing.files_of(office, case.id), "mark": mark_of(case), "fresh": True}
    return templates.page(request, "case/thread.html", context)


@router.get("/suivi/messages/fichiers/{file_id}")
def download_file(office: TheOffice, case: TheCase, file_id: str) -> Response:
    """A file that an agent sent."""
    name, content = conversing.file_of(office, case.id, file_id)
    return download(content, "application/octet-stream", name)


@router.post("/suivi/messages", dependencies=[SameSite, limited(), Ours])
async def write(request: Request, office: TheOffice, case: TheCase) -> Response:
    """A message to the agents."""
    text = text_of(await request.form(), "message")
    try:
        await run_in_threadpool(follow_up.write, office, case.id, "official", text, datetime.now(UTC))
    except DeskError as error:
        return _messages(request, office, case, text, str(error), 400)
    return RedirectResponse("/suivi/messages#envoye", status_code=303)


def _read(office: Office, case: Case) -> Case:
    """The case, in which the person has now read what the agents wrote."""
    if not any(one.by == "agent" and one.read_at is None for one in case.messages):
        return case
    follow_up.read_messages(office, case.id, "agent", datetime.now(UTC))
    return load(office, case.id)


def _messages(
    request: Request, office: Office, case: Case, text: str = "", error: str = "", status: int = 200
) -> Response:
    conduct = office.policies.conduct.messages
    context = {
        "case": case,
        "files": conversing.files_of(office, case.id),
        "mark": mark_of(case),
        "text": text,
        "error": error,
        "finished": case.state in FINISHED,
        "closed": conduct.closed,
        "anew": conduct.anew.replace("{reference}", case.reference),
    }
    return templates.page(request, "case/messages.html", context, status=status)


@router.get("/suivi/pieces")
def show_exhibits(request: Request, office: TheOffice, case: TheCase) -> Response:
    """The evidence, with what was read in it."""
    return _exhibits(request, office, case, [])


@router.post("/suivi/pieces", dependencies=[SameSite, limited(5), Ours])
async def add_exhibits(request: Request, office: TheOffice, case: TheCase) -> Response:
    """More evidence."""
    async with request.form() as form:
        files = await files_of(form)
    if not files:
        return _exhibits(request, office, case, ["Aucun fichier n'a été choisi."], 400)
    refused = await run_in_threadpool(evidence.add, office, case.id, files, datetime.now(UTC))
    request.app.state.wake()
    if not refused:
        return RedirectResponse("/suivi/pieces", status_code=303)
    with office.database.read() as connection:
        case = office.cases.get(connection, case.id)
    return _exhibits(request, office, case, refused, 400)


def _exhibits(request: Request, office: Office, case: Case, refused: list[str], status: int = 200) -> Response:
    with_image = {one.number for one in case.exhibits if one.state == "read" and one.kind in ("image", "pdf")}
    context = {
        "case": case,
        "refused": refused,
        "shown": with_image,
        "finished": case.state in FINISHED,
        "uploads": may_upload(office, {*case.types, *case.flags}),
        "most": evidence.MAX_CASE,
    }
    return templates.page(request, "case/exhibits.html", context, status=status)


@router.get("/suivi/pieces/{number}/apercu")
def show_preview(office: TheOffice, case: TheCase, number: int) -> Response:
    """An exhibit as an image that holds nothing but what is seen."""
    image = evidence.preview(office, case.id, number)
    return Response(image or b"", media_type=image_type(image), status_code=200 if image else 404)


@router.get("/suivi/pieces/{number}")
def download_exhibit(office: TheOffice, case: TheCase, number: int) -> Response:
    """An exhibit as it was received; never one in which an antivirus found something."""
    exhibit, content = evidence.original(office, case.id, number)
    name = f"{exhibit.about.name}.csv" if exhibit.kind == "comments" and exhibit.state == "read" else exhibit.about.name
    return download(content, "application/octet-stream", name)


@router.get("/suivi/lecture")
def show_progress(request: Request, case: TheCase) -> Response:
    """How far the reading of the evidence is: a part of the page of the case."""
    pending = [one for one in case.exhibits if one.state == "pending"]
    running = unfinished(case.runs)
    context = {"pending": pending, "running": running, "just_read": not pending and not running}
    return templates.page(request, "case/progress.html", context)


@router.get("/suivi/chronologie")
def show_timeline(request: Request, case: TheCase) -> Response:
    """What happened to the case."""
    return templates.page(request, "case/timeline.html", {"case": case})


@router.get("/suivi/commentaires")
def show_comments(request: Request, office: TheOffice, case: TheCase) -> Response:
    """The hostile comments, the worst first, each hidden until it is asked for."""
    kept = worst_first([one for progress in progresses(case) for one in progress.kept], office.comments)
    context = {
        "verdicts": verdicts(office, case),
        "worst": kept[:MOST_SHOWN],
        "more": len(kept) > MOST_SHOWN,
        "labels": office.comments.labels,
        "levels": {level.id: level.label for level in office.comments.levels},
    }
    return templates.page(request, "case/comments.html", context)


@router.get("/suivi/dossier")
def show_downloads(request: Request, office: TheOffice, case: TheCase) -> Response:
    """What can be taken away."""
    texts = request.app.state.dossier_texts
    file = _file(request, office, case)
    context = {
        "protected": protection(file, texts) is not None,
        "why_not": no_protection(file, texts),
        "texts": office.engine.composer.knowledge.texts,
    }
    return templates.page(request, "case/dossier.html", context)


@router.get("/suivi/dossier.pdf", dependencies=[limited(5)])
def download_pdf(request: Request, office: TheOffice, case: TheCase) -> Response:
    """The dossier."""
    made = as_pdf(_file(request, office, case), request.app.state.dossier_texts)
    return download(made, "application/pdf", f"dossier-{case.reference}.pdf")


@router.get("/suivi/dossier.zip", dependencies=[limited(5)])
def download_archive(request: Request, office: TheOffice, case: TheCase) -> Response:
    """The dossier with the exhibits, untouched."""
    made = as_zip(_file(request, office, case, originals=True), request.app.state.dossier_texts)
    return download(made, "application/zip", f"dossier-{case.reference}.zip")


@router.get("/suivi/plainte.docx", dependencies=[limited(2)])
def download_complaint(request: Request, office: TheOffice, case: TheCase) -> Response:
    """The draft of a complaint."""
    return _letter(complaint(_file(request, office, case), request.app.state.dossier_texts), "projet-de-plainte")


@router.get("/suivi/protection.docx", dependencies=[limited(2)])
def download_protection(request: Request, office: TheOffice, case: TheCase) -> Response:
    """The draft of a request for protection, for those who have a right to it."""
    texts = request.app.state.dossier_texts
    letter = protection(_file(request, office, case), texts)
    if letter is None:
        raise DeskError(texts.protection.none)
    return _letter(letter, "projet-de-demande-de-protection")


def _letter(letter: Letter, name: str) -> Response:
    return download(as_docx(letter), WORD, f"{name}.docx")


def _file(request: Request, office: Office, case: Case, originals: bool = False) -> CaseFile:
    return case_file(office, case, request.app.state.settings.operator, datetime.now(UTC), originals)


def download(content: bytes, media_type: str, name: str) -> Response:
    """A file to be saved, never shown in the browser."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type=media_type, headers=headers)


def image_type(image: bytes | None) -> str:
    """The media type of an image that was re-encoded here."""
    starts = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
    return next(
        (kind for start, kind in starts.items() if image and image.startswith(start)), "application/octet-stream"
    )
