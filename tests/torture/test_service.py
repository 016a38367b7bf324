"""The whole service in real processes, on both databases, while it is torn down: what was acknowledged is there
afterwards, with its evidence, exactly once. Shortened here; in full by `make torture`.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import pytest

from tests.cli.serving import Guichet, WorkerAlone
from tests.torture import verdict
from tests.torture.agents import Place
from tests.torture.blows import Tormentor
from tests.torture.cluster import Cluster
from tests.torture.kept import Kept
from tests.torture.machine import Clock, Disk, small_disk
from tests.torture.reader import Reader
from tests.torture.senders import Log, Sender, get
from tests.torture.working import FULL
from tests.web.serving import missing

pytestmark = pytest.mark.whole


@dataclass(frozen=True)
class Size:
    """Seconds that it lasts, between two blows, and that a blow may last; senders, and seconds between two reports."""

    seconds: float
    pause: float
    longest: float
    senders: int
    pace: float
    disk: int  # megabytes


SIZE = Size(300, 4, 12, 6, 3.0, 800) if FULL else Size(10, 0.7, 2.5, 4, 1.0, 250)


@dataclass(frozen=True)
class Stage:
    """What runs, and on what."""

    where: Place
    services: list[Kept]
    database: Kept | None
    ports: list[int]
    disk: Disk
    clock: Clock

    def ready(self) -> bool:
        """Whether all that answers can keep reports."""
        try:
            return all(get(port, "/readyz")[0] == 200 for port in self.ports)
        except OSError:
            return False


@contextmanager
def stage(kind: str, logs: Path) -> Iterator[Stage]:
    """SQLite: one `triage serve` with its worker. PostgreSQL: a service of two processes behind a kept socket, another
    one on a port of its own when there is time, and a worker alone.
    """
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(SIZE.disk))
        clock = Clock(logs)
        database = None
        data = disk.folder / "data"
        data.mkdir()
        where = Place(data)
        if kind == "postgresql":
            cluster = Cluster(disk.folder, logs)
            database = Kept(cluster.start)
            stack.callback(database.end)
            cluster.make_store()
            where = Place(data, cluster.address)
        environment = {"TRIAGE_DATA": str(data), "TRIAGE_DATABASE": where.database, **clock.environment}

        def kept(make: type[Guichet], *words: str, listener: socket.socket | None = None) -> Kept:
            def started() -> subprocess.Popen[str]:
                return stack.enter_context(make(logs, *words, kept=listener, **environment)).process

            service = Kept(started)
            stack.callback(service.end)
            return service

        if kind == "sqlite":
            ports = [free_port()]
            services = [kept(Guichet, "--port", str(ports[0]))]
        else:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=1024))
            ports = [listener.getsockname()[1], *([free_port()] if FULL else [])]
            services = [kept(Guichet, "--no-worker", "--processes", "2", listener=listener), kept(WorkerAlone)]
            services += [kept(Guichet, "--no-worker", "--port", str(port)) for port in ports[1:]]
        yield Stage(where, services, database, ports, disk, clock)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def figures(log: Log, tormentor: Tormentor, seconds: float) -> str:
    """What happened."""
    took = sorted(one.took for one in log.acknowledged)
    cuts = quantiles(took, n=100, method="inclusive")
    sent, tries = len(log.acknowledged) + len(log.unknown), sum(one.tries for one in log.acknowledged + log.unknown)
    return (
        f"{seconds:.0f} s; {sent} reports sent in {tries} tries: {len(log.acknowledged)} acknowledged, "
        f"{len(log.unknown)} unknown; {dict(log.counts)}; struck: {dict(tormentor.struck)}; "
        f"until acknowledged, p50 {cuts[49]:.2f} s, p99 {cuts[98]:.2f} s, most {took[-1]:.1f} s"
    )


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_acknowledged_is_lost(kind: str, tmp_path: Path) -> None:
    log, over = Log(), threading.Event()
    with stage(kind, tmp_path) as there:
        if not there.disk.small:
            sys.stdout.write("\nDISQUE PLEIN NON ESSAYÉ : un petit système de fichiers ne peut pas être monté ici\n")
        if not there.clock.works:
            missing("Le compilateur C est absent", "installez le paquet « gcc »")
        verdict.wait_for(there.ready, "the service does not start")
        tormentor = Tormentor(there.services, there.database, there.ports, there.disk, there.clock, SIZE.longest)
        reader = Reader(there.where, there.ports[0], over)
        senders = [Sender(there.ports, log, over, SIZE.pace, seed) for seed in range(SIZE.senders)]
        began = time.monotonic()
        try:
            for one in (reader, *senders):
                one.start()
            tormentor.strike(SIZE.seconds, SIZE.pause, lambda: len(log.acknowledged))
        finally:
            over.set()
            for one in (reader, *senders):
                one.join()
        seconds = time.monotonic() - began
        sys.stdout.write(f"\n{kind}: {figures(log, tormentor, seconds)}\n")
        back = verdict.wait_for(there.ready, "the service does not come back")
        with closing(verdict.Held(there.where)) as held:
            judge(there, log, reader, held, back)


def judge(there: Stage, log: Log, reader: Reader, held: verdict.Held, back: float) -> None:
    """All is there."""
    drained = verdict.wait_for(lambda: held.unread() == 0, "evidence waits and is not read")
    assert log.wrong == []
    texts, acknowledged = held.texts(), Counter(one.text for one in log.acknowledged)
    unknown = {one.text for one in log.unknown}
    assert acknowledged - texts == Counter()
    assert set(texts) <= acknowledged.keys() | unknown
    assert [text for text, times in texts.items() if times > 1] == []
    assert len({one.receipt for one in log.acknowledged}) == len(log.acknowledged)
    found = verdict.all_found(log.acknowledged, there.ports[0])
    assert held.undecided() == []
    assert Counter(reader.shown) - held.views() == Counter()
    states = held.states()
    checked, audit = verdict.said(there.where, "db", "check"), verdict.said(there.where, "audit", "verify")
    sys.stdout.write(
        f"found: {found} of {len(log.acknowledged)} acknowledged, {len(unknown & texts.keys())} of {len(unknown)} "
        f"unknown; read at the desk: {len(reader.shown)}; evidence: {dict(states)}; back in {back:.1f} s, evidence "
        f"read {drained:.1f} s later\n{checked}\n{audit}\n"
    )
