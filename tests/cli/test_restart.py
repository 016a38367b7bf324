"""The service stops and starts again while people use it: nothing acknowledged is lost, nobody is cut."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from sqlalchemy import func, select

from tests.cli.serving import PATIENCE, Guichet
from triage.store.database import Database
from triage.store.tables import CASES

pytestmark = pytest.mark.whole

CALM = "Un habitant a critiqué le budget de la commune sur Facebook, sans insulte ni menace."
SENDERS = 4


class Load:
    """People who send reports one after the other, each on a connection of its own."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._send) for _ in range(SENDERS)]
        self.receipts: list[str] = []
        self.failures: list[str] = []

    @contextmanager
    def going(self) -> Iterator[Load]:
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self.end()

    def end(self) -> None:
        """Nobody sends any more, and all have their answer."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def more(self, number: int) -> None:
        """Waits for so many more receipts."""
        wanted, until = len(self.receipts) + number, time.monotonic() + PATIENCE
        while len(self.receipts) < wanted:
            assert time.monotonic() < until, (len(self.receipts), self.failures[-3:])
            time.sleep(0.05)

    def _send(self) -> None:
        while not self._over.is_set():
            try:
                answer = httpx.post(f"{self._address}api/v1/reports", json={"text": CALM}, timeout=PATIENCE)
                if answer.status_code == 201:
                    self.receipts.append(answer.json()["receipt"])
                else:
                    self.failures.append(f"{answer.status_code} {answer.text[:200]}")
            except httpx.TransportError as error:
                self.failures.append(type(error).__name__)
                time.sleep(0.05)


def stored(address: str) -> int:
    database = Database(address)
    with database.read() as connection:
        number = connection.scalar(select(func.count()).select_from(CASES)) or 0
    database.close()
    return number


@pytest.fixture
def kept() -> Iterator[socket.socket]:
    """A listening socket that outlives the service, as systemd keeps one."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1024)
        yield listener


@pytest.mark.parametrize("processes", ["1", "2"])
def test_with_its_socket_kept_nobody_sees_the_restart(
    tmp_path: Path, kept: socket.socket, store_address: str, processes: str
) -> None:
    words = ("--no-worker", "--processes", processes)
    with Guichet(tmp_path, *words, kept=kept, TRIAGE_DATABASE=store_address) as first:
        load = Load(first.open())
        with load.going():
            load.more(20)
            assert first.stop() == 0
            with Guichet(tmp_path, *words, kept=kept, TRIAGE_DATABASE=store_address) as second:
                load.more(20)
                load.end()
                assert second.stop() == 0
    assert load.failures == []
    assert len(set(load.receipts)) == len(load.receipts) == stored(store_address)


def test_without_it_some_are_refused_and_nothing_acknowledged_is_lost(tmp_path: Path, store_address: str) -> None:
    """Refused before anything was read of them: what is stored is what was acknowledged."""
    with Guichet(tmp_path, "--no-worker", "--port", "0", TRIAGE_DATABASE=store_address) as first:
        address = first.open()
        load = Load(address)
        with load.going():
            load.more(20)
            assert first.stop() == 0
            port = str(urlsplit(address).port)
            with Guichet(tmp_path, "--no-worker", "--port", port, TRIAGE_DATABASE=store_address) as second:
                load.more(20)
                load.end()
                assert second.stop() == 0
    assert set(load.failures) <= {"ConnectError", "ReadError", "WriteError"}
    assert len(set(load.receipts)) == len(load.receipts) == stored(store_address)


def half_sent(address: str) -> tuple[socket.socket, bytes]:
    """A connection on which half of a report has arrived, and the other half."""
    body = json.dumps({"text": CALM}).encode()
    to = urlsplit(address)
    connection = socket.create_connection((to.hostname, to.port), timeout=PATIENCE)
    head = f"POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    connection.sendall(head.encode() + b"\r\n\r\n" + body[:20])
    return connection, body[20:]


def stopping(address: str) -> None:
    """Once nobody new is let in."""
    to, until = urlsplit(address), time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            socket.create_connection((to.hostname, to.port), timeout=1).close()
        except OSError:
            return
        time.sleep(0.05)
    raise AssertionError("it still listens")


def test_who_has_begun_is_answered_and_the_worker_ends_too(tmp_path: Path) -> None:
    with Guichet(tmp_path, "--port", "0") as guichet:
        address = guichet.open()
        beside = psutil.Process(guichet.process.pid).children(recursive=True)
        assert beside
        connection, rest = half_sent(address)
        guichet.process.terminate()
        stopping(address)
        connection.sendall(rest)
        answer = connection.makefile("rb").read()
        connection.close()
        assert guichet.process.wait(PATIENCE) == 0
        assert answer.startswith(b"HTTP/1.1 201") and b"connection: close" in answer
        assert psutil.wait_procs(beside, timeout=PATIENCE)[1] == []
    assert stored(f"sqlite:///{tmp_path / 'triage.sqlite'}") == 1


def test_who_never_ends_is_not_waited_for_beyond_the_grace(tmp_path: Path) -> None:
    with Guichet(tmp_path, "--port", "0", "--no-worker", TRIAGE_GRACE="1") as guichet:
        connection, _ = half_sent(guichet.open())
        assert guichet.stop() == 0
        connection.close()


def test_a_worker_alone_ends_when_it_is_told_to(tmp_path: Path) -> None:
    with Guichet(tmp_path, "--port", "0") as guichet:
        guichet.open()
        [worker] = psutil.Process(guichet.process.pid).children()
        until = time.monotonic() + PATIENCE
        while not (tmp_path / "jobs.sqlite").exists() and time.monotonic() < until:
            time.sleep(0.1)
        worker.terminate()
        assert psutil.wait_procs([worker], timeout=PATIENCE)[1] == []
        while not psutil.Process(guichet.process.pid).children() and time.monotonic() < until:
            time.sleep(0.1)
        assert psutil.Process(guichet.process.pid).children() != [worker]  # another one takes its place
        assert guichet.stop() == 0


def test_those_that_answer_end_with_the_one_that_was_killed(tmp_path: Path) -> None:
    """They would keep the port, and nobody would tell them to stop."""
    with Guichet(tmp_path, "--no-worker", "--processes", "2", "--port", "0") as guichet:
        guichet.open()
        children = psutil.Process(guichet.process.pid).children(recursive=True)
        guichet.process.kill()
        _, alive = psutil.wait_procs(children, timeout=30)
        assert len(children) >= 2 and alive == []
