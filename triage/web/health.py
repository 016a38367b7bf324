"""Whether the process is alive (`/healthz`), and whether it can do its work (`/readyz`)."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from triage.engine import Engine
from triage.store import schema

router = APIRouter()


class Health(BaseModel, json_schema_extra={"description": "L'état du service."}):
    """Whether the service answers, and with what."""

    status: Literal["ok"] = Field(description="Le service répond.")
    rules: str = Field(description="Empreinte des règles.")
    model: str | None = Field(description="Version du modèle ; nulle si les règles seules trient.")
    degraded: bool = Field(description="Les règles seules trient : le résultat est moins sûr.")


@router.get(
    "/healthz",
    operation_id="health",
    tags=["service"],
    summary="Lire l'état du service",
    description="Le service répond, avec ces règles et ce modèle.",
    response_model=Health,
)
async def healthz(request: Request) -> JSONResponse:
    """Whether the service answers, and with what: without a thread, which could be held by what is slow."""
    engine: Engine = request.app.state.engine
    return JSONResponse({"status": "ok", "rules": engine.catalogue.digest, **_served(engine)})


@router.get("/readyz", include_in_schema=False)
def readyz(request: Request) -> JSONResponse:
    """200 where reports can be kept, 503 with the reasons where not. Without a model it is ready, and says so."""
    reason = schema.fault(request.app.state.office.database)
    told = {"status": "unready" if reason else "ready", "reasons": [reason] if reason else []}
    return JSONResponse({**told, **_served(request.app.state.engine)}, 503 if reason else 200)


def _served(engine: Engine) -> dict[str, object]:
    model = engine.model.version if engine.model else None
    return {"model": model, "degraded": model is None}
