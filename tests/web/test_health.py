"""Whether the process is alive is one question, whether it can keep reports another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from tests.conftest import emptied, migrated_at
from tests.web.api_app import api_app
from triage.engine import Engine, without_model
from triage.store.database import Database


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> Iterator[FastAPI]:
    made = api_app(engine, migrated_at(tmp_path))
    yield made
    made.state.office.database.close()


def test_a_service_that_can_keep_reports_is_ready(engine: Engine, app: FastAPI) -> None:
    told = TestClient(app).get("/readyz")
    assert told.status_code == 200
    assert engine.model
    assert told.json() == {"status": "ready", "reasons": [], "model": engine.model.version, "degraded": False}


def test_without_a_model_it_is_ready_and_says_so(engine: Engine, app: FastAPI) -> None:
    app.state.engine = without_model(engine)
    told = TestClient(app).get("/readyz")
    assert (told.status_code, told.json()["degraded"], told.json()["model"]) == (200, True, None)


def test_a_store_that_is_down_makes_it_unready_and_not_dead(app: FastAPI) -> None:
    down = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    app.state.office = replace(app.state.office, database=down)
    client = TestClient(app)
    told = client.get("/readyz")
    assert (told.status_code, told.json()["status"]) == (503, "unready")
    assert told.json()["reasons"] == ["Le registre ne répond pas."]
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("revision", ["0001", "9999"])
def test_tables_of_another_version_are_left_alone_and_told(
    engine: Engine, tmp_path: Path, store_address: str, revision: str
) -> None:
    """Older or newer than this program: a look never changes them."""
    app = api_app(engine, tmp_path, database=store_address)
    database: Database = app.state.office.database
    with database.engine.begin() as connection:
        before = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = :other"), {"other": revision})
    try:
        told = TestClient(app).get("/readyz")
        assert told.status_code == 503
        assert "triage db upgrade" in told.json()["reasons"][0]
        assert database.revision() == revision
    finally:
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :own"), {"own": before})
        database.close()
        if "postgresql" in store_address:
            emptied(store_address)
