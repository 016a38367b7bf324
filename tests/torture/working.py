"""What each process does: one agent who takes and handles cases, the worker, one who tries to take a given case.

Apart from the tests, so that a process that starts imports nothing more.
"""

from __future__ import annotations

import os
import random
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from tests.torture.agents import Place
from triage.desk import journal
from triage.desk.handling.opening import held
from triage.desk.office import DeskError, Office
from triage.desk.queue.claiming import TakenError, claim, end_claim, hand_over, release, sweep, take_next
from triage.desk.queue.moving import escalate, snooze
from triage.desk.queue.placing import place
from triage.store import people
from triage.store.database import StoreError
from triage.store.people import Person
from triage.store.tables import CASES

FULL = os.environ.get("TORTURE") == "full"
LEASE = 2.0 if FULL else 0.6  # seconds
WON, LOST = 1, 2


def now() -> datetime:
    return datetime.now(UTC)


def close(office: Office, person: Person, case_id: str) -> None:
    """The agent closes the case, which they must hold."""
    with office.database.write() as connection:
        at = now()
        held(office, connection, person, case_id, at)
        office.cases.set_state(connection, case_id, "closed", at)
        end_claim(office, connection, case_id, "closed", at)
        place(office, connection, case_id, at)
        journal.record(office, connection, person, "close", at, case_id)


class Agent:
    """One agent, who notes outside the store what they believe they hold."""

    def __init__(self, where: Place, number: int, notes: Path) -> None:
        self.office = where.office(made=True, lease=LEASE / 60)
        with self.office.database.read() as connection:
            found = people.by_login(connection, f"agent{number}@exemple.fr")
            self.others = [one.id for one in people.everybody(connection)]
            self.cases = list(connection.scalars(select(CASES.c.id)))
        assert found
        self.person, self.random = found, random.Random()
        self.notes = (notes / f"{number}-{os.getpid()}").open("a", buffering=1)

    def work(self) -> None:
        """Until nothing is open any more."""
        while True:
            case_id = self._take()
            if case_id:
                self._handle(case_id)
            elif self._over():
                return
            else:
                time.sleep(self.random.uniform(0.01, 0.1))

    def _take(self) -> str | None:
        with suppress(DeskError, StoreError):
            if self.random.random() < 0.3:
                taken = claim(self.office, self.person, self.random.choice(self.cases), now())
            else:
                found = take_next(self.office, self.person, now())
                if found is None:
                    return None
                taken = found
            assert taken.lease_until
            self.notes.write(f"holds {taken.id} {time.time()} {taken.lease_until.timestamp()}\n")
            return taken.id
        return None

    def _handle(self, case_id: str) -> None:
        way, office, person = self.random.random(), self.office, self.person
        time.sleep(self.random.uniform(0, LEASE * (1.6 if way < 0.1 else 0.05)))
        self.notes.write(f"leaves {case_id} {time.time()}\n")
        with suppress(DeskError, StoreError):
            if way < 0.65:
                close(office, person, case_id)
            elif way < 0.75:
                release(office, person, case_id, now())
            elif way < 0.85:
                hand_over(office, person, case_id, self.random.choice(self.others), now())
            elif way < 0.95:
                snooze(office, person, case_id, now() + timedelta(seconds=LEASE), "Plus tard", now())
            else:
                escalate(office, person, case_id, "immediate", "Plus grave", now())

    def _over(self) -> bool:
        with self.office.database.read() as connection:
            return not connection.scalar(select(func.count()).where(CASES.c.state == "open"))


def agent(where: Place, number: int, notes: Path) -> None:
    """The process of one agent."""
    Agent(where, number, notes).work()


def sweeper(where: Place) -> None:
    """The worker, which gives back what nobody works on."""
    office = where.office(made=True, lease=LEASE / 60)
    while True:
        with suppress(StoreError):
            sweep(office, now())
        time.sleep(LEASE / 4)


def attempt(where: Place, number: int, case_id: str, start: Any, results: Any) -> None:
    """The process of one agent who takes that case at the same moment as others."""
    office = where.office(made=True)
    with office.database.read() as connection:
        person = people.by_login(connection, f"agent{number}@exemple.fr")
    assert person
    start.wait()
    try:
        claim(office, person, case_id, now())
        results[number] = WON
    except TakenError:
        results[number] = LOST
    office.database.close()
