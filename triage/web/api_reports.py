"""`/api/v1/reports`: a report is kept, and only then acknowledged; then followed with the code that it was given."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse

from triage.desk.case import load
from triage.desk.evidence import File, shown_name
from triage.desk.office import Office
from triage.desk.submit import SHORTEST_KEY, Submitted, submit
from triage.desk.understanding import understand
from triage.errors import IntakeError
from triage.store.database import StoreError
from triage.store.records import Case, Told
from triage.web import api_case
from triage.web.access import SameSite, TheOffice
from triage.web.api_bodies import Sent, TheReport, report_body
from triage.web.api_models import ReportIn, known_answers, known_situation
from triage.web.api_views import NotSaved, Received, summary, understood_json
from triage.web.limits import limited, source_of
from triage.web.problems import NOT_SAVED, FieldError, problem, refusals

router = APIRouter()
router.include_router(api_case.router)
ME = "/api/v1/reports/me"
_LONGEST_KEY = 200
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=SHORTEST_KEY,
        max_length=_LONGEST_KEY,
        description="Une clé tirée au hasard pour ce récit : le même envoi répété rend le même code, sans doublon.",
        examples=["3f1c2a7e-9b54-4d0e-8a11-6c2f0d9e7b35"],
    ),
]
_KEPT = {
    "Location": {"description": "Où suivre le dossier.", "schema": {"type": "string"}},
    "Idempotency-Replayed": {"description": "« true » : cet envoi avait déjà été reçu.", "schema": {"type": "string"}},
}


@router.post(
    "/api/v1/reports",
    operation_id="createReport",
    tags=["récits"],
    summary="Déposer un récit",
    description="Trie le récit, l'enregistre avec ses pièces et rend le code qui ouvre le dossier. La réponse ne part "
    "qu'une fois le tout enregistré. Une pièce refusée ne fait jamais refuser le récit. Si le registre ne répond pas, "
    "le statut est 503, rien n'est enregistré, et le diagnostic est donné quand même.",
    status_code=201,
    response_model=Received,
    response_description="Le récit est enregistré.",
    responses={
        200: {"model": Received, "description": "Cet envoi avait déjà été reçu : même code.", "headers": _KEPT},
        201: {"headers": _KEPT},
        **refusals(400, 403, 409, 413, 415, 429),
        503: {"model": NotSaved, "description": "Rien n'est enregistré ; le diagnostic est donné quand même."},
    },
    openapi_extra=report_body(),
    dependencies=[SameSite, limited(10, "reports", everywhere=True)],
)
def create_report(request: Request, office: TheOffice, sent: TheReport, key: Key = "") -> JSONResponse:
    """Keeps a report with its evidence."""
    told, now = _told(office, sent.report), datetime.now(UTC)
    try:
        body, source = _digest(told, sent.files) if key else b"", source_of(request)
        done = submit(office, told, sent.files, now, key, body, source=source)
    except IntakeError as error:
        raise FieldError("text", str(error)) from None
    except StoreError:
        return _not_saved(request, office, told, sent, now)
    if sent.files:
        request.app.state.wake()
    return _received(office, done)


def _received(office: Office, done: Submitted) -> JSONResponse:
    case: Case | None = None
    with suppress(StoreError):  # it is kept, and must be acknowledged whatever happens after
        case = load(office, done.case_id)
    reference = case.reference if case else ""
    content = {
        **understood_json(office.engine, done.understood, reference),
        "receipt": done.receipt,
        "reference": reference,
        "case": summary(case, done.understood).model_dump(mode="json") if case else None,
        "refused": list(done.refused),
    }
    headers = {"Location": ME} | ({"Idempotency-Replayed": "true"} if done.again else {})
    return JSONResponse(content, 200 if done.again else 201, headers)


def _not_saved(request: Request, office: Office, told: Told, sent: Sent, now: datetime) -> JSONResponse:
    """The diagnostic that the report deserves all the same."""
    found = understand(office.engine, told, now, now)
    more: dict[str, Any] = {
        "saved": False,
        "lost": [shown_name(file.name) for file in sent.files],
        "assessment": understood_json(office.engine, found, ""),
    }
    said = office.service.alert.unsaved
    return problem(request, 503, said, type_=NOT_SAVED, headers={"Retry-After": "60"}, **more)


def _told(office: Office, report: ReportIn) -> Told:
    """The report as it is kept, with the traits that its place and its force are worth."""
    place = office.service.departements.get(report.departement)
    if report.departement and place is None:
        raise FieldError("departement", "Ce code de département n'existe pas : « 35 », « 2A » ou « 974 », par exemple.")
    told = report.model_dump(exclude={"answers", "situation", "addresses"})
    there = [place.trait] if place and place.trait else []
    force = [f"force:{report.force}"] if report.force else []
    return Told(
        **told,
        answers=dict(known_answers(office.engine, report.answers)),
        traits=(*known_situation(office.engine, report.situation), *there, *force),
        addresses=tuple(report.addresses),
    )


def _digest(told: Told, files: tuple[File, ...]) -> bytes:
    """What tells the same sending repeated from another one: its form may differ, not what it says."""
    parts = [told.model_dump_json().encode()]
    for file in files:
        parts += [file.name.encode("utf-8", "replace"), file.content]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()
