"""The blows: `kill -9`, a full disk, a clock that jumps; each is counted."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.client import HTTPException

from tests.cli.serving import PATIENCE
from tests.torture.kept import Kept, kill
from tests.torture.machine import Clock, Disk
from tests.torture.senders import get

_HOURS = (-5, -2, 3, 7)


@dataclass
class Tormentor:
    """Strikes what runs on one machine."""

    services: Sequence[Kept]  # those that answer, and workers
    database: Kept | None
    ports: Sequence[int]
    disk: Disk
    clock: Clock
    longest: float  # seconds that a full disk or a wrong clock lasts
    chance: random.Random = field(default_factory=lambda: random.Random(8))
    struck: Counter[str] = field(default_factory=Counter)

    def strike(self, seconds: float, pause: float, answered: Callable[[], int]) -> None:
        """All the blows once, in any order, then as time allows.

        Most wait until somebody was `answered` since the one before: only what works can be broken.
        """
        until, blows = time.monotonic() + seconds, self._blows()
        waiting = self.chance.sample(blows, len(blows))
        while waiting or time.monotonic() < until:
            time.sleep(self.chance.expovariate(1 / pause))
            if waiting or self.chance.random() < 0.7:
                self._wait_for(answered() + 1, answered)
            (waiting.pop() if waiting else self.chance.choice(blows))()

    def _wait_for(self, number: int, answered: Callable[[], int]) -> None:
        until = time.monotonic() + PATIENCE
        while answered() < number:
            assert time.monotonic() < until, "nobody is answered any more"
            time.sleep(0.05)

    def _blows(self) -> list[Callable[[], None]]:
        """For SQLite beside one service, killing that service is killing everything."""
        found = [self.kill_worker, self.kill_everything]
        found += [self.kill_web, self.kill_database] if self.database else []
        found += [self.fill_disk] if self.disk.small else []
        return found + ([self.move_clock] if self.clock.works else [])

    def kill_web(self) -> None:
        """One of several processes that answer, or all of a service."""
        service = self.chance.choice([one for one in self.services if one.named("serve")] or self.services)
        children = service.named("--multiprocessing-fork")
        if children and self.chance.random() < 0.5:
            kill(self.chance.choice(children))
            self.struck["web process"] += 1
        else:
            kill(service.process.pid)
            self.struck["web service"] += 1

    def kill_worker(self) -> None:
        workers = [pid for one in self.services for pid in one.named("worker")]
        for pid in self.chance.sample(workers, min(1, len(workers))):
            kill(pid)
            self.struck["worker"] += 1

    def kill_database(self) -> None:
        assert self.database
        kill(self.database.process.pid)
        self.struck["database"] += 1

    def kill_everything(self) -> None:
        """At once."""
        for one in (*self.services, *([self.database] if self.database else [])):
            kill(one.process.pid)
        self.struck["everything"] += 1

    def fill_disk(self) -> None:
        """And kills somebody meanwhile, who has to start again without any room."""
        self.disk.fill()
        self._lasting(self.chance.choice([self.kill_web, self.kill_worker, None, None]))
        self.disk.free()
        self.struck["full disk"] += 1

    def move_clock(self) -> None:
        hours = self.chance.choice(_HOURS)
        self.clock.jump(hours * 3600)
        self._lasting(None)
        self._seen(hours * 3600)
        self.clock.jump(0)
        self.struck["clock jump"] += 1

    def _lasting(self, blow: Callable[[], None] | None) -> None:
        time.sleep(self.longest * self.chance.uniform(0.3, 0.5))
        if blow:
            blow()
        time.sleep(self.longest * self.chance.uniform(0.3, 0.5))

    def _seen(self, moved: int) -> None:
        """That who answers lives at that hour; those who are being started say nothing."""
        for port in self.ports:
            try:
                told = parsedate_to_datetime(get(port, "/healthz")[1]["date"]).timestamp()
            except (OSError, HTTPException):
                continue
            assert abs(told - time.time() - moved) < 60
            self.struck["clock jump seen"] += 1
