"""Whom an alert is sent to: the rota first, quiet hours kept where they can be, and never nobody when it presses."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from tests.desk.alerts.conftest import NOW, case, on_duty, person
from triage.desk.alerts.raising import look
from triage.desk.office import Office
from triage.store import people
from triage.store.desk_tables import DELIVERIES
from triage.store.people import Person, Scope

NIGHT = {"quiet_from": 21 * 60, "quiet_until": 7 * 60}  # it is 22 h in Paris


def told(office: Office, now: datetime = NOW) -> dict[str, datetime]:
    """Who is sent an e-mail, by login, and when."""
    look(office, now, mail=True)
    with office.database.read() as connection:
        rows = connection.execute(select(DELIVERIES.c.target, DELIVERIES.c.next_at)).all()
        return {people.get(connection, row.target).login: row.next_at for row in rows}


def test_whoever_is_on_duty_for_that_place_and_nobody_else(each_office: Office) -> None:
    for login in ("lea@exemple.fr", "paul@exemple.fr", "nina@exemple.fr"):
        person(each_office, login, Scope("35"))
    on_duty(each_office, "lea@exemple.fr", "35")
    on_duty(each_office, "paul@exemple.fr", "64")
    case(each_office, departement="35")
    assert told(each_office) == {"lea@exemple.fr": NOW}


def test_nobody_on_the_rota_means_all_the_agents_of_the_place(office: Office) -> None:
    person(office, "lea@exemple.fr", Scope("35", "police"))
    person(office, "paul@exemple.fr", Scope("35", "gendarmerie"))
    person(office, "ida@exemple.fr", Scope("64"))
    case(office, departement="35", force="police")
    assert [*told(office)] == ["lea@exemple.fr"]


def test_an_unknown_place_is_everybody_s(office: Office) -> None:
    person(office, "lea@exemple.fr", Scope("35", "police"))
    person(office, "ida@exemple.fr", Scope("64", "gendarmerie"))
    case(office)
    assert {*told(office)} == {"lea@exemple.fr", "ida@exemple.fr"}


def test_without_an_agent_it_goes_to_the_supervisors_then_to_administrators(office: Office) -> None:
    person(office, "admin@exemple.fr", role="administrator")
    person(office, "analyste@exemple.fr", role="analyst")
    case(office, departement="35")
    assert {*told(office)} == {"admin@exemple.fr"}
    person(office, "chef@exemple.fr", Scope("35"), role="supervisor")
    assert "chef@exemple.fr" in told(office, NOW + timedelta(minutes=5))


def test_who_sleeps_is_left_asleep_while_somebody_is_awake(office: Office) -> None:
    person(office, "lea@exemple.fr", **NIGHT)
    person(office, "paul@exemple.fr")
    case(office)
    assert {*told(office)} == {"paul@exemple.fr"}


def test_somebody_on_duty_is_woken(office: Office) -> None:
    person(office, "lea@exemple.fr", **NIGHT)
    person(office, "paul@exemple.fr")
    on_duty(office, "lea@exemple.fr")
    case(office)
    assert {*told(office)} == {"lea@exemple.fr"}


def test_when_all_sleep_what_presses_wakes_the_agents_not_the_administrator(office: Office) -> None:
    person(office, "lea@exemple.fr", **NIGHT)
    person(office, "admin@exemple.fr", role="administrator")
    case(office)
    assert told(office) == {"lea@exemple.fr": NOW}


def test_what_does_not_press_waits_until_the_morning(office: Office) -> None:
    person(office, "chef@exemple.fr", role="supervisor", **NIGHT)
    case(office, "urgent", now=NOW - timedelta(hours=3))
    assert told(office) == {"chef@exemple.fr": NOW + timedelta(hours=9)}  # 7 h in Paris


def test_no_e_mail_is_no_e_mail(office: Office) -> None:
    person(office, "lea@exemple.fr", alerts=False)
    person(office, "chef@exemple.fr", role="supervisor")
    case(office)
    assert {*told(office)} == {"chef@exemple.fr"}


def test_after_some_rounds_the_rota_is_left_aside(office: Office) -> None:
    person(office, "lea@exemple.fr")
    person(office, "paul@exemple.fr")
    on_duty(office, "lea@exemple.fr")
    case(office)
    every = timedelta(minutes=office.policies.alerts.kinds["immediate"].every)
    rounds = [{*told(office, NOW + i * every)} for i in range(office.policies.alerts.widen_at)]
    assert rounds[-2:] == [{"lea@exemple.fr"}, {"lea@exemple.fr", "paul@exemple.fr"}]


def test_who_is_kept_out_of_a_case_is_not_told_of_it(office: Office) -> None:
    mine = person(office, "lea@exemple.fr")
    person(office, "paul@exemple.fr")
    with office.database.write() as connection:
        people.change(connection, mine.id, unit="brigade-1")
    case(office, concerns="brigade-1")
    assert {*told(office)} == {"paul@exemple.fr"}


def test_somebody_disabled_is_never_told(office: Office) -> None:
    gone: Person = person(office, "lea@exemple.fr")
    with office.database.write() as connection:
        people.change(connection, gone.id, state="disabled")
    on_duty(office, "lea@exemple.fr")
    person(office, "paul@exemple.fr")
    case(office)
    assert {*told(office)} == {"paul@exemple.fr"}
