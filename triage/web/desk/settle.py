"""Reports that two people read differently: the list, who decides between them, and how far readers agree."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from triage.desk.handling import settling
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import Right, may
from triage.desk.supervising.agreement import agreements, told
from triage.desk.supervising.dashboard import steps
from triage.store import people
from triage.store.figures import Cut
from triage.store.people import Person
from triage.web.desk.door import Analyst, Ours, TheDesk
from triage.web.desk.sample import LIST, NOTHING, Sent, back, report_page, sent_of
from triage.web.desk.shell import page
from triage.web.forms import Posted
from triage.web.templating import templates

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
_PAGE = f"{LIST}/desaccords"
templates.env.filters["kappa"] = told


@router.get("/desk/echantillon/desaccords")
def show_disputed(request: Request, office: TheDesk, person: Analyst) -> Response:
    """What is to be decided, and how far readers agree; by pair of readers for supervisors, who know their names."""
    now, least = datetime.now(UTC), office.policies.conduct.sampling.pairs
    period = office.policies.dashboard.periods[-1]
    cut, named = Cut(steps(period, now), person.scopes), may(person, Right.SUPERVISE)
    with office.database.read() as connection:
        names = {one.id: one.name for one in people.everybody(connection)} if named else None
        agreed = agreements(connection, cut, office.engine.assessor.policy, least, names)
    disputed, closed = settling.disputed(office, person)
    context: dict[str, Any] = {"disputed": disputed, "closed": closed, "agreed": agreed, "least": least}
    return page(request, "sample_disputed.html", tab=_PAGE, period=period, **context)


@router.get("/desk/echantillon/{sample_id}/departage")
def show_one(request: Request, office: TheDesk, person: Analyst, sample_id: str) -> Response:
    """A report and what its two readers found, without their names nor what the engine thinks of it."""
    return _one(request, office, person, sample_id)


@router.post("/desk/echantillon/{sample_id}/departage", dependencies=[Ours])
def settle(request: Request, office: TheDesk, person: Analyst, sample_id: str, form: Posted) -> Response:
    """What the report is, and why."""
    sent = sent_of(form)
    try:
        raised = settling.settle(office, person, sample_id, sent.opinion, sent.note, datetime.now(UTC), sent.shown)
    except DeskError as error:
        return _one(request, office, person, sample_id, str(error), sent)
    return back(_PAGE, raised)


def _one(
    request: Request, office: Office, person: Person, sample_id: str, error: str = "", sent: Sent = NOTHING
) -> Response:
    found, case = settling.open_disputed(office, person, sample_id, datetime.now(UTC))
    more = {"found": found, "back": _PAGE, "action": f"{LIST}/{sample_id}/departage"}
    return report_page(request, office, "sample_settle.html", case, error, sent, **more)
