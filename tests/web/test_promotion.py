"""Models are put into service, twice, and back, while people send reports: nobody is refused, everybody is answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from tests.conftest import migrated_at
from tests.threats.small import small_model
from tests.web.serving import served
from triage.bootstrap import build_registry, model_shelves
from triage.engine import Engine
from triage.learning.registry import Change, put_into_service, rollback
from triage.settings import Settings
from triage.store import people
from triage.web.app import create_app

SENDERS = 4
TEXT = "On me menace de mort sur la page de la mairie depuis hier soir."
PATIENCE = 20.0  # seconds; the service looks once a second, a machine that does much else is given more


class Load:
    """People who send reports without end: the statuses and the models of the answers."""

    def __init__(self, port: int) -> None:
        self.answers: list[tuple[int, str | None, float]] = []
        self._address, self._stop = f"http://127.0.0.1:{port}", threading.Event()

    def _send(self) -> None:
        with httpx.Client(base_url=self._address, timeout=60) as client:
            while not self._stop.is_set():
                answer = client.post("/api/v1/triage", json={"text": TEXT})
                model = answer.json()["engine"]["model"] if answer.status_code == 200 else None
                self.answers.append((answer.status_code, model, time.monotonic()))

    @contextmanager
    def going_on(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._send) for _ in range(SENDERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def until(self, model: str) -> None:
        """Waits until answers come from `model`."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and (not self.answers or self.answers[-1][1] != model):
            time.sleep(0.02)
        assert self.answers[-1][1] == model


@pytest.fixture
def settings_here(tmp_path: Path) -> Settings:
    settings = Settings(data=migrated_at(tmp_path), per_minute=1_000_000)
    own, _ = model_shelves(settings)
    for version in ("v1", "v2"):
        small_model(own.root / version, own.seal)
    registry = build_registry(settings)
    with registry.database.write() as connection:
        made = people.add(connection, "claire@exemple.fr", "Claire", "analyst", [], "", datetime.now(UTC))
        people.change(connection, made, state="active")
    registry.database.close()
    return settings


@pytest.mark.whole
def test_reports_in_flight_never_fail(engine: Engine, settings_here: Settings) -> None:
    assert engine.model is not None
    shipped = engine.model.version
    app = create_app(settings_here, engine)
    with served(app) as port:
        load = Load(port)
        with load.going_on():
            load.until(shipped)
            for version, before in (("v1", shipped), ("v2", "v1")):
                moment = datetime.now(UTC).isoformat()
                put_into_service(settings_here, Change(moment, "promote", version, before, "Claire", "essai"))
                load.until(version)
            back = rollback(settings_here, "claire@exemple.fr", "le second est trop lent", datetime.now(UTC))
            assert (back.version, back.before) == ("v1", "v2")
            load.until("v1")
            rollback(settings_here, "claire@exemple.fr", "retour au modèle livré", datetime.now(UTC))
            load.until(shipped)
    app.state.office.database.close()
    assert {status for status, _, _ in load.answers} == {200}
    seen = [model for _, model, _ in load.answers]
    changes = [seen[0], *(after for before, after in pairwise(seen) if after != before)]
    assert {*changes} == {shipped, "v1", "v2"}
    assert app.state.office.engine.model.version == shipped
