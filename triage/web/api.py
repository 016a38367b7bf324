"""`POST /api/v1/triage`: the contract's JSON over HTTP, nothing kept; and whether the service answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from triage.engine import Engine
from triage.errors import IntakeError
from triage.intake.report import Report
from triage.web.api_bodies import json_only
from triage.web.api_models import Contract, TriageIn, known_answers, known_situation
from triage.web.api_views import contract
from triage.web.limits import limited
from triage.web.problems import FieldError, refusals

router = APIRouter()


class Health(BaseModel, json_schema_extra={"description": "L'état du service."}):
    """Whether the service answers, and with what."""

    status: Literal["ok"] = Field(description="Le service répond.")
    rules: str = Field(description="Empreinte des règles.")
    model: str | None = Field(description="Version du modèle ; nulle si les règles seules trient.")
    degraded: bool = Field(description="Les règles seules trient : le résultat est moins sûr.")


@router.post(
    "/api/v1/triage",
    operation_id="triage",
    tags=["tri"],
    summary="Trier un récit",
    description="Types, niveau, raisons, questions et diagnostic complet. Rien n'est conservé.",
    response_model=Contract,
    responses=refusals(400, 413, 415, 429),
    dependencies=[limited(), Depends(json_only)],
)
def triage(report: TriageIn, request: Request) -> JSONResponse:
    """Types, disposition, reasons, questions, and the full diagnostic."""
    engine: Engine = request.app.state.engine
    traits, answers = known_situation(engine, report.situation), known_answers(engine, report.answers)
    told = Report(report.text, report.kind, report.received_at, report.id, traits=traits)
    try:
        triaged = engine.assess(told, datetime.now(UTC), answers)
    except IntakeError as error:
        raise FieldError("text", str(error)) from None
    return JSONResponse(contract(engine, triaged, report.id))


@router.get(
    "/healthz",
    operation_id="health",
    tags=["service"],
    summary="Lire l'état du service",
    description="Le service répond, avec ces règles et ce modèle.",
    response_model=Health,
)
def healthz(request: Request) -> JSONResponse:
    """Whether the service answers, and with what."""
    engine: Engine = request.app.state.engine
    model = engine.model.version if engine.model else None
    content = {"status": "ok", "rules": engine.catalogue.digest, "model": model, "degraded": model is None}
    return JSONResponse(content)
