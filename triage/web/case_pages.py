"""The pages of a case, for whoever holds its code: questions, diagnostic, checklist, corrections, requests."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2s

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from triage.assessment.questions import MOST_QUESTIONS, Question
from triage.desk import duty, erasing, follow_up
from triage.desk.case import open_by, understood
from triage.desk.comments import unfinished
from triage.desk.measures.overview import told_to_official
from triage.desk.office import DeskError, Office
from triage.desk.understanding import Understood
from triage.diagnostic.advice import Step
from triage.diagnostic.diagnostic import Diagnostic
from triage.errors import IntakeError
from triage.intake.moment import in_paris
from triage.store.records import FINISHED, Case
from triage.web import cookies
from triage.web.access import COOKIE, KeptOpen, SameSite, TheCase, TheOffice, forget, office_of, remember, remembered
from triage.web.forms import text_of, told_of, values_from
from triage.web.limits import limited, refuse_guesser, wrong_code
from triage.web.marks import marked
from triage.web.pages import calendar, forget_refused, refused_of
from triage.web.signing import Ours, OursToEnter
from triage.web.templating import templates

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False, route_class=KeptOpen)
HOME = "/suivi"
# The flag of somebody who may want to die: the number to call is not the same.
DISTRESS = "ideation_suicidaire"
STATES = {
    "open": "Dans la file",
    "withdrawn": "Retiré par vous",
    "transmitted": "Transmis à un service d'enquête",
    "closed": "Clos",
}
KEPT = "Enregistré"  # and nobody is expected to read it


@router.get("/suivi")
def show_case(request: Request, office: TheOffice, case: TheCase) -> Response:
    """The diagnostic of the case, and all that can be done with it."""
    return case_page(request, office, case)


@router.post("/suivi", dependencies=[SameSite, limited(6, "receipts"), Depends(refuse_guesser), OursToEnter])
async def enter(request: Request, office: TheOffice) -> Response:
    """Opens the case whose code is typed."""
    typed = text_of(await request.form(), "code")
    try:
        case_id = await run_in_threadpool(open_by, office, typed)
    except DeskError as error:
        return code_page(request, str(error), 400)
    if case_id is None:
        await run_in_threadpool(wrong_code, request)
        return code_page(request, "Aucun dossier ne s'ouvre avec ce code. Il a pu être effacé.", 404)
    response = _back()
    remember(response, request, "".join(c for c in typed if c.isdigit()))
    return response


@router.post("/suivi/note", dependencies=[Ours])
def code_noted(request: Request, case: TheCase) -> Response:
    """The person has noted the code: it is not shown any more."""
    response, held = _back(), remembered(request)
    if held:
        remember(response, request, held[0])
    return response


@router.get("/suivi/note")
@router.get("/suivi/gestes")
@router.get("/suivi/mesures")
@router.get("/suivi/corriger")
@router.get("/suivi/complement")
@router.get("/suivi/retirer")
@router.get("/suivi/quitter")
def reopen() -> Response:
    """A page reopened without its form: the case as it is."""
    return _back()


@router.get("/suivi/question")
def show_question(request: Request, office: TheOffice, case: TheCase) -> Response:
    """The next question, alone on its page; the diagnostic once there is none."""
    question = next_question(case, understood(office, case, datetime.now(UTC)).diagnostic)
    if question is None:
        return _back()
    number = len(_asked(case)) + 1
    context = {"question": question, "number": number, "most": MOST_QUESTIONS, "urgent": case.level == "immediate"}
    return templates.page(request, "case/question.html", context)


@router.post("/suivi/question", dependencies=[Ours])
async def answer_question(request: Request, office: TheOffice, case: TheCase) -> Response:
    """Keeps an answer, or that the question was passed over."""
    form = await request.form()
    answer = {} if form.get("skip") else {text_of(form, "question"): text_of(form, "answer")}
    answers = answer if all(answer.values()) and answer else {text_of(form, "question"): ""}
    await run_in_threadpool(follow_up.answer, office, case.id, answers, datetime.now(UTC))
    return RedirectResponse("/suivi/question", status_code=303)


@router.post("/suivi/gestes", dependencies=[Ours])
async def tick(request: Request, office: TheOffice, case: TheCase) -> Response:
    """Keeps which gestures of a section are done."""
    form = await request.form()
    section, done = text_of(form, "section"), {str(one) for one in form.getlist("done")}
    diagnostic = (await run_in_threadpool(understood, office, case, datetime.now(UTC))).diagnostic
    shown = {step_key(step) for step in diagnostic.steps.get(section, ())}
    await run_in_threadpool(follow_up.tick, office, case.id, shown, done & shown, datetime.now(UTC))
    return Response(status_code=204) if request.headers.get("hx-request") else _back()


@router.post("/suivi/mesures", dependencies=[Ours])
async def ask_measure(request: Request, office: TheOffice, case: TheCase) -> Response:
    """Asks the agents for a measure."""
    measure = text_of(await request.form(), "measure")
    await run_in_threadpool(follow_up.ask_measure, office, case.id, measure, datetime.now(UTC))
    return _back("#mesures")


@router.post("/suivi/corriger", dependencies=[Ours])
async def correct(request: Request, office: TheOffice, case: TheCase) -> Response:
    """« Ce n'est pas cela »: another type, or a remark; the case is assessed anew."""
    form = await request.form()
    kind, comment = text_of(form, "type"), text_of(form, "comment")[: follow_up.LONGEST_MESSAGE]
    await run_in_threadpool(follow_up.correct, office, case.id, kind, comment, datetime.now(UTC))
    return _back()


@router.get("/suivi/precisions")
def show_facts(request: Request, office: TheOffice, case: TheCase) -> Response:
    """The optional facts and the answers given, to be corrected."""
    questions = office.engine.assessor.questions
    context = {
        "case": case,
        "service": office.service,
        "values": values_from(case.told, office.service),
        "answered": [one for one in questions if one.id in case.told.answers and one.id not in case.told.settled],
        "today": in_paris(datetime.now(UTC)).date(),
        "mail_offered": bool(request.app.state.settings.smtp),
    }
    return templates.page(request, "case/facts.html", context)


@router.post("/suivi/precisions", dependencies=[Ours])
async def correct_facts(request: Request, office: TheOffice, case: TheCase) -> Response:
    """Keeps the corrected facts and answers; the case is assessed anew."""
    told = told_of(await request.form(), office.service)
    facts = told.model_dump(exclude={"text", "ticks", "corrections", "answers"})
    kept = {name: value for name, value in case.told.answers.items() if name not in case.told.settled}
    facts |= {"answers": kept | told.answers, "began": told.began}
    await run_in_threadpool(follow_up.tell_facts, office, case.id, facts, datetime.now(UTC))
    return _back()


@router.post("/suivi/complement", dependencies=[Ours])
async def complete(request: Request, office: TheOffice, case: TheCase) -> Response:
    """More of the report."""
    more = text_of(await request.form(), "more")
    await run_in_threadpool(follow_up.complete, office, case.id, more, datetime.now(UTC))
    return RedirectResponse("/suivi/question#envoye", status_code=303)


@router.get("/suivi/echeances.ics")
def download_calendar(office: TheOffice, case: TheCase) -> Response:
    """The deadlines, for a calendar."""
    return calendar(understood(office, case, datetime.now(UTC)).diagnostic)


@router.get("/suivi/effacer")
def confirm_erasing(request: Request, case: TheCase) -> Response:
    """What erasing would do, before it is done."""
    context = {"case": case, "outcome": erasing.possible(case)}
    return templates.page(request, "case/erase.html", context)


@router.post("/suivi/effacer", dependencies=[Ours])
def erase(request: Request, office: TheOffice, case: TheCase) -> Response:
    """Erases the case, or asks the agents to."""
    outcome = erasing.erase(office, case.id, datetime.now(UTC))
    response = templates.page(request, "case/erased.html", {"outcome": outcome})
    if outcome == "erased":
        forget(response, request)
    return response


@router.post("/suivi/retirer", dependencies=[Ours])
def withdraw(office: TheOffice, case: TheCase) -> Response:
    """Takes the case out of the queue, without erasing it."""
    erasing.withdraw(office, case.id, datetime.now(UTC))
    return _back()


def case_page(request: Request, office: Office, case: Case, error: str = "", status: int = 200) -> Response:
    """The page of a case, with what was wrong in the form just sent."""
    now = datetime.now(UTC)
    found = understood(office, case, now)
    held, waits = remembered(request), awaited(office, case, found)
    with office.database.glance() as connection:
        said, followed = alert(office, connection, case, found, now), told_to_official(office, connection, case)
    context = {
        "case": case,
        "d": found.diagnostic,
        "marked": marked(case.told.text, found.diagnostic),
        "key": step_key,
        "alert": said,
        "reachable": office.engine.composer.knowledge.contacts.values(),
        "state": STATES[case.state] if waits or case.state != "open" else KEPT,
        "awaited": waits and case.state == "open",
        "code": _grouped(held[0]) if held and held[1] else "",
        "refused": refused_of(request),
        "error": error,
        "finished": case.state in FINISHED,
        "askable": () if case.state in FINISHED else office.service.askable,
        "asked": {one.kind for one in case.asked},
        "kinds": [office.engine.composer.kinds[name] for name in office.engine.assessor.policy.base],
        "verdicts": found.verdicts,
        "pending": [one for one in case.exhibits if one.state == "pending"],
        "running": unfinished(case.runs),
        "unread": sum(1 for one in case.messages if one.by == "agent" and one.read_at is None),
        "erasable": erasing.possible(case),
        "followed": followed,
    }
    response = templates.page(request, "case/case.html", context, status=status)
    if context["refused"]:
        forget_refused(response, request)
    return response


def code_page(request: Request, error: str = "", status: int = 200) -> Response:
    """The box for the code. A browser that still holds one is told why it no longer opens anything."""
    context = {"error": error, "closed": bool(cookies.read(request, COOKIE)) and not error}
    response = templates.page(request, "case/code.html", context, status=status)
    if context["closed"]:
        forget(response, request)
    return response


def refused_page(request: Request, error: DeskError | IntakeError) -> Response:
    """The case again, with why what was asked cannot be done."""
    office, held = office_of(request), remembered(request)
    case_id = open_by(office, held[0]) if held else None
    if case_id is None:
        return code_page(request)
    with office.database.glance() as connection:
        case = office.cases.get(connection, case_id)
    return case_page(request, office, case, str(error), 400)


def alert(office: Office, connection: Connection, case: Case, found: Understood, now: datetime) -> str:
    """What is said of the agents: a delay only if one of that scope is there."""
    said, level = office.service.alert, found.diagnostic.level.id
    delay = said.delays.get(level)
    if delay is None:
        return said.calm
    there = duty.somebody(connection, case.told.departement, case.told.force, now)
    alone = said.distress if DISTRESS in found.ranking.flags else said.nobody
    text = said.on_duty.replace("{delai}", delay) if there else alone
    return f"{said.immediate} {text}" if level == "immediate" else text


def awaited(office: Office, case: Case, found: Understood) -> bool:
    """Whether an agent is to read the case: its level asks for one, or the person asked them for something."""
    return bool(case.asked) or found.diagnostic.level.id in office.service.alert.delays


def next_question(case: Case, diagnostic: Diagnostic) -> Question | None:
    """The question worth asking now, none once three were asked."""
    return diagnostic.questions[0] if diagnostic.questions and len(_asked(case)) < MOST_QUESTIONS else None


def _asked(case: Case) -> list[str]:
    """The questions that were answered or passed over, those that a fact settled left out."""
    return [name for name in case.told.answers if name not in case.told.settled]


def step_key(step: Step) -> str:
    """What tells a gesture from the others of the checklist; the same as long as its words are."""
    return step.shared or blake2s(step.text.encode(), digest_size=8).hexdigest()


def _grouped(code: str) -> str:
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))


def _back(anchor: str = "") -> Response:
    return RedirectResponse(HOME + anchor, status_code=303)
