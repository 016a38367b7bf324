"""What is masked before a transmission leaves: proposed, ticked, completed by hand, looked at, then exported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from triage.desk.handling.opening import open_case
from triage.desk.handover.content import hides_pictures
from triage.desk.handover.gathering import Handover, gather, redacted
from triage.desk.handover.masking import Mask
from triage.desk.handover.proposing import Proposal, exhibit_name, mask_of, proposals
from triage.desk.office import DeskError, Office
from triage.store.people import Person
from triage.store.records import Case
from triage.web.desk.door import Handler, TheDesk, case_page, ours
from triage.web.desk.sending import file_of
from triage.web.desk.shell import page
from triage.web.forms import text_of

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
_MOST_SHOWN = 6_000  # characters of an exhibit
_MOST_BY_HAND = 200
_MOST_FIELDS = 20_000
_WITH_IMAGE = ("image", "pdf")


@dataclass(frozen=True)
class Choice:
    """What the agent ticked: words, images by number, and the lines typed by hand; to whom it is sent."""

    ticked: frozenset[str]
    images: frozenset[int]
    more: tuple[str, ...]
    to: str = ""


@router.get("/desk/dossiers/{case_id}/transmission/masquer")
def show_redaction(
    request: Request, office: TheDesk, person: Handler, case: Annotated[Case, case_page("redaction")]
) -> Response:
    """What is proposed to be masked, all ticked; no image."""
    told = _told(request, office, person, case)
    found = proposals(office, told)
    everything = Choice(frozenset(one.term.text for one in found), frozenset(), ())
    return _page(request, office, told, found, everything)


@router.post("/desk/dossiers/{case_id}/transmission/masquer", dependencies=[ours(max_fields=_MOST_FIELDS)])
async def redact(request: Request, office: TheDesk, person: Handler, case_id: str) -> Response:
    """The text without what is ticked, to be looked at; or the file that leaves."""
    form = await request.form()
    return await run_in_threadpool(_redact, request, office, person, case_id, _chosen(form), text_of(form, "format"))


def _redact(request: Request, office: Office, person: Person, case_id: str, choice: Choice, kind: str) -> Response:
    told = _told(request, office, person, open_case(office, person, case_id, datetime.now(UTC), "redaction"), choice.to)
    found = proposals(office, told)
    try:
        mask = mask_of(office, found, choice.ticked, choice.more)
        if kind in ("pdf", "zip"):
            if not mask:
                raise DeskError("Rien n'est coché : cochez ce qui doit être masqué, ou envoyez le dossier entier.")
            return file_of(request, office, person, redacted(told, mask, choice.images), mask, kind)
    except DeskError as error:
        return _page(request, office, told, found, choice, error=str(error))
    return _page(request, office, told, found, choice, mask)


def _page(
    request: Request,
    office: Office,
    told: Handover,
    found: list[Proposal],
    choice: Choice,
    mask: Mask | None = None,
    error: str = "",
) -> Response:
    rules = office.policies.handover.redaction
    shown = mask if mask is not None else mask_of(office, found, choice.ticked, ())
    kinds = [(title, [one for one in found if one.term.kind == kind]) for kind, title in rules.titles.items()]
    context = {
        "standing": told.case.standing,
        "tab": "/transmission",
        "kinds": [(title, several) for title, several in kinds if several],
        "choice": choice,
        "images": _images(request, told),
        "texts": [(title, pieces(text, shown, masked=mask is not None)) for title, text in _texts(told)],
        "previewed": mask is not None,
        "advice": rules.advice.format_map(rules.measured.model_dump()),
        "within": rules.within,
        "error": error,
    }
    return page(request, "redact.html", 400 if error else 200, **context)


def pieces(text: str, mask: Mask, *, masked: bool) -> list[tuple[str, bool]]:
    """`text` cut where it is masked: the words, or what stands in their place, and whether it is so."""
    cut, at = [], 0
    for start, end, label in mask.spans(text):
        cut += [(text[at:start], False), (label if masked else text[start:end], True)]
        at = end
    return [piece for piece in (*cut, (text[at:], False)) if piece[0]]


def _texts(told: Handover) -> list[tuple[str, str]]:
    exhibits = [(exhibit_name(one.number), one.text[:_MOST_SHOWN]) for one in told.file.exhibits if one.text.strip()]
    return [("récit", told.file.told), *exhibits]


def _images(request: Request, told: Handover) -> list[Any]:
    if hides_pictures(told, request.app.state.dossier_texts):
        return []
    return [one for one in told.case.exhibits if one.state == "read" and one.kind in _WITH_IMAGE]


def _told(request: Request, office: Office, person: Person, case: Case, to: str = "") -> Handover:
    return gather(office, case, person, to, request.app.state.settings.operator, datetime.now(UTC))


def _chosen(form: FormData) -> Choice:
    lines = text_of(form, "ajouts").split("\n")
    more = tuple(line.strip()[:200] for line in lines if line.strip())[:_MOST_BY_HAND]
    numbers = frozenset(int(str(one)) for one in form.getlist("image") if str(one).isdecimal())
    ticked = frozenset(str(one) for one in form.getlist("masquer"))
    return Choice(ticked, numbers, more, " ".join(text_of(form, "service").split())[:200])
