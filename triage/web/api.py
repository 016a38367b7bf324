"""The API: the contract's JSON over HTTP. Nothing is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from triage.diagnostic.contract import as_json
from triage.diagnostic.export import diagnostic_json
from triage.engine import Engine
from triage.errors import IntakeError
from triage.intake.report import MAX_CHARACTERS, Kind, Report

router = APIRouter()


class ReportIn(BaseModel):
    """A report to sort."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)

    text: Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS, description="Le récit, en français.")]
    kind: Annotated[Kind, Field(description="« message » : les mots de l'attaquant, tels quels.")] = "report"
    received_at: Annotated[datetime | None, Field(description="Moment dont partent « hier » ou « lundi ».")] = None
    id: Annotated[str, Field(max_length=200)] = ""
    answers: Annotated[dict[str, str], Field(description="Question → réponse.", max_length=50)] = {}
    situation: Annotated[
        list[str], Field(description="Ce qu'on sait de plus : « role:maire », « lieu:la_reunion ».", max_length=50)
    ] = []


class Problem(BaseModel):
    """What was wrong with the request."""

    error: str
    fields: list[str] = []


@router.post("/api/v1/triage", responses={400: {"model": Problem}, 413: {"description": "Récit trop long"}})
def triage(report: ReportIn, request: Request) -> Any:  # noqa: ANN401 (the contract's object, or an error)
    """Types, disposition, reasons, questions, and the full diagnostic."""
    engine: Engine = request.app.state.engine
    field = "situation"
    try:
        traits = engine.composer.observer.checked(report.situation)
        field = "text"
        told = Report(report.text, report.kind, report.received_at, report.id, traits=traits)
        triaged = engine.assess(told, datetime.now(UTC), report.answers)
    except IntakeError as error:
        return JSONResponse({"error": str(error), "fields": [field]}, status_code=400)
    return {
        **as_json(engine.composer, triaged, report.id),
        "diagnostic": diagnostic_json(engine.composer.make(triaged)),
    }


@router.get("/healthz")
def healthz(request: Request) -> dict[str, Any]:
    """Whether the service answers, and with what."""
    engine: Engine = request.app.state.engine
    model = engine.model.version if engine.model else None
    return {"status": "ok", "rules": engine.catalogue.digest, "model": model, "degraded": model is None}
