"""Which cases raise an alert, until when; what is found after a crash; two workers at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.desk.alerts.conftest import NOW, case, person
from triage.desk.alerts.raising import look
from triage.desk.office import Office
from triage.desk.queue import claiming
from triage.store.desk_tables import ALERTS, DELIVERIES, EXCLUSIONS, NEWS
from triage.store.people import Scope

MINUTE = timedelta(minutes=1)


def alerts(office: Office, still: bool = True) -> list[tuple[str, str]]:
    """The alerts that are open, by kind and case."""
    with office.database.read() as connection:
        query = select(ALERTS.c.kind, ALERTS.c.case_id)
        rows = connection.execute(query.where(ALERTS.c.ended_at.is_(None)) if still else query).all()
    return sorted((row.kind, row.case_id) for row in rows)


def sent(office: Office) -> list[str]:
    """Whom the deliveries are for, in their order."""
    with office.database.read() as connection:
        return [*connection.scalars(select(DELIVERIES.c.target).order_by(DELIVERIES.c.next_at)).all()]


def test_an_immediate_case_rings_until_somebody_claims_it(each_office: Office) -> None:
    agent = person(each_office, "lea@exemple.fr")
    found = case(each_office)
    look(each_office, NOW, mail=True)
    look(each_office, NOW + MINUTE, mail=True)  # not yet time to ring again
    assert (alerts(each_office), sent(each_office)) == ([("immediate", found)], [agent.id])
    with each_office.database.read() as connection:
        about = connection.execute(select(NEWS.c.about, NEWS.c.case_id).where(NEWS.c.kind == "alert")).all()
    assert [(one.about, one.case_id) for one in about] == [("Un dossier attend d'être pris tout de suite.", found)]
    claiming.claim(each_office, agent, found, NOW + 2 * MINUTE)
    look(each_office, NOW + 3 * MINUTE, mail=True)
    assert alerts(each_office) == []
    with each_office.database.read() as connection:
        assert connection.scalars(select(ALERTS.c.ended)).all() == ["claimed"]


def test_it_rings_again_when_the_claim_ends_and_nothing_was_done(office: Office) -> None:
    agent = person(office, "lea@exemple.fr")
    found = case(office)
    look(office, NOW, mail=True)
    claiming.claim(office, agent, found, NOW)
    look(office, NOW + MINUTE, mail=True)
    later = NOW + timedelta(minutes=office.policies.queue.lease + 1)
    claiming.sweep(office, later)
    look(office, later, mail=True)
    assert ("immediate", found) in alerts(office)


def test_put_off_it_is_silent_and_comes_back_by_itself(office: Office) -> None:
    person(office, "lea@exemple.fr")
    found = case(office, "urgent", now=NOW - timedelta(hours=2))
    with office.database.write() as connection:
        office.cases.stand(connection, found, snoozed_until=NOW + 30 * MINUTE)
    look(office, NOW, mail=True)
    assert alerts(office) == []
    look(office, NOW + 30 * MINUTE, mail=True)
    assert alerts(office) == [("late", found)]


def test_unclaimed_for_long_it_goes_to_the_supervisors(office: Office) -> None:
    person(office, "lea@exemple.fr", Scope("35"))
    chief = person(office, "chef@exemple.fr", Scope("35"), role="supervisor")
    far = person(office, "loin@exemple.fr", Scope("64"), role="supervisor")
    found = case(office, departement="35")
    look(office, NOW, mail=True)
    assert chief.id not in sent(office)
    after = NOW + office.policies.alerts.unclaimed_after * MINUTE
    look(office, after, mail=True)
    assert ("unclaimed", found) in alerts(office)
    assert chief.id in sent(office)
    assert far.id not in sent(office)


def test_a_late_case_is_told_to_the_supervisors_once_past_its_time(each_office: Office) -> None:
    chief = person(each_office, "chef@exemple.fr", role="supervisor")
    found = case(each_office, "urgent")
    hour = timedelta(minutes=each_office.policies.queue.delays["urgent"])
    look(each_office, NOW + hour, mail=True)
    assert alerts(each_office) == []
    look(each_office, NOW + hour + MINUTE, mail=True)
    assert (alerts(each_office), sent(each_office)) == ([("late", found)], [chief.id])
    claiming.claim(each_office, chief, found, NOW + hour + 2 * MINUTE)
    look(each_office, NOW + hour + 3 * MINUTE, mail=True)
    assert alerts(each_office) == []


def test_a_case_that_nobody_may_see_is_told_to_administrators(each_office: Office) -> None:
    agent = person(each_office, "lea@exemple.fr", Scope("35"))
    admin = person(each_office, "admin@exemple.fr", role="administrator")
    far = case(each_office, "agent", departement="64")
    near = case(each_office, "agent", departement="35")
    look(each_office, NOW, mail=True)
    assert (alerts(each_office), sent(each_office)) == ([("uncovered", far)], [admin.id])
    with each_office.database.write() as connection:  # the only one who could see it is kept out
        row = {"id": 32 * "e", "case_id": near, "person_id": agent.id, "at": NOW, "by": agent.id, "reason": b""}
        connection.execute(EXCLUSIONS.insert().values(**row))
    look(each_office, NOW + MINUTE, mail=True)
    assert alerts(each_office) == sorted([("uncovered", far), ("uncovered", near)])
    person(each_office, "paul@exemple.fr")
    look(each_office, NOW + 2 * MINUTE, mail=True)
    assert alerts(each_office) == []


def test_two_workers_at_once_raise_and_ring_once(each_office: Office) -> None:
    agent = person(each_office, "lea@exemple.fr")
    made = sorted(("immediate", case(each_office)) for _ in range(5))
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(look, each_office, NOW, True) for _ in range(4)]:
            done.result()
    assert alerts(each_office) == made
    assert sent(each_office) == 5 * [agent.id]


def test_more_cases_than_one_transaction_takes(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage.desk.alerts.raising._BATCH", 3)
    person(office, "lea@exemple.fr")
    made = sorted(("immediate", case(office)) for _ in range(8))
    look(office, NOW, mail=True)
    assert alerts(office) == made
    assert len(sent(office)) == 8


def test_an_erased_case_leaves_no_alert(office: Office) -> None:
    person(office, "lea@exemple.fr")
    found = case(office)
    look(office, NOW, mail=True)
    with office.database.write() as connection:
        office.cases.erase(connection, found, NOW)
    assert (alerts(office, still=False), sent(office)) == ([], [])


def test_alerts_that_ended_long_ago_are_forgotten(office: Office) -> None:
    agent = person(office, "lea@exemple.fr")
    found = case(office)
    look(office, NOW, mail=True)
    claiming.claim(office, agent, found, NOW)
    look(office, NOW, mail=True)
    kept = timedelta(days=office.policies.alerts.kept)
    with office.database.write() as connection:
        office.cases.set_state(connection, found, "closed", NOW)
        office.cases.stand(connection, found, queued=False)
    look(office, NOW + kept, mail=True)
    assert alerts(office, still=False) == [("immediate", found)]
    look(office, NOW + kept + MINUTE, mail=True)
    assert (alerts(office, still=False), sent(office)) == ([], [])
