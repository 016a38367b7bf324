"""`/api/v1/reports/me`: a case, for whoever holds its code."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from triage.desk import erasing, evidence, follow_up
from triage.desk.case import load, open_by, understood
from triage.desk.office import DeskError, Office
from triage.web.access import TheOffice
from triage.web.api_bodies import TheFiles, files_body, json_only
from triage.web.api_models import AnswersIn, MeasureIn, MessageIn, known_answers
from triage.web.api_views import (
    CaseView,
    Erased,
    Exhibits,
    Messages,
    exhibit_out,
    messages_out,
    summary,
    understood_json,
)
from triage.web.limits import limited, refuse_guesser, spend, wrong_code
from triage.web.problems import ApiError, FieldError, refusals

_RECEIPTS = "receipts"
_WRONG_CODE = 8  # what a wrong code costs, beside what any request does
_ANY = (401, 404, 429, 503)
_WRITE = (*_ANY, 400, 409, 413, 415)
_SAID: dict[erasing.Outcome, str] = {
    "erased": "Votre récit et vos pièces sont effacés. Le code ne sert plus.",
    "asked": "Un agent décidera de l'effacement. En attendant, votre dossier reste ouvert.",
    "kept": "Ce dossier a été transmis à un service d'enquête : il ne peut pas être effacé d'ici.",
}
_UNKNOWN = "Aucun dossier ne s'ouvre avec ce code. Il a pu être effacé."
_MISSING = "Donnez le code du dossier, reçu au dépôt du récit : « Authorization: Bearer » suivi de ses 16 chiffres."

bearer = HTTPBearer(
    scheme_name="receipt",
    bearerFormat="16 chiffres",
    description="Le code du dossier, reçu au dépôt du récit : 16 chiffres.",
    auto_error=False,
)
router = APIRouter(prefix="/api/v1/reports/me", tags=["dossier"], dependencies=[limited(2, _RECEIPTS)])


def current_case(
    request: Request, office: TheOffice, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> str:
    """The id of the case that the code opens. Raises ApiError 401; a wrong code costs more than a right one.

    Codes are not compared: the store looks up their keyed hash, of which nobody without the key can choose a single
    byte, so that how long the look-up takes tells nothing of the codes that exist.
    """
    if sent is None:
        raise ApiError(401, _MISSING, {"WWW-Authenticate": "Bearer"})
    refuse_guesser(request)
    try:
        case_id, why = open_by(office, sent.credentials), _UNKNOWN
    except DeskError as error:
        case_id, why = None, str(error)
    if case_id is None:
        wrong_code(request)
        spend(request, _WRONG_CODE, _RECEIPTS)
        raise ApiError(401, why, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
    return case_id


CaseId = Annotated[str, Depends(current_case)]
Number = Annotated[int, Path(ge=1, le=evidence.MOST_FILES, description="Le numéro de la pièce.", examples=[1])]


@router.get(
    "",
    operation_id="getCase",
    summary="Lire le dossier",
    description="Où en est le dossier, ses pièces, ses demandes, et le diagnostic à la date du jour. Les mots cités "
    "sont repérés dans le récit suivi du texte lu dans les pièces.",
    response_model=CaseView,
    responses=refusals(*_ANY),
)
def get_case(office: TheOffice, case_id: CaseId) -> JSONResponse:
    """The case as it is now."""
    return _view(office, case_id)


@router.delete(
    "",
    operation_id="eraseCase",
    summary="Effacer le dossier",
    description="Efface tout, tout de suite, tant qu'aucun agent ne s'en occupe. S'il s'en occupe un, ou si les faits "
    "sont pressants, un agent décidera (202). Un dossier transmis à un service d'enquête est conservé.",
    response_model=Erased,
    responses={202: {"model": Erased, "description": "Un agent décidera."}, **refusals(*_ANY)},
)
def erase_case(office: TheOffice, case_id: CaseId) -> JSONResponse:
    """Erases the case, or asks the agents to."""
    outcome = erasing.erase(office, case_id, datetime.now(UTC))
    return JSONResponse({"outcome": outcome, "said": _SAID[outcome]}, 202 if outcome == "asked" else 200)


@router.get(
    "/messages",
    operation_id="listMessages",
    summary="Lire les messages",
    description="Les messages échangés avec les agents. Ceux des agents sont alors notés comme lus.",
    responses=refusals(*_ANY),
)
def list_messages(office: TheOffice, case_id: CaseId) -> Messages:
    """The messages, which are then read."""
    case = load(office, case_id)
    if any(one.by == "agent" and one.read_at is None for one in case.messages):
        follow_up.read_messages(office, case_id, "agent", datetime.now(UTC))
    return messages_out(case)


@router.post(
    "/messages",
    operation_id="writeMessage",
    summary="Écrire aux agents",
    description="Le message s'ajoute au dossier. Une réponse, s'il y en a une, se lit au même endroit.",
    status_code=201,
    response_description="Le message est enregistré.",
    responses=refusals(*_WRITE),
    dependencies=[Depends(json_only)],
)
def write_message(office: TheOffice, case_id: CaseId, message: MessageIn) -> Messages:
    """A message to the agents."""
    if not message.text.strip():
        raise FieldError("text", "Le message est vide.")
    follow_up.write(office, case_id, "official", message.text, datetime.now(UTC))
    return messages_out(load(office, case_id))


@router.post(
    "/answers",
    operation_id="answerQuestions",
    summary="Répondre aux questions",
    description="Le récit est trié à nouveau. Une réponse peut relever ou abaisser le niveau.",
    response_model=CaseView,
    responses=refusals(*_WRITE),
    dependencies=[Depends(json_only)],
)
def answer_questions(office: TheOffice, case_id: CaseId, told: AnswersIn) -> JSONResponse:
    """Answers to questions; the case is assessed anew."""
    follow_up.answer(office, case_id, known_answers(office.engine, told.answers), datetime.now(UTC))
    return _view(office, case_id)


@router.post(
    "/measures",
    operation_id="askForMeasure",
    summary="Demander une mesure de protection",
    description="La demande est transmise aux agents, une seule fois par mesure.",
    response_model=CaseView,
    responses=refusals(*_WRITE),
    dependencies=[Depends(json_only)],
)
def ask_for_measure(office: TheOffice, case_id: CaseId, wanted: MeasureIn) -> JSONResponse:
    """Asks the agents for a measure."""
    if wanted.measure not in office.service.askable:
        possible = ", ".join(sorted(office.service.askable))
        raise FieldError("measure", f"Cette mesure ne se demande pas ici. Mesures possibles : {possible}.")
    follow_up.ask_measure(office, case_id, wanted.measure, datetime.now(UTC))
    return _view(office, case_id)


@router.get(
    "/evidence",
    operation_id="listEvidence",
    summary="Lister les pièces",
    description="Les pièces du dossier et l'état de leur lecture, sans leur contenu.",
    responses=refusals(*_ANY),
)
def list_evidence(office: TheOffice, case_id: CaseId) -> Exhibits:
    """The evidence, without its contents."""
    return _exhibits(office, case_id)


@router.post(
    "/evidence",
    operation_id="addEvidence",
    summary="Ajouter des pièces",
    description="Les pièces sont enregistrées, puis lues à part. Celles qui ne peuvent pas être gardées "
    "sont dites, avec la raison ; si aucune ne peut l'être, le statut est 400.",
    status_code=201,
    response_description="Les pièces sont enregistrées.",
    responses=refusals(*_WRITE),
    openapi_extra=files_body(),
)
def add_evidence(request: Request, office: TheOffice, case_id: CaseId, files: TheFiles) -> Exhibits:
    """More evidence."""
    refused = evidence.add(office, case_id, files, datetime.now(UTC))
    if len(refused) == len(files):
        raise FieldError("files", " ".join(refused))
    request.app.state.wake()
    return _exhibits(office, case_id, refused)


@router.get(
    "/evidence/{number}",
    operation_id="getEvidence",
    summary="Télécharger une pièce",
    description="Le fichier tel qu'il a été reçu. D'un export de commentaires, seuls les hostiles sont gardés.",
    response_class=Response,
    responses={
        200: {
            "description": "Le fichier.",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        },
        **refusals(*_ANY, 400, 409),
    },
)
def get_evidence(office: TheOffice, case_id: CaseId, number: Number) -> Response:
    """An exhibit as it was received; a browser saves it and never shows it."""
    exhibit, content = evidence.original(office, case_id, number)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(exhibit.about.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, headers=headers, media_type="application/octet-stream")


def _view(office: Office, case_id: str) -> JSONResponse:
    case = load(office, case_id)
    found = understood(office, case, datetime.now(UTC))
    known = summary(case, found).model_dump(mode="json")
    return JSONResponse({**understood_json(office.engine, found, case.reference), **known})


def _exhibits(office: Office, case_id: str, refused: list[str] | None = None) -> Exhibits:
    shown = [exhibit_out(one) for one in load(office, case_id).exhibits]
    return Exhibits(exhibits=shown, refused=refused or [])
