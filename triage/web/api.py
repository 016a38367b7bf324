"""`POST /api/v1/triage`: the contract's JSON over HTTP, nothing kept."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from triage.engine import Engine
from triage.errors import IntakeError
from triage.intake.report import Report
from triage.web.api_bodies import json_only
from triage.web.api_models import Contract, TriageIn, known_answers, known_situation
from triage.web.api_views import contract
from triage.web.limits import limited
from triage.web.problems import FieldError, refusals

router = APIRouter()


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
