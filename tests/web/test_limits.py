"""Whoever sends too much is slowed down by all processes together, and never kept from a report by the counting."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine, select

from tests.conftest import emptied
from tests.web.api_app import CALM, api_app, bearer
from tests.web.visitor import Visitor, signed
from triage.desk.office import new_receipt
from triage.engine import Engine
from triage.store.counts import Counts
from triage.store.database import Database, StoreError
from triage.store.limit_tables import LIMITS, PROOFS
from triage.web import proof

ME = "/api/v1/reports/me"


@pytest.fixture
def store(store_address: str) -> Iterator[Database]:
    database = Database(store_address)
    database.upgrade()
    yield database
    database.close()


@pytest.fixture
def two(engine: Engine, tmp_path: Path, store_address: str) -> Iterator[tuple[FastAPI, FastAPI]]:
    """Two applications, as two processes have them, with the same keys and the same store. Sixty a minute."""
    apps = [api_app(engine, tmp_path, database=store_address, per_minute=60) for _ in range(2)]
    yield apps[0], apps[1]
    for app in apps:
        app.state.office.database.close()


# --- The counts -------------------------------------------------------------------------------------------------


def test_what_one_process_spends_another_does_not_have(store: Database) -> None:
    one, other = Counts(store), Counts(store)
    assert [counts.take(b"k" * 32, 3, 60) for counts in (one, other, one, other, one)] == [True] * 3 + [False] * 2
    assert other.take(b"another".ljust(32), 3, 60)


def test_what_is_refused_is_not_spent(store: Database) -> None:
    counts = Counts(store)
    assert counts.take(b"k" * 32, 10, 60, 8) and not counts.take(b"k" * 32, 10, 60, 5)
    assert counts.spent(b"k" * 32, 60) == 8
    assert not counts.take(b"dear".ljust(32), 10, 60, 11)


def test_what_was_spent_counts_less_and_less(store: Database) -> None:
    now = 60_000.0
    counts = Counts(store, lambda: now)
    assert counts.take(b"k" * 32, 10, 60, 10)
    now += 59
    assert not counts.take(b"k" * 32, 10, 60)
    now += 31  # half of the next minute
    assert counts.spent(b"k" * 32, 60) == 5
    assert counts.take(b"k" * 32, 10, 60, 5) and not counts.take(b"k" * 32, 10, 60)
    now += 120
    assert counts.spent(b"k" * 32, 60) == 0 and counts.take(b"k" * 32, 10, 60, 10)


def test_machines_whose_clocks_differ_do_not_give_the_minute_twice(store: Database) -> None:
    early, late = Counts(store, lambda: 60_059.0), Counts(store, lambda: 60_061.0)
    assert early.take(b"k" * 32, 10, 60, 10)
    taken = [counts.take(b"k" * 32, 10, 60) for _ in range(5) for counts in (late, early)]
    assert not any(taken)


def test_what_was_counted_by_a_clock_that_was_wrong_shuts_nobody_out(store: Database) -> None:
    """It had jumped a day ahead, and was set right: what it counted is not of now."""
    ahead, right = Counts(store, lambda: 60_000.0 + 86_400), Counts(store, lambda: 60_000.0)
    assert ahead.take(b"k" * 32, 10, 60, 10)
    assert right.spent(b"k" * 32, 60) == 0 and right.take(b"k" * 32, 10, 60, 10)


def test_of_many_at_once_no_more_pass_than_may(store: Database) -> None:
    both = [Counts(store), Counts(store)]

    def attempt(number: int) -> bool:
        while True:
            try:
                return both[number % 2].take(b"k" * 32, 20, 3600)
            except StoreError:  # the machine is loaded: it would count by itself
                time.sleep(0.01)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(60))) == 20


def test_a_proof_serves_once_for_all_processes(store: Database) -> None:
    one, other = Counts(store), Counts(store)
    assert one.first_use(b"p" * 32, b"this".ljust(32), 600)
    assert other.first_use(b"p" * 32, b"this".ljust(32), 600), "the same form sent again"
    assert not other.first_use(b"p" * 32, b"that".ljust(32), 600)


def test_what_no_longer_counts_is_deleted(store: Database) -> None:
    now = 60_000.0
    counts = Counts(store, lambda: now)
    counts.take(b"k" * 32, 10, 60)
    counts.first_use(b"p" * 32, b"this".ljust(32), 600)
    now += 3600
    counts.take(b"another".ljust(32), 10, 60)
    with store.read() as connection:
        assert connection.scalars(select(LIMITS.c.key)).all() == [b"another".ljust(32)]
        assert connection.scalars(select(PROOFS.c.key)).all() == []


def test_a_writer_that_lasts_is_not_waited_for(store: Database) -> None:
    """A report with large evidence may hold SQLite for seconds: others are then counted here."""
    counts = Counts(store)
    counts.take(b"k" * 32, 10, 60)
    with store.write() as connection:
        connection.execute(LIMITS.update().values(spent=1))
        began = time.monotonic()
        if store.engine.dialect.name == "sqlite":
            with pytest.raises(StoreError):
                counts.take(b"k" * 32, 10, 60)
        assert time.monotonic() - began < 5


# --- The pages and the interface --------------------------------------------------------------------------------


def test_reports_are_limited_across_processes(two: tuple[FastAPI, FastAPI]) -> None:
    sent = [Visitor(two[number % 2]).post("/api/v1/reports", json={"text": CALM}).status_code for number in range(8)]
    assert sent == [201] * 6 + [429] * 2
    pages = [Visitor(app).post("/signalement", data={"text": CALM}, follow_redirects=False) for app in two]
    assert [answer.status_code for answer in pages] == [429, 429]
    elsewhere = Visitor(two[0], client=("192.0.2.77", 1)).post("/api/v1/reports", json={"text": CALM})
    assert elsewhere.status_code == 201


def test_wrong_codes_are_limited_across_processes(two: tuple[FastAPI, FastAPI]) -> None:
    """Twelve an hour here (sixty as set by default), typed in the pages or sent to the interface, in any process."""
    right = Visitor(two[0]).post("/api/v1/reports", json={"text": CALM}).json()["receipt"]
    tried = []
    for number in range(14):
        client = Visitor(two[number % 2])
        code = new_receipt()
        answer = client.post("/suivi", data={"code": code}) if number % 4 < 2 else client.get(ME, headers=bearer(code))
        tried.append(answer.status_code)
    assert tried == [404, 404, 401, 401] * 3 + [429] * 2
    refused = Visitor(two[1]).post("/suivi", data={"code": right})
    assert refused.status_code == 429 and "dans une heure" in refused.text
    elsewhere = Visitor(two[1], client=("192.0.2.78", 1))
    assert elsewhere.post("/suivi", data={"code": right}, follow_redirects=False).status_code == 303


def test_right_codes_cost_nothing_of_the_hour(two: tuple[FastAPI, FastAPI]) -> None:
    right = Visitor(two[0]).post("/api/v1/reports", json={"text": CALM}).json()["receipt"]
    assert [Visitor(two[n % 2]).get(ME, headers=bearer(right)).status_code for n in range(20)] == [200] * 20


def test_the_door_of_the_desk_is_limited_across_processes(two: tuple[FastAPI, FastAPI]) -> None:
    typed = {"login": "a@exemple.fr", "password": "x", "code": "1"}
    tried = [Visitor(two[number % 2]).post("/desk/entrer", data=typed).status_code for number in range(8)]
    assert tried[:6] == [400] * 6 and tried[6:] == [429] * 2


def test_a_proof_of_work_does_not_serve_in_another_process_too(
    two: tuple[FastAPI, FastAPI], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "WITHOUT", 4)
    for app in two:
        app.state.settings = app.state.settings.model_copy(update={"altcha": True, "per_minute": 1_000})
    sent = [
        Visitor(two[number % 2]).post("/signalement", data={"text": CALM}, follow_redirects=False).status_code
        for number in range(6)
    ]
    assert sent == [303] * 4 + [400] * 2, "so many a minute without a proof, for the whole service"


def test_no_address_is_in_the_store(two: tuple[FastAPI, FastAPI], store_address: str) -> None:
    client = Visitor(two[0], client=("203.0.113.209", 1))
    client.post("/api/v1/reports", json={"text": CALM})
    client.post("/suivi", data={"code": new_receipt()})
    store = create_engine(store_address)
    with store.connect() as connection:
        kept = [bytes(one) for row in connection.execute(select(LIMITS)) for one in row if isinstance(one, bytes)]
    store.dispose()
    assert len(kept) == 2 and all(len(one) == 32 for one in kept)
    assert not any(b"203.0.113" in one for one in kept)


def test_pages_are_read_without_a_write(two: tuple[FastAPI, FastAPI], store_address: str) -> None:
    client = Visitor(two[0])
    for path in ("/", "/fiches", "/donnees", "/static/theme.css", "/suivi"):
        client.get(path)
    client.post("/diagnostic", data={"text": CALM})
    store = create_engine(store_address)
    with store.connect() as connection:
        assert connection.execute(select(LIMITS)).all() == []
    store.dispose()


def test_a_store_that_does_not_count_refuses_no_report(two: tuple[FastAPI, FastAPI], store_address: str) -> None:
    """Each process then counts by itself: reports are taken in, and still limited."""
    app = two[0]
    store = create_engine(store_address)
    with store.begin() as connection:
        LIMITS.drop(connection)
    try:
        sent = [Visitor(app).post("/api/v1/reports", json={"text": CALM}).status_code for _ in range(7)]
        assert sent == [201] * 6 + [429]
        tried = [Visitor(app).post("/suivi", data={"code": new_receipt()}).status_code for _ in range(11)]
        assert tried == [404] * 10 + [429]
    finally:
        with store.begin() as connection:
            LIMITS.create(connection)
        store.dispose()


# --- Real processes ---------------------------------------------------------------------------------------------


@contextmanager
def serving(data: Path, database: str) -> Iterator[str]:
    """One process of the guichet; where it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = {"TRIAGE_DATA": str(data), "TRIAGE_DATABASE": database, "TRIAGE_PER_MINUTE": "60"}
    command = [sys.executable, "-m", "triage", "serve", "--port", str(port), "--no-worker"]
    process = subprocess.Popen(command, env=os.environ | told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address, until = f"http://127.0.0.1:{port}", time.monotonic() + 120
    try:
        while True:
            try:
                httpx.get(f"{address}/healthz", timeout=5)
                break
            except httpx.TransportError:
                assert process.poll() is None and time.monotonic() < until, "the guichet does not start"
                time.sleep(0.1)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def tried(address: str) -> int:
    """The answer to a code that opens nothing, typed in the page."""
    with httpx.Client(base_url=address, timeout=30) as client:
        return client.post("/suivi", data=signed(client, "/suivi", code=new_receipt())).status_code


@pytest.mark.whole
def test_two_real_processes_share_what_may_be_tried(store_address: str, tmp_path: Path) -> None:
    with ExitStack() as both:
        addresses = [both.enter_context(serving(tmp_path / "data", store_address)) for _ in range(2)]
        codes = [tried(addresses[n % 2]) for n in range(14)]
        reports = [
            httpx.post(f"{addresses[n % 2]}/api/v1/reports", json={"text": CALM}, timeout=30).status_code
            for n in range(8)
        ]
    assert codes == [404] * 12 + [429] * 2
    assert reports == [201] * 6 + [429] * 2
    if store_address.startswith("postgresql"):
        emptied(store_address)
