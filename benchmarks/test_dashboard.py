"""The dashboard at 200,000 closed cases on PostgreSQL: each of its queries under 300 ms; a pass of alerts as well.

make bench
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.conftest import postgres  # noqa: F401 (a fixture)
from tests.web.desk.conftest import Desk
from triage.bootstrap import build_engine
from triage.desk.alerts.raising import look
from triage.desk.supervising.dashboard import Asked, dashboard, steps
from triage.settings import Settings
from triage.store import figures
from triage.store.figures import Cut
from triage.store.people import Scope

OPEN, CLOSED = 10_000, 200_000
MOST = 0.300

_CASES = """
INSERT INTO cases (id, received_at, changed_at, level_since, state, level, rank, types, flags, departement, force,
                   queued, due_at, turn, harm, closed_at, first_claimed_at)
SELECT md5('{state}' || i), at, at, at, '{state}', level, rank,
       (ARRAY['menace', 'raid', 'menace chantage', 'usurpation raid'])[1 + i % 4], '',
       lpad((1 + i % 95)::text, 2, '0'), CASE WHEN i % 3 = 0 THEN 'police' ELSE 'gendarmerie' END,
       {queued}, at + interval '1 day', at, 60, {closed}, {claimed}
FROM (SELECT i, now() - interval '1 minute' * (i * {minutes}) AS at,
             (ARRAY['immediate', 'urgent', 'agent', 'agent', 'guided'])[1 + i % 5] AS level, 4 - i % 5 AS rank
      FROM generate_series(1, {number}) AS i) AS made
"""
_CLAIMS = """
INSERT INTO claims (id, case_id, who, since, until, ended)
SELECT md5(id), id, 'x', first_claimed_at, closed_at, 'closed'
FROM cases WHERE state = 'closed'
"""
_DECISIONS = """
INSERT INTO decisions (id, case_id, at, by, kind, level_before, level, types_before, types, flags_before, flags,
                       sources, rules, reason)
SELECT md5('d' || id), id, closed_at, 'x', 'corrected', level, 'agent', types, 'menace', '', '', 'raid=model', '', ''
FROM cases WHERE state = 'closed'
"""


@pytest.fixture
def full(postgres: str, tmp_path: Path) -> Iterator[Desk]:  # noqa: F811
    """A desk on a store that holds two years of cases, and 10,000 that wait."""
    desk = Desk(build_engine(Settings()), tmp_path, database=postgres)
    claimed = "at + interval '1 second' * (random() * 9000)"
    kinds = [
        ("open", "true", "NULL", "NULL", 2, OPEN),
        ("closed", "false", "at + interval '5 hours'", claimed, 5, CLOSED),
    ]
    with desk.office.database.write() as connection:
        for state, queued, closed, claimed, minutes, number in kinds:
            values = {
                "state": state,
                "queued": queued,
                "closed": closed,
                "claimed": claimed,
                "minutes": minutes,
                "number": number,
            }
            connection.execute(text(_CASES.format(**values)))
        connection.execute(text(_CLAIMS))
        connection.execute(text(_DECISIONS))
    with desk.office.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    yield desk
    desk.close()


def timed(name: str, work: Callable[[], object], rounds: int = 3) -> float:
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    print(f"{name}: {min(taken) * 1000:.0f} ms")
    return min(taken)


def test_each_query_of_the_dashboard(full: Desk) -> None:
    office, now = full.office, datetime.now(UTC)
    allowed = {level: timedelta(minutes=most) for level, most in office.policies.queue.delays.items()}
    for period in office.policies.dashboard.periods:
        cut = Cut(steps(period, now), (Scope(),))
        with office.database.read() as connection:
            figures.make_room(connection)  # as the dashboard does
            taken = {
                "waits": timed(f"waits {period.days}", partial(figures.waits, connection, cut)),
                "handlings": timed(f"handlings {period.days}", partial(figures.handlings, connection, cut)),
                "intakes": timed(f"intakes {period.days}", partial(figures.intakes, connection, cut, now, allowed)),
                "types": timed(f"types {period.days}", partial(figures.types, connection, cut)),
                "places": timed(f"places {period.days}", partial(figures.places, connection, cut)),
                "decided": timed(f"decided {period.days}", partial(figures.levels_decided, connection, cut)),
                "corrections": timed(f"corrections {period.days}", partial(figures.corrections, connection, cut)),
            }
        assert {name: seconds for name, seconds in taken.items() if seconds > MOST} == {}
    who = full.person("analyst")
    for period in office.policies.dashboard.periods:
        timed(f"whole page {period.days}", partial(dashboard, office, who, Asked(period), now))


def test_a_pass_of_alerts(full: Desk) -> None:
    office, now = full.office, datetime.now(UTC)
    for role in ("agent", "supervisor"):
        full.person(role)
    start = time.perf_counter()
    look(office, now, mail=True)
    print(f"first pass, {OPEN} late cases: {time.perf_counter() - start:.2f} s")
    timed("next pass", lambda: look(office, now, mail=True))
