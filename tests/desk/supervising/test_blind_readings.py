"""What blind readings say: how many reports were missed, weighted by day, and how far readers agree."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from tests.desk.alerts.conftest import case
from tests.desk.handling.cast import somebody
from tests.desk.supervising.test_figures import HOUR, NOW
from triage.desk.office import Office
from triage.desk.supervising.agreement import TOO_FEW, agreements, told
from triage.desk.supervising.dashboard import Asked, dashboard
from triage.desk.supervising.undertriage import TOO_SMALL, undertriage
from triage.store.cases import new_id
from triage.store.desk_tables import RULINGS, SAMPLE_READS, SAMPLES
from triage.store.figures import Cut
from triage.store.people import Scope

ACTING = {"immediate", "urgent", "agent"}
CUT = Cut((NOW - timedelta(days=20), NOW + HOUR), (Scope(),))


def drawn(
    office: Office,
    *levels: str,
    day: str = "2026-11-20",
    of: int = 100,
    departement: str = "35",
    ruled: str = "",
    purpose: str = "calm",
    types: tuple[str, ...] = (),
    readers: tuple[str, ...] = (),
) -> None:
    """A report drawn on a day, what each reader found of it, and what was decided between them."""
    case_id, sample = case(office, "advice", departement, now=NOW - 9 * HOUR), new_id()
    about: dict[str, Any] = {
        "id": sample,
        "case_id": case_id,
        "day": day,
        "drawn_at": NOW,
        "population": of,
        "drawn": 1,
    }
    with office.database.write() as connection:
        connection.execute(insert(SAMPLES).values(purpose=purpose, **about))
        for i, level in enumerate(levels):
            row = {"id": new_id(), "case_id": case_id, "sample_id": sample, "level": level, "note": b""}
            row |= {"types": types[i] if types else "menace", "person_id": readers[i] if readers else new_id()}
            connection.execute(insert(SAMPLE_READS).values(at=NOW - HOUR + timedelta(minutes=i), **row))
        if ruled:
            row = {"id": new_id(), "case_id": case_id, "sample_id": sample, "person_id": new_id()}
            connection.execute(
                insert(RULINGS).values(at=NOW, level=ruled, types="menace", flags="", seen="", reason=b"", **row)
            )


def test_each_day_counts_for_all_the_reports_it_had(each_office: Office) -> None:
    for level in ("urgent", "advice", "advice", "advice"):
        drawn(each_office, level, level, of=100)
    for _ in range(2):
        drawn(each_office, "advice", "advice", day="2026-11-21", of=10)
    drawn(each_office, day="2026-11-22", of=50)
    drawn(each_office, "urgent", "urgent", purpose="teaching")
    with each_office.database.read() as connection:
        found = undertriage(connection, CUT, ACTING, 6)
    assert found.estimate.share == pytest.approx(25 / 110) and found.estimate.population == 110
    assert (found.estimate.read, found.estimate.found) == (6, 1)
    assert (found.days, found.unread, found.conclusive) == (3, 1, True)


@pytest.mark.parametrize(
    ("levels", "ruled", "missed"),
    [
        (("urgent", "advice"), "", 1),
        (("urgent", "advice"), "advice", 0),
        (("advice", "guided"), "agent", 1),
        (("advice",), "", 0),
    ],
    ids=["not settled: the graver", "settled: nothing", "settled: an agent", "one reader"],
)
def test_what_counts_as_missed(office: Office, levels: tuple[str, ...], ruled: str, missed: int) -> None:
    drawn(office, *levels, ruled=ruled)
    with office.database.read() as connection:
        assert undertriage(connection, CUT, ACTING, 1).estimate.found == missed


def test_a_place_is_weighted_by_what_was_read_everywhere(office: Office) -> None:
    drawn(office, "urgent", "urgent", departement="35")
    drawn(office, "advice", "advice", departement="13")
    mine = Cut(CUT.edges, (Scope("35", ""),))
    with office.database.read() as connection:
        found = undertriage(connection, mine, ACTING, 1).estimate
    assert (found.share, found.population, found.read) == (1.0, 50, 1)


def test_the_dashboard_says_when_too_little_was_read(office: Office) -> None:
    drawn(office, "urgent", "advice")
    asked = Asked(office.policies.dashboard.periods[0])
    found = {one.id: one for one in dashboard(office, somebody(office, "analyst"), asked, NOW + HOUR)}
    assert ("Part des récits manqués", TOO_SMALL, "") in found["sous-triage"].rows
    for _ in range(office.policies.conduct.sampling.conclusive):
        drawn(office, "advice", "advice", of=610)
    found = {one.id: one for one in dashboard(office, somebody(office, "analyst"), asked, NOW + HOUR)}
    label, value, interval = found["sous-triage"].rows[3]
    assert (label, value, interval) == ("Part des récits manqués", "1,6 %", "0,0 % à 8,8 %")


def test_readers_agree_all_together_and_by_pair(each_office: Office) -> None:
    policy, (a, b, c) = each_office.engine.assessor.policy, (new_id() for _ in range(3))
    for i in range(12):
        same = ("menace", "menace") if i % 2 else ("injure", "injure raid")
        drawn(each_office, "urgent", "urgent" if i else "agent", types=same, readers=(a, b), purpose="teaching")
    drawn(each_office, "advice", "urgent", types=("menace", "raid"), readers=(c, a))
    drawn(each_office, "advice", types=("menace",), readers=(b,))
    with each_office.database.read() as connection:
        whole, first, last = agreements(connection, CUT, policy, 10, {a: "Ana", b: "Bob"})
        (alone,) = agreements(connection, CUT, policy, 10)
    assert (whole.pairs, whole.names, alone.names) == (13, (), ())
    assert first.pairs == 12 and set(first.names) == {"Ana", "Bob"} and first.primary is not None
    assert first.primary.kappa == 1 and told(first.primary) == "1,00 (de 0,47 à 1,00)"
    assert (last.pairs, last.primary, told(last.level)) == (1, None, TOO_FEW)
    assert set(last.names) == {"Ana", "Compte supprimé"}
