"""The service on a store of its own, and what the tests of its API send to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from triage.engine import Engine
from triage.settings import Settings
from triage.web.app import create_app

THREAT = "Un inconnu m'a écrit sur Instagram : « je vais te tuer, toi et tes enfants »."
CALM = "Un habitant a critiqué le budget de la commune sur Facebook, sans insulte ni menace. Que puis-je répondre ?"
PROBLEM = {"type", "title", "status", "detail", "instance", "fields"}


def api_app(engine: Engine, data: Path, **more: Any) -> FastAPI:
    """The application; `app.state.woken` tells how often the reading of evidence was asked for."""
    app = create_app(Settings(data=data, **({"per_minute": 1_000_000} | more)), engine)
    app.state.woken = []
    app.state.wake = lambda: app.state.woken.append(1)
    return app


def deposit(client: TestClient, text: str = THREAT, **told: Any) -> dict[str, Any]:
    """What is answered to a new report."""
    answer = client.post("/api/v1/reports", json={"text": text, **told})
    assert answer.status_code == 201, answer.text
    return answer.json()


def bearer(receipt: str) -> dict[str, str]:
    """The header that opens a case."""
    return {"Authorization": f"Bearer {receipt}"}


def refused(answer: Any, status: int) -> dict[str, Any]:
    """The problem that `answer` tells, checked."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told.keys() >= PROBLEM
    assert (told["status"], told["instance"]) == (status, answer.request.url.path)
    assert told["title"]
    assert told["detail"]
    return told
