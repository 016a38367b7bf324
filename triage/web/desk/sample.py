"""Reports read blind by two people each: the daily sample, and those that would teach most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from triage.desk.handling import sampling, settling
from triage.desk.handling.deciding import Opinion
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import Right, may
from triage.store import people, samples
from triage.store.people import Person
from triage.store.records import Case
from triage.store.samples import CALM, TEACHING, Purpose
from triage.web.desk.decisions import choices, opinion_of
from triage.web.desk.door import HOME, Labeller, Ours, TheDesk
from triage.web.desk.shell import page
from triage.web.forms import Posted, text_of

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
LIST = f"{HOME}/echantillon"
PAGES: dict[Purpose, str] = {CALM: LIST, TEACHING: f"{LIST}/apprendre"}


@dataclass(frozen=True)
class Sent:
    """What a reader says; `shown`: how much of the report they had before them."""

    opinion: Opinion
    note: str
    shown: str


NOTHING = Sent(Opinion((), (), ""), "", "")


@router.get("/desk/echantillon")
def show_sample(request: Request, office: TheDesk, person: Labeller) -> Response:
    """The reports drawn at random that are to be read; what their readers found, for supervisors and analysts."""
    return _list(request, office, person, CALM)


@router.get("/desk/echantillon/apprendre")
def show_teaching(request: Request, office: TheDesk, person: Labeller) -> Response:
    """The same, of the reports that would teach most."""
    return _list(request, office, person, TEACHING)


@router.get("/desk/echantillon/{sample_id}")
def show_one(request: Request, office: TheDesk, person: Labeller, sample_id: str) -> Response:
    """A report, without what anybody or the engine thinks of it."""
    return _one(request, office, person, sample_id)


@router.post("/desk/echantillon/{sample_id}", dependencies=[Ours])
def read(request: Request, office: TheDesk, person: Labeller, sample_id: str, form: Posted) -> Response:
    """What the reader finds of it."""
    sent = sent_of(form)
    try:
        raised = sampling.read(office, person, sample_id, sent.opinion, sent.note, datetime.now(UTC), sent.shown)
    except DeskError as error:
        return _one(request, office, person, sample_id, str(error), sent)
    with office.database.read() as connection:
        purpose = samples.get(connection, sample_id).purpose
    return back(PAGES[purpose], raised)


def sent_of(form: FormData) -> Sent:
    """What the form of a reading says."""
    return Sent(opinion_of(form), text_of(form, "note"), text_of(form, "vu"))


def report_page(
    request: Request, office: Office, template: str, case: Case, error: str, sent: Sent, **more: object
) -> Response:
    """A report with the form under it, and what was wrong in the one just sent."""
    shown = {"case": case, "error": error, "note": sent.note, "opinion": sent.opinion, **choices(office)}
    return page(request, template, 400 if error else 200, shown=sampling.seen_of(case), **shown, **more)


def back(where: str, raised: bool) -> Response:
    """To a list, which says what became of the form."""
    return RedirectResponse(f"{where}?releve=oui" if raised else where, status_code=303)


def _list(request: Request, office: Office, person: Person, purpose: Purpose) -> Response:
    context: dict[str, Any] = {"waiting": sampling.waiting(office, person, purpose), **choices(office)}
    if may(person, Right.ANALYSE):
        with office.database.read() as connection:
            context["names"] = {one.id: one.name for one in people.everybody(connection)}
        context["compared"], context["closed"] = settling.compared(office, person, purpose, datetime.now(UTC))
    context |= {"opens": may(person, Right.HANDLE), "named": may(person, Right.SUPERVISE)}
    return page(request, "sample.html", purpose=purpose, tab=PAGES[purpose], **context)


def _one(
    request: Request, office: Office, person: Person, sample_id: str, error: str = "", sent: Sent = NOTHING
) -> Response:
    sample, case = sampling.open_sample(office, person, sample_id, datetime.now(UTC))
    more = {"sample": sample, "back": PAGES[sample.purpose], "action": f"{LIST}/{sample_id}"}
    return report_page(request, office, "sample_read.html", case, error, sent, **more)
