"""A busy hour on two cores with PostgreSQL: officials who read and send whatever the answers take, and desks left open.

LOAD_SECONDS=300 LOAD_RATES=40,8 make bench      (30 s, 100 pages and 20 reports a second otherwise)
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
import pytest

from benchmarks.test_http import Client, Server, at, service
from benchmarks.texts import reports
from tests.cli.serving import PATIENCE
from tests.conftest import postgres  # noqa: F401 (a fixture)
from tests.torture.agents import Place, report, somebody
from tests.web.visitor import signed
from triage.desk.people import sessions
from triage.web.access import COOKIE as CASE_COOKIE
from triage.web.desk.door import COOKIE as DESK_COOKIE

SECONDS = float(os.environ.get("LOAD_SECONDS", "30"))
READING, SENDING = (float(one) for one in os.environ.get("LOAD_RATES", "100,20").split(","))  # a second
MOST_P99 = 300.0  # milliseconds
DESKS, MOST_MEMORY = 200, 500  # MB, resident
KNOWN = 40  # cases that are followed
WARM_UP = 600  # pages, and as many reports: a service that has been up for a while
_PAGES = ("/", "/", "/fiches", "/donnees")
Send = Callable[[bytes], Awaitable[float]]


class Flow:
    """Requests at a constant rate, each sent at its time whether or not those before it are answered."""

    def __init__(self, name: str, rate: int, contents: Iterator[bytes], send: Send) -> None:
        self.name, self.rate, self._contents, self._send = name, rate, contents, send
        self.took: list[float] = []  # milliseconds from when it was to be sent
        self.late: list[float] = []  # of which the client's own
        self.failed: list[str] = []

    async def run(self, seconds: float) -> None:
        start = time.perf_counter() + 0.1
        async with asyncio.TaskGroup() as tasks:
            for i, content in enumerate(itertools.islice(self._contents, int(self.rate * seconds))):
                due = start + i / self.rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                tasks.create_task(self._one(due, content))
        self.reached = len(self.took) / (time.perf_counter() - start)

    async def _one(self, due: float, content: bytes) -> None:
        try:
            sent = await self._send(content)
        except (OSError, EOFError, AssertionError) as error:
            self.failed.append(f"{type(error).__name__} {str(error)[:200]}")
            return
        self.took.append((time.perf_counter() - due) * 1000)
        self.late.append((sent - due) * 1000)

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.reached:.1f}/s, {len(self.failed)} errors, p50 {at(self.took, 50):.0f} ms, "
            f"p99 {at(self.took, 99):.0f} ms, max {max(self.took):.0f} ms (client late: p99 {at(self.late, 99):.1f} ms)"
        )


class Processor:
    """What the guichet, PostgreSQL and the client itself take of a core, since it was made."""

    def __init__(self, server: Server) -> None:
        database = [one for one in psutil.process_iter(["name"]) if one.info["name"].startswith("postgres")]
        worker = [one for one in family(server) if "worker" in one.cmdline()]
        web = [one for one in family(server) if one not in worker]
        self._groups = {"guichet": web, "worker": worker, "PostgreSQL": database, "client": [psutil.Process()]}
        self._before, self._began = {name: used(group) for name, group in self._groups.items()}, time.perf_counter()

    def __str__(self) -> str:
        passed = time.perf_counter() - self._began
        shares = (f"{name} {(used(group) - self._before[name]) / passed:.0%}" for name, group in self._groups.items())
        return f"of a core: {', '.join(shares)}; load {os.getloadavg()[0]:.1f}"


def family(server: Server) -> list[psutil.Process]:
    return [server.process, *server.process.children(recursive=True)]


def used(processes: list[psutil.Process]) -> float:
    """Seconds of processor; what ended meanwhile is left out."""
    return sum(sum(one.cpu_times()[:2]) for one in processes if one.is_running())


def resident(processes: list[psutil.Process]) -> float:
    """Megabytes."""
    return sum(one.memory_info().rss for one in processes) / 2**20


def settle(server: Server) -> None:
    """Until the worker has done what it does once a day: on a new store, at its first start."""
    idle, until = 0, time.perf_counter() + PATIENCE
    while idle < 3:
        assert time.perf_counter() < until, "the guichet does not come to rest"
        before = used(family(server))
        time.sleep(1)
        idle = idle + 1 if used(family(server)) - before < 0.1 else 0


def reading(path: str, cookie: str = "") -> bytes:
    told = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.1\r\nHost: guichet\r\n{told}\r\n".encode()


def sending(text: str) -> bytes:
    body = json.dumps({"text": text}).encode()
    head = "POST /api/v1/reports HTTP/1.1\r\nHost: guichet\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def followed(server: Server, texts: Iterator[str]) -> list[str]:
    """The cookies of people who come back to their case."""
    made = []
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=PATIENCE) as client:
        for text in itertools.islice(texts, KNOWN):
            code = client.post("/api/v1/reports", json={"text": text}).json()["receipt"]
            client.cookies.clear()
            client.post("/suivi", data=signed(client, "/suivi", code=code))
            made.append(f"{CASE_COOKIE}={client.cookies[CASE_COOKIE]}")
    return made


def readings(cookies: list[str]) -> Iterator[bytes]:
    """Half of them pages of the guichet, half of them the page of a case."""
    chance = random.Random(3)
    while True:
        yield reading(chance.choice(_PAGES))
        yield reading("/suivi", chance.choice(cookies))


async def busy(server: Server) -> list[Flow]:
    texts = itertools.cycle(reports(3_000))
    cookies = followed(server, texts)
    settle(server)
    client = Client(server)
    await client.open()
    for content in itertools.islice(readings(cookies), WARM_UP):
        await client.send(content)
    for text in itertools.islice(texts, WARM_UP):
        await client.send(sending(text))
    flows = [
        Flow("reading", READING, readings(cookies), client.send),
        Flow("sending", SENDING, map(sending, texts), client.send),
    ]
    processor = Processor(server)
    async with asyncio.TaskGroup() as tasks:
        for flow in flows:
            tasks.create_task(flow.run(SECONDS))
    print(f"\n{processor}; resident {resident(family(server)):.0f} MB")
    client.close()
    return flows


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="two cores are needed")
def test_a_busy_hour(tmp_path: Path, postgres: str) -> None:  # noqa: F811
    """100 pages read and 20 reports kept a second, the worker at work beside: no error, 99 of 100 under 300 ms."""
    with service(tmp_path, TRIAGE_DATABASE=postgres) as server:
        flows = asyncio.run(busy(server))
    for flow in flows:
        print(flow)
    for flow in flows:
        assert flow.failed == []
        assert at(flow.took, 99) < MOST_P99


@asynccontextmanager
async def desk(port: int, token: str) -> AsyncIterator[asyncio.StreamReader]:
    """A desk that is open, once it is greeted."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(reading("/desk/flux", f"{DESK_COOKIE}={token}"))
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    await reader.readuntil(b"event: bonjour")
    yield reader
    writer.close()


async def listening(server: Server, tokens: list[str], tell: Callable[[], object]) -> tuple[list[float], float]:
    """How long each news took to be on all the desks, in seconds; megabytes of the process."""
    httpx.get(f"http://127.0.0.1:{server.port}/readyz", timeout=PATIENCE)
    alone = resident([server.process])
    async with AsyncExitStack() as stack:
        desks = await asyncio.gather(*(stack.enter_async_context(desk(server.port, one)) for one in tokens))
        processor, waits, until = Processor(server), [], time.perf_counter() + SECONDS
        while time.perf_counter() < until:
            began = time.perf_counter()
            await asyncio.to_thread(tell)
            heard = (asyncio.wait_for(one.readuntil(b"event: nouvelle"), 30) for one in desks)
            await asyncio.gather(*heard)
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(1)
        memory = resident([server.process])
        print(f"\n{len(desks)} desks: {len(waits)} news, each on all of them within {max(waits):.2f} s; {processor}")
        print(f"resident {memory:.0f} MB, {alone:.0f} MB before they opened")
        return waits, memory


def test_many_desks(tmp_path: Path, postgres: str) -> None:  # noqa: F811
    """200 desks open on one process, news all the while: under 500 MB resident, nobody left out."""
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(files, min(4 * DESKS, most)), most))
    with service(tmp_path, "--no-worker", processes=1, TRIAGE_DATABASE=postgres) as server:
        office = Place(tmp_path, postgres).office()
        people = [somebody(office, number) for number in range(DESKS)]
        with office.database.write() as connection:
            now = datetime.now(UTC)
            tokens = [sessions.begin(office, connection, one.id, "password", now) for one in people]
        waits, memory = asyncio.run(listening(server, tokens, lambda: report(office, datetime.now(UTC))))
        office.database.close()
    assert waits
    assert memory < MOST_MEMORY
