"""`POST /api/v1/triage` under a constant load: `triage serve` for real, fifty requests a second whatever it answers.

make bench
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import psutil
import pytest

from benchmarks.texts import reports

PROCESSES = 2
RATE = 50  # requests a second
SECONDS = 20
WARM_UP = 300  # requests not counted: the automaton's states are made as texts ask for them
CONNECTIONS = 16
RUNS = 3  # the best is kept: others may use the machine
MOST_P50, MOST_P99 = 15.0, 80.0  # milliseconds


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Run:
    """What each request took, in milliseconds from when it was to be sent; how late the client itself sent it."""

    took: list[float]
    late: list[float]

    def __str__(self) -> str:
        return (
            f"p50 {at(self.took, 50):.1f} ms, p99 {at(self.took, 99):.1f} ms, max {max(self.took):.1f} ms "
            f"(client late: p50 {at(self.late, 50):.2f} ms, p99 {at(self.late, 99):.2f} ms)"
        )


def at(values: list[float], percent: int) -> float:
    """The percentile of `values`."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


@dataclass(frozen=True)
class Server:
    """A guichet that runs: its port and its parent process."""

    port: int
    process: psutil.Process

    def owner(self, port: int) -> int:
        """The process that holds the connection from `port`; 0 as long as none has accepted it."""
        for child in self.process.children():
            if any(one.raddr and one.raddr.port == port for one in child.net_connections()):
                return child.pid
        return 0


@contextmanager
def service(data: Path, *words: str, processes: int = PROCESSES, **set_: str) -> Iterator[Server]:
    """A guichet of its own."""
    command = [sys.executable, "-u", "-m", "triage", "serve", "--port", "0", "--processes", str(processes), *words]
    environment = {**os.environ, "TRIAGE_DATA": str(data), "TRIAGE_PER_MINUTE": "1000000", **set_}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        found = re.search(r":(\d+)/", server.stdout.readline())
        assert found is not None
        try:
            yield Server(int(found[1]), psutil.Process(server.pid))
        finally:
            server.terminate()


def requests() -> list[bytes]:
    """As many different reports as are sent, ready."""
    made = []
    for text in reports(WARM_UP + RUNS * RATE * SECONDS):
        body = json.dumps({"text": text}).encode()
        head = "POST /api/v1/triage HTTP/1.1\r\nHost: guichet\r\nContent-Type: application/json\r\n"
        made.append(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return made


class Client:
    """Connections kept alive, one more whenever all are busy; of an answer only status and length are looked at."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._free: deque[Connection] = deque()

    async def open(self) -> None:
        """As many connections to each process: left to itself, the kernel gives most to the one that wakes first."""
        wanted = dict.fromkeys(await self._started(), CONNECTIONS // PROCESSES)
        while any(wanted.values()):
            connection = await self._connect()
            pid = self._server.owner(connection[1].get_extra_info("sockname")[1])
            if wanted.get(pid):
                wanted[pid] -= 1
                self._free.append(connection)
            else:
                connection[1].close()

    def close(self) -> None:
        """Closes all connections."""
        for _, writer in self._free:
            writer.close()

    async def send(self, request: bytes) -> float:
        """When it was sent. Waits for the whole answer."""
        while self._free and self._free[0][0].at_eof():  # closed by the server: it was idle too long
            self._free.popleft()[1].close()
        reader, writer = connection = self._free.popleft() if self._free else await self._connect()
        sent = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 20"), head
        length = re.search(rb"content-length: (\d+)", head)
        assert length is not None
        await reader.readexactly(int(length[1]))
        self._free.append(connection)
        return sent

    async def _connect(self) -> Connection:
        return await asyncio.open_connection("127.0.0.1", self._server.port)

    async def _started(self) -> set[int]:
        """The processes that accept connections, once all do."""
        seen: set[int] = set()
        while len(seen) < PROCESSES:
            _, writer = await self._connect()
            await asyncio.sleep(0.05)
            seen.add(self._server.owner(writer.get_extra_info("sockname")[1]))
            seen.discard(0)
            writer.close()
        return seen


async def measured(client: Client, contents: Iterator[bytes]) -> Run:
    """Requests sent at their time, whether or not those before them are answered."""
    took, late = [], []

    async def one(due: float, content: bytes) -> None:
        sent = await client.send(content)
        took.append((time.perf_counter() - due) * 1000)
        late.append((sent - due) * 1000)

    start = time.perf_counter() + 0.1
    async with asyncio.TaskGroup() as tasks:
        for i, content in enumerate(itertools.islice(contents, RATE * SECONDS)):
            due = start + i / RATE
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.create_task(one(due, content))
    return Run(took, late)


async def best(server: Server) -> Run:
    """The run whose 99th percentile is lowest."""
    client, contents = Client(server), iter(requests())
    await client.open()
    for content in itertools.islice(contents, WARM_UP):
        await client.send(content)
    runs = []
    for _ in range(RUNS):
        runs.append(await measured(client, contents))
        print(f"\n{runs[-1]}; load {os.getloadavg()[0]:.1f}", end="", flush=True)
    client.close()
    return min(runs, key=lambda run: at(run.took, 99))


@pytest.mark.skipif((os.cpu_count() or 1) < PROCESSES, reason="two cores are needed")
def test_fifty_requests_a_second(tmp_path: Path) -> None:
    """Reports of 120 words, 50 a second for 20 s: half under 15 ms, 99 of 100 under 80 ms."""
    with service(tmp_path, "--no-worker") as server:
        run = asyncio.run(best(server))
    assert at(run.took, 50) < MOST_P50
    assert at(run.took, 99) < MOST_P99
