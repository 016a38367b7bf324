"""What is read first: an immediate danger, then what is graver and waits longer. Delays are said as they are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from tests.desk.queue.test_claiming import minutes, standing
from tests.torture.agents import POLICIES, RULES, SERVICE, asks, report
from triage.desk.office import Office
from triage.desk.queue.policy import load_queue_policy
from triage.errors import DataError
from triage.store.desk_tables import NEWS
from triage.store.tables import CASES

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)


def order(office: Office) -> list[str]:
    with office.database.read() as connection:
        return list(connection.scalars(select(CASES.c.id).where(CASES.c.queued).order_by(CASES.c.turn, CASES.c.id)))


def test_an_immediate_danger_is_read_before_all_that_waits(office: Office) -> None:
    waiting = [
        report(office, NOW - timedelta(days=3), level, "arme", "danger_imminent") for level in ("urgent", "agent")
    ]
    new = report(office, NOW, "immediate")
    assert order(office)[0] == new
    assert set(order(office)[1:]) == set(waiting)


def test_what_is_graver_is_read_before_what_came_at_the_same_time(office: Office) -> None:
    expected = [
        report(office, NOW, "immediate", "arme"),
        report(office, NOW, "immediate"),
        report(office, NOW, "urgent", "arme"),
        report(office, NOW, "urgent"),
        report(office, NOW, "agent", "domicile_vise"),
        report(office, NOW, "agent"),
    ]
    assert order(office) == expected


def test_what_is_late_rises_above_what_is_graver_and_new(office: Office) -> None:
    old = report(office, NOW - timedelta(hours=36), "agent")
    new = report(office, NOW, "urgent")
    assert order(office) == [old, new]


def test_the_order_of_two_cases_is_their_harm_times_what_waiting_makes_of_it(office: Office) -> None:
    cases = [report(office, NOW + minutes(17 * i), level) for i, level in enumerate(["agent", "urgent", "agent"] * 3)]
    policy = POLICIES.queue
    for at in (NOW + timedelta(hours=4), NOW + timedelta(days=2)):

        def priority(case_id: str, at: datetime = at) -> float:
            case = standing(office, case_id)
            assert case.due_at
            late = (at - case.due_at) / timedelta(minutes=policy.doubling)
            return float(case.harm * 2**late)

        found = order(office)
        assert set(found) == set(cases)
        assert all(priority(first) >= priority(second) for first, second in pairwise(found))


def test_a_report_that_no_agent_has_to_read_enters_when_something_is_asked(office: Office) -> None:
    case_id = report(office, NOW, "guided")
    assert order(office) == []
    asks(office, case_id, "Que dois-je faire ?", NOW + minutes(3))
    assert standing(office, case_id).due_at == NOW + minutes(3 + POLICIES.queue.answer)
    assert order(office) == [case_id]


def test_the_desks_hear_of_what_enters_and_of_what_rises(office: Office) -> None:
    case_id = report(office, NOW, "guided")
    asks(office, case_id, "Que dois-je faire ?", NOW)
    asks(office, case_id, "Vous êtes là ?", NOW + minutes(1))
    with office.database.read() as connection:
        assert list(connection.scalars(select(NEWS.c.kind))) == ["queue"]


def test_the_delays_promised_in_words_are_those_of_the_queue() -> None:
    words = {0: "tout de suite", 60: "une heure", 1440: "24 heures"}
    assert {level: words[delay] for level, delay in POLICIES.queue.delays.items()} == SERVICE.alert.delays


def test_every_fault_of_the_policy_is_told_at_once(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    levels, flags = ["advice", "urgent", "nouveau"], [*POLICIES.queue.flags, "drapeau_nouveau"]
    with pytest.raises(DataError) as caught:
        load_queue_policy(RULES, levels, flags)
    said = str(caught.value)
    assert all(word in said for word in ("immediate", "nouveau", "drapeau_nouveau", "queue.yaml"))
