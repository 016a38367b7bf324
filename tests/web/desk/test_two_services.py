"""Two `triage serve` processes that share nothing but the store: what is told to one is on the desks of the other."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import httpx
import pytest

from tests.conftest import ROOT
from tests.torture.agents import Place, somebody
from tests.web.desk.test_live import listening
from triage.desk.people import sessions

pytestmark = pytest.mark.whole

DANGER = "Je suis maire. Un homme armé d'un fusil est devant chez moi et crie qu'il va me tuer, maintenant."
SOON, ROUNDS, PATIENCE = 1.0, 3, 60.0


class Service:
    """A `triage serve` without its worker, where it answers, and what it writes on its standard error."""

    def __init__(self, data: Path, database: str, errors: Path) -> None:
        self.errors = errors
        with errors.open("wb") as written:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "triage", "serve", "--port", "0", "--no-worker"],
                stdout=subprocess.PIPE,
                stderr=written,
                text=True,
                cwd=ROOT,
                env={
                    **os.environ,
                    "TRIAGE_DATA": str(data),
                    "TRIAGE_DATABASE": database,
                    "TRIAGE_LOG_LEVEL": "warning",
                },
            )

    def ready(self) -> Service:
        """Once it answers."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.address = line.partition(" : ")[2].split()[0]
        assert httpx.get(f"{self.address}healthz", timeout=PATIENCE).status_code == 200
        return self

    def stop(self) -> str:
        """Stops it as an operator does; what it had to say."""
        self.process.terminate()
        self.process.wait(timeout=20)
        return self.errors.read_text(encoding="utf-8")


@pytest.fixture
def services(tmp_path: Path, store_address: str) -> Iterator[tuple[Service, Service]]:
    """Two of them on one store, SQLite then PostgreSQL."""
    both = [Service(tmp_path, store_address, tmp_path / f"errors{i}.txt") for i in range(2)]
    try:
        yield both[0].ready(), both[1].ready()
    finally:
        for one in both:
            one.process.kill()
            with one.process:  # waited for, and its pipe closed
                pass


@pytest.fixture
def token(tmp_path: Path, store_address: str) -> Iterator[str]:
    """The session of an agent who covers everywhere."""
    office = Place(tmp_path, store_address).office()
    agent = somebody(office, 1)
    with office.database.write() as connection:
        made = sessions.begin(office, connection, agent.id, "password", datetime.now(UTC))
    office.database.close()
    yield made


def sent(service: Service) -> float:
    """Sends a report; the moment at which it was acknowledged."""
    answer = httpx.post(f"{service.address}api/v1/reports", json={"text": DANGER}, timeout=PATIENCE)
    assert answer.status_code == 201
    return time.monotonic()


def test_a_danger_told_to_one_is_on_the_desks_of_the_other_within_a_second(
    token: str, services: tuple[Service, Service]
) -> None:
    """And the other stops with its streams ended, as whole answers: it has nothing to complain of."""
    here, there = services
    waits = []
    with listening(urlsplit(there.address).port or 0, token) as events:
        for _ in range(ROUNDS):
            acknowledged = sent(here)
            # The same text makes a campaign too, which is told apart.
            news = next(told for name, told in events if name == "nouvelle" and told["kind"] == "queue")
            waits.append(time.monotonic() - acknowledged)
            assert news["level"] == "immediate"
        assert median(waits) < SOON, waits
        there.process.terminate()
        assert "fin" not in [name for name, _ in events]  # its session is not over: the browser comes back
        assert there.stop() == ""
    assert here.stop() == ""
