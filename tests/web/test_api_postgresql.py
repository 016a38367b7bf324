"""The whole life of a case through the API, on a real PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from fastapi.testclient import TestClient

from tests.web.api_app import CALM, THREAT, api_app, bearer, refused
from triage.desk import evidence
from triage.engine import Engine

REPORTS, ME = "/api/v1/reports", "/api/v1/reports/me"


def test_a_case_lives_and_ends(engine: Engine, tmp_path: Path, postgres: str) -> None:
    app = api_app(engine, tmp_path, database=postgres)
    with TestClient(app) as client:
        parts = [
            ("report", (None, json.dumps({"text": CALM, "departement": "35"}), "application/json")),
            ("files", ("commentaire.txt", "Ce budget est une honte, démission !".encode())),
        ]
        once = {"Idempotency-Key": uuid4().hex}
        first, again = (client.post(REPORTS, files=parts, headers=once) for _ in range(2))
        assert (first.status_code, again.status_code) == (201, 200)
        key = bearer(first.json()["receipt"])
        assert bearer(again.json()["receipt"]) == key
        assert client.post(f"{ME}/messages", json={"text": "Bonjour"}, headers=key).status_code == 201
        assert client.post(f"{ME}/measures", json={"measure": "referent"}, headers=key).status_code == 200
        for pending in evidence.waiting(app.state.office):
            evidence.read_exhibit(app.state.office, pending, datetime.now(UTC))
        case = client.get(ME, headers=key).json()
        assert [one["state"] for one in case["exhibits"]] == ["read"]
        assert client.get(f"{ME}/evidence/1", headers=key).content == parts[1][1][1]
        assert client.delete(ME, headers=key).json()["outcome"] == "erased"
        refused(client.get(ME, headers=key), 401)
    app.state.office.database.close()


def test_a_server_that_stops_answering_loses_no_diagnostic(engine: Engine, tmp_path: Path) -> None:
    app = api_app(engine, tmp_path, database="postgresql+psycopg://nobody@127.0.0.1:1/none")
    told = refused(TestClient(app).post(REPORTS, json={"text": THREAT}), 503)
    assert (told["saved"], told["assessment"]["primary"]) == (False, "menace")
