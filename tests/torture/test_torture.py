"""Agents in real processes, leases that end, processes killed and started again: nobody has the case of another, none
is lost, the audit is whole. Shortened here; in full by `make torture`.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.torture.agents import Place, processes, report, somebody
from tests.torture.working import FULL, LEASE, agent, close, now, sweeper
from triage.desk.queue.claiming import sweep, take_next
from triage.store import audit, people
from triage.store.desk_tables import CLAIMS
from triage.store.people_tables import AUDIT
from triage.store.tables import CASES

pytestmark = pytest.mark.whole


@dataclass(frozen=True)
class Size:
    """How many of each, the seconds that the agents have at most, and how often one is killed."""

    agents: int
    cases: int
    seconds: float
    kills: float


SIZE = Size(50, 2_000, 600, 0.5) if FULL else Size(6, 40, 5, 0.5)


def run(where: Place, notes: Path) -> int:
    """Lets the agents work, killing one now and then; how many were killed."""
    context, killed, chance = processes(), 0, random.Random(6)

    def started(number: int) -> BaseProcess:
        made = context.Process(target=agent, args=(where, number, notes))
        made.start()
        return made

    sweeping = context.Process(target=sweeper, args=(where,))
    sweeping.start()
    working = {number: started(number) for number in range(SIZE.agents)}
    while not any(path.stat().st_size for path in notes.iterdir()) and any(one.is_alive() for one in working.values()):
        time.sleep(0.05)  # the first of them is at work: the time counts from here
    start = time.monotonic()
    next_kill = start
    while time.monotonic() - start < SIZE.seconds and any(one.is_alive() for one in working.values()):
        time.sleep(0.05)
        if time.monotonic() > next_kill:
            number = chance.randrange(SIZE.agents)
            victim = working[number]
            if victim.is_alive() and victim.pid:
                os.kill(victim.pid, signal.SIGKILL)
                victim.join()
                killed += 1
                working[number] = started(number)
            next_kill = time.monotonic() + SIZE.kills
    for one in (*working.values(), sweeping):
        one.kill()
        one.join()
    return killed


def witnessed(notes: Path) -> Iterator[tuple[str, float, float, str]]:
    """Each case that an agent believed to hold, from when until when: they left it, or their lease was over."""
    for path in notes.iterdir():
        holding: dict[str, tuple[float, float]] = {}
        who = path.name.partition("-")[0]
        for line in path.read_text().splitlines():
            what, case_id, *moments = line.split(" ")
            if what == "holds" and len(moments) == 2:
                holding[case_id] = (float(moments[0]), float(moments[1]))
            elif what == "leaves" and case_id in holding:
                since, until = holding.pop(case_id)
                yield case_id, since, min(until, float(moments[0])), who
        yield from ((case_id, since, until, who) for case_id, (since, until) in holding.items())


def assert_apart(claims: Any) -> int:
    """No two people claim a case at once; how many claims there were."""
    by_case = defaultdict(list)
    for case_id, since, until, who in claims:
        by_case[case_id].append((since, until, who))
    for case_id, spans in by_case.items():
        for (_, until, one), (since, _, other) in pairwise(sorted(spans)):
            assert one == other or (until is not None and until <= since), (case_id, until, since)
    return sum(len(spans) for spans in by_case.values())


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_many_agents_at_once(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    where = Place(tmp_path, request.getfixturevalue("postgres") if kind == "postgresql" else "")
    office, notes = where.office(lease=LEASE / 60), tmp_path / "notes"
    notes.mkdir()
    cases = [report(office, now(), level) for level in random.Random(1).choices(["urgent", "agent"], k=SIZE.cases)]
    for number in range(SIZE.agents):
        somebody(office, number)
    start = time.monotonic()
    killed = run(where, notes)
    took = time.monotonic() - start
    later = now() + timedelta(seconds=LEASE)
    sweep(office, later)
    with office.database.read() as connection:
        claims = connection.execute(select(CLAIMS.c.case_id, CLAIMS.c.since, CLAIMS.c.until, CLAIMS.c.who)).all()
        rows = connection.execute(select(CASES)).all()
    assert killed > 0
    assert assert_apart(claims) > 0
    assert assert_apart(witnessed(notes)) > 0
    assert {row.id for row in rows} == set(cases)
    assert [row.id for row in rows if row.state == "open" and (not row.queued or row.claimed_by)] == []
    left = sum(row.state == "open" for row in rows)
    with office.database.read() as connection:
        last = people.by_login(connection, "agent0@exemple.fr")
    assert last
    while found := take_next(office, last, now() + timedelta(hours=1)):
        close(office, last, found.id)
    with office.database.read() as connection:
        closings = Counter(connection.scalars(select(AUDIT.c.case_id).where(AUDIT.c.what == "close")))
        assert list(audit.faults(connection, office.ring)) == []
    assert closings == Counter(cases)
    done = f"{SIZE.agents} agents, {len(cases)} cases, {len(claims)} claims, {killed} killed, {took:.0f} s, {left} left"
    sys.stdout.write(f"\n{kind}: {done}\n")
    office.database.close()
