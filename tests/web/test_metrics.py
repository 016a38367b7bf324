"""What Prometheus reads: figures that are right, of nobody, quick to read, and not for everybody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert, update

from tests.conftest import migrated_at
from tests.web.api_app import CALM, THREAT, api_app, bearer, deposit
from triage.engine import Engine, without_model
from triage.jobs.presence import beat
from triage.jobs.queue import make_queue
from triage.settings import Settings
from triage.store import alerts
from triage.store.cases import new_id
from triage.store.database import Database
from triage.store.tables import CASES

TOKEN = "un-jeton-assez-long"
HERE = ("127.0.0.1", 50_000)


@pytest.fixture
def app(engine: Engine, tmp_path: Path, store_address: str) -> Iterator[FastAPI]:
    made = api_app(engine, tmp_path, database=store_address)
    yield made
    made.state.office.database.close()


def figures(app: FastAPI) -> dict[tuple[str, ...], float]:
    """Each figure, by its name and its labels' values."""
    answer = TestClient(app, client=HERE).get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_what_waits_is_counted_by_level(app: FastAPI) -> None:
    client = TestClient(app)
    for text in (THREAT, THREAT, CALM):
        deposit(client, text)
    office, now = app.state.office, datetime.now(UTC)
    with office.database.write() as connection:
        connection.execute(update(CASES).where(CASES.c.queued).values(level_since=now - timedelta(hours=3)))
        one = connection.scalar(CASES.select().where(CASES.c.queued).with_only_columns(CASES.c.id))
        connection.execute(update(CASES).where(CASES.c.id == one).values(due_at=now - timedelta(minutes=1)))
        alerts.add(connection, "late", [(one, "urgent", "", "")], now)
    told = figures(app)
    assert told["triage_cases_waiting", "urgent"] == 2
    assert told["triage_cases_late", "urgent"] == 1
    assert told["triage_oldest_waiting_seconds", "urgent"] == pytest.approx(3 * 3600, abs=60)
    assert told["triage_cases_waiting", "advice"] == 0
    assert told["triage_alerts_unsent",] == 1
    assert told["triage_store_up",] == 1


def test_evidence_that_waits_is_counted(app: FastAPI) -> None:
    parts = [("report", (None, json.dumps({"text": CALM}), "application/json")), ("files", ("a.txt", b"Bonjour"))]
    assert TestClient(app).post("/api/v1/reports", files=parts).status_code == 201
    assert figures(app)["triage_evidence_waiting",] == 1


def test_requests_are_counted_by_route_and_status_without_what_they_ask_for(app: FastAPI) -> None:
    client = TestClient(app)
    receipt = deposit(client)["receipt"]
    for path in ("/api/v1/reports/me", "/api/v1/reports/me/evidence/7", "/jean-dupont?q=jean-dupont"):
        client.get(path, headers=bearer(receipt))
    client.request("JEAN", "/fiches")
    told = figures(app)
    assert told["triage_requests_total", "POST", "/api/v1/reports", "201"] == 1
    assert told["triage_requests_total", "GET", "/api/v1/reports/me", "200"] == 1
    assert told["triage_requests_total", "GET", "none", "404"] == 1
    assert told["triage_request_seconds_count", "/api/v1/reports"] == 1
    written = TestClient(app, client=HERE).get("/metrics").text
    assert not any(word in written for word in (receipt, "dupont", "JEAN", "evidence/7"))


def test_a_failure_is_counted(app: FastAPI) -> None:
    app.state.engine, kept = None, app.state.engine
    TestClient(app, raise_server_exceptions=False).post("/api/v1/triage", json={"text": THREAT})
    app.state.engine = kept
    assert figures(app)["triage_requests_total", "POST", "/api/v1/triage", "500"] == 1


def test_the_engine_that_serves_is_named(engine: Engine, app: FastAPI) -> None:
    assert engine.model
    told = figures(app)
    assert told["triage_engine_info", engine.model.version, engine.catalogue.digest] == 1
    assert told["triage_degraded",] == 0
    app.state.office = replace(app.state.office, engine=without_model(engine))
    assert figures(app)["triage_degraded",] == 1


def test_the_last_turn_of_the_worker_is_told(app: FastAPI) -> None:
    assert ("triage_worker_last_turn_timestamp_seconds",) not in figures(app)
    queue = make_queue(app.state.settings)
    beat(queue)
    queue.storage.close()
    told = figures(app)
    assert told["triage_worker_last_turn_timestamp_seconds",] == pytest.approx(time.time(), abs=30)
    assert told["triage_jobs_waiting",] == 0


def test_a_store_that_is_down_is_told_and_the_rest_too(app: FastAPI) -> None:
    kept = app.state.office
    app.state.office = replace(kept, database=Database("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    told = figures(app)
    app.state.office = kept
    assert told["triage_store_up",] == 0
    assert ("triage_cases_waiting", "urgent") not in told
    assert told["triage_degraded",] == 0


@pytest.mark.parametrize(
    ("host", "headers", "opened"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("::ffff:127.0.0.1", {}, True),
        ("192.0.2.7", {}, False),
        ("testclient", {}, False),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, False),  # through a proxy: whoever asked is elsewhere
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, False),
        ("192.0.2.7", {"Authorization": f"Bearer {TOKEN}"}, False),  # no token is set here
        ("192.0.2.7", {"Authorization": "Bearer "}, False),
    ],
)
def test_without_a_token_this_machine_alone_reads(
    engine: Engine, tmp_path: Path, host: str, headers: dict[str, str], opened: bool
) -> None:
    app = api_app(engine, migrated_at(tmp_path))
    answer = TestClient(app, client=(host, 1)).get("/metrics", headers=headers)
    assert answer.status_code == (200 if opened else 404)
    assert ("triage_" in answer.text) is opened
    app.state.office.database.close()


@pytest.mark.parametrize(
    ("host", "given", "opened"),
    [
        ("192.0.2.7", f"Bearer {TOKEN}", True),
        ("192.0.2.7", "Bearer autre", False),
        ("192.0.2.7", "Bearer é".encode().decode("latin-1"), False),
        ("127.0.0.1", "", False),
    ],
)
def test_with_a_token_whoever_has_it_reads(engine: Engine, tmp_path: Path, host: str, given: str, opened: bool) -> None:
    app = api_app(engine, migrated_at(tmp_path), metrics_token=TOKEN)
    answer = TestClient(app, client=(host, 1)).get("/metrics", headers={"Authorization": given.encode("latin-1")})
    assert answer.status_code == (200 if opened else 404)
    app.state.office.database.close()


def quickest(client: TestClient) -> float:
    """Seconds that one reading takes, at best."""
    took = []
    for _ in range(5):
        began = time.perf_counter()
        assert client.get("/metrics").status_code == 200
        took.append(time.perf_counter() - began)
    return min(took)


def test_ten_thousand_cases_are_read_about_as_fast_as_none(app: FastAPI) -> None:
    """Prometheus asks every few seconds: only what waits is looked at, in an index of its own."""
    now, client = datetime.now(UTC), TestClient(app, client=HERE)
    client.get("/metrics")
    none = quickest(client)
    shared = {"types": "menace", "flags": "", "departement": "", "force": "", "rank": 3, "state": "open"}
    rows = [
        {
            **shared,
            "id": new_id(),
            "received_at": now - timedelta(minutes=i),
            "changed_at": now,
            "level": ("agent", "urgent", "immediate")[i % 3],
            "queued": i % 2 == 0,
            "due_at": now + timedelta(minutes=i - 5_000),
            "turn": now,
        }
        for i in range(10_000)
    ]
    with app.state.office.database.write() as connection:
        connection.execute(insert(CASES), rows)
    many = quickest(client)
    print(f"/metrics: {none * 1000:.0f} ms with no case, {many * 1000:.0f} ms with 10,000")  # noqa: T201
    assert figures(app)["triage_cases_waiting", "urgent"] == 1_666
    assert many < 5 * none


def test_several_processes_add_their_figures_up(tmp_path: Path) -> None:
    """Each of them tells what all did, the one that ended included."""
    script = (
        "import sys; from triage.web.counting import Metrics; m = Metrics();"
        "m.count('/fiches', 'GET', 200, 0.01);"
        "sys.stdout.write(m.told().decode())"
    )
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
    assert 'triage_requests_total{method="GET",route="/fiches",status="200"} 2.0' in done.stdout


def test_the_settings_hide_the_token() -> None:
    assert TOKEN not in repr(Settings(metrics_token=TOKEN))
