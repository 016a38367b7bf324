"""Whatever agents do, in whatever order: a case that needs one is held, waits, or comes back by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.conftest import office_at
from tests.desk.alerts.conftest import NOW, case, person
from triage.desk.alerts.raising import look
from triage.desk.office import DeskError, Office
from triage.desk.queue import claiming, moving
from triage.engine import Engine
from triage.errors import TriageError
from triage.store.desk_tables import ALERTS
from triage.store.people import Person

ACTS = ("claim", "release", "hand", "snooze", "escalate", "next")
LEVELS = ("immediate", "urgent", "agent")
steps = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.integers(0, 1), st.sampled_from((1, 20, 90, 1500))),
    max_size=14,
)


@contextmanager
def desk(engine: Engine) -> Iterator[Office]:
    with TemporaryDirectory() as folder:
        office = office_at(engine, Path(folder))
        yield office
        office.database.close()


@pytest.mark.whole
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=steps)
def test_nothing_is_ever_dropped(engine: Engine, acts: list[tuple[str, int, int, int]]) -> None:
    with desk(engine) as office:
        people = [person(office, "lea@exemple.fr"), person(office, "chef@exemple.fr", role="supervisor")]
        cases = [case(office, level) for level in LEVELS]
        now = NOW
        for act, which, who, minutes in acts:
            now += timedelta(minutes=minutes)
            perform(office, act, people[who], people[1 - who], cases[which], now)
            claiming.sweep(office, now)
            look(office, now, mail=True)
            check(office, cases, now)


def perform(office: Office, act: str, one: Person, other: Person, case_id: str, now: datetime) -> None:
    """One act of an agent; what is refused changes nothing."""
    try:
        if act == "claim":
            claiming.claim(office, one, case_id, now)
        elif act == "release":
            claiming.release(office, one, case_id, now)
        elif act == "hand":
            claiming.hand_over(office, one, case_id, other.id, now)
        elif act == "snooze":
            moving.snooze(office, one, case_id, now + timedelta(hours=2), "Rappel convenu.", now)
        elif act == "escalate":
            moving.escalate(office, one, case_id, "immediate", "Nouveau fait.", now)
        else:
            claiming.take_next(office, one, now)
    except (DeskError, TriageError):
        pass


def check(office: Office, cases: list[str], now: datetime) -> None:
    with office.database.read() as connection:
        told = {
            (row.kind, row.case_id) for row in connection.execute(select(ALERTS).where(ALERTS.c.ended_at.is_(None)))
        }
        for case_id in cases:
            one = office.cases.standing(connection, case_id)
            held, asleep = one.held_by(now), one.snoozed_until is not None and one.snoozed_until > now
            assert one.state == "open" and one.queued and one.due_at is not None and one.turn is not None
            assert held or asleep or one.claimed_by is None
            due = one.due_at + office.policies.alerts.allowed(one.level) < now
            if due and not asleep:
                assert {("late", case_id), ("immediate", case_id)} & told
            if one.level == "immediate" and not held and not asleep and one.due_at <= now:
                assert ("immediate", case_id) in told
            if held:
                assert ("immediate", case_id) not in told
