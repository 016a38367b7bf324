"""The queue at 10,000 open and 200,000 closed cases on PostgreSQL: the page under 100 ms, a claim under 30 ms.

make bench
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from secrets import token_bytes
from statistics import quantiles

import pytest
from sqlalchemy import select, text

from tests.conftest import postgres  # noqa: F401 (a fixture)
from tests.web.desk.conftest import Desk
from triage.bootstrap import build_engine
from triage.desk.queue.claiming import claim, take_next
from triage.settings import Settings
from triage.store.people import Scope
from triage.store.tables import CASES
from triage.web.desk.filters import as_text

OPEN, CLOSED = 10_000, 200_000
PAGE, CLAIM = 0.100, 0.030
ROUNDS = 60

_CASES = """
INSERT INTO cases (id, received_at, changed_at, level_since, state, level, rank, types, flags, departement, force,
                   told, queued, due_at, turn, harm, closed_at)
SELECT md5('{state}' || i), at, at, at, '{state}', level, rank, 'menace', 'domicile_vise',
       lpad((1 + i % 95)::text, 2, '0'), CASE WHEN i % 3 = 0 THEN 'police' ELSE 'gendarmerie' END, :told, {queued},
       at + interval '1 hour', at - interval '10 hours' * rank, 60, {closed}
FROM (SELECT i, now() - interval '1 minute' * (i % 20000) AS at,
             (ARRAY['immediate', 'urgent', 'agent', 'agent', 'agent'])[1 + i % 5] AS level, 4 - i % 5 AS rank
      FROM generate_series(1, :number) AS i) AS made
"""
_CLAIMS = """
INSERT INTO claims (id, case_id, who, since, until, ended)
SELECT md5(id), id, 'x', received_at, closed_at, 'closed' FROM cases WHERE state = 'closed'
"""
_MESSAGES = """
INSERT INTO messages (id, case_id, at, by, text)
SELECT md5('m' || id), id, received_at, 'official', :text FROM cases WHERE rank = 4
"""


@pytest.fixture
def full(postgres: str, tmp_path: Path) -> Iterator[Desk]:  # noqa: F811
    """A desk on a store that holds years of cases."""
    desk = Desk(build_engine(Settings()), tmp_path, database=postgres)
    wrapped = desk.office.ring.new_case_key()
    told = desk.office.ring.sealer(wrapped).seal(b'{"text": "Un recit."}')
    with desk.office.database.write() as connection:
        for state, number, queued, closed in (("open", OPEN, "true", "NULL"), ("closed", CLOSED, "false", "at")):
            query = _CASES.format(state=state, queued=queued, closed=closed)
            connection.execute(text(query), {"told": told, "number": number})
        connection.execute(text("INSERT INTO case_keys SELECT id, :key FROM cases"), {"key": wrapped})
        connection.execute(text(_CLAIMS))
        connection.execute(text(_MESSAGES), {"text": token_bytes(40)})
    with desk.office.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    yield desk
    desk.close()


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def told(name: str, seconds: list[float]) -> float:
    """Prints the figures of one measure; the first quartile, for the machine may be busy with something else."""
    first, middle, _ = quantiles(seconds, n=4)
    print(
        f"{name}: median {middle * 1000:.1f} ms, quartile {first * 1000:.1f} ms, slowest {max(seconds) * 1000:.1f} ms"
    )
    return first


def test_the_desk_at_full_size(full: Desk) -> None:
    print()
    here = full.person("agent", Scope("35"), Scope("29", "gendarmerie"))
    pages = {
        "queue, everywhere": (full.person("supervisor"), "/desk"),
        "queue, two départements": (here, "/desk"),
        "queue, filtered by type, late": (here, "/desk?vue=retard&type=menace"),
        "queue, all of it, from the middle": (full.person("supervisor"), "/desk?vue=tous&apres={}"),
        "search by reference": (here, "/desk?q=abcd"),
    }
    with full.office.database.read() as connection:
        turns = connection.execute(select(CASES.c.turn, CASES.c.id).where(CASES.c.queued).order_by(CASES.c.turn)).all()
    middle = as_text((turns[OPEN // 2].turn, turns[OPEN // 2].id))
    for name, (person, path) in pages.items():
        browser = full.browser(person)
        asked = path.format(middle)
        assert browser.get(asked).status_code == 200
        assert told(name, [timed(partial(browser.get, asked)) for _ in range(ROUNDS)]) < PAGE, name

    def moment() -> datetime:
        return datetime.now(UTC)

    everywhere = full.person()
    ids = [row.id for row in turns[-ROUNDS:]]
    assert told("claim", [timed(partial(claim, full.office, everywhere, one, moment())) for one in ids]) < CLAIM
    nexts = [timed(partial(take_next, full.office, here, moment())) for _ in range(ROUNDS)]
    assert told("take the next, two départements", nexts) < CLAIM
