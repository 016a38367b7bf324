"""The rota: every agent sees it, supervisors change it in their places, and it says who is there now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.web.desk.conftest import Desk
from triage.desk import duty
from triage.desk.people import sessions
from triage.intake.moment import in_paris
from triage.store.people import Scope
from triage.store.people_tables import AUDIT, SESSIONS


def typed(hours: int) -> str:
    """A moment so many hours from now, as a browser sends it."""
    return f"{in_paris(datetime.now(UTC) + timedelta(hours=hours)):%Y-%m-%dT%H:%M}"


def form(who: str, **fields: str) -> dict[str, str]:
    return {"login": who, "departement": "35", "force": "", "starts": typed(-1), "ends": typed(8), **fields}


def test_a_supervisor_adds_and_removes_and_agents_see(desk: Desk) -> None:
    lea = desk.person("agent", Scope("35"), login="lea@exemple.fr")
    chief = desk.browser(desk.person("supervisor", Scope("35")))
    answer = chief.post("/desk/gardes", data=form("lea@exemple.fr"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/gardes")
    shown = desk.browser(lea).get("/desk/gardes").text
    assert lea.name in shown and "en cours" in shown and "Ajouter une garde" not in shown
    shift = duty.shifts(desk.office.database, datetime.now(UTC))[0]
    assert (shift.who, shift.departement, shift.force) == ("lea@exemple.fr", "35", "")
    assert desk.browser(lea).post(f"/desk/gardes/{shift.id}/retirer").status_code == 403
    assert chief.post(f"/desk/gardes/{shift.id}/retirer").status_code == 303
    assert duty.shifts(desk.office.database, datetime.now(UTC)) == []
    with desk.office.database.read() as connection:
        done = connection.scalars(select(AUDIT.c.what).where(AUDIT.c.what.like("duty.%")).order_by(AUDIT.c.seq)).all()
    assert done == ["duty.add", "duty.remove"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"login": "inconnu@exemple.fr"}, "Choisissez une personne"),
        ({"departement": ""}, "dépasse votre ressort"),
        ({"departement": "64"}, "dépasse votre ressort"),
        ({"departement": "999"}, "n&#39;existe pas"),
        ({"force": "armee"}, "n&#39;existe pas"),
        ({"starts": typed(-9), "ends": typed(-1)}, "déjà finie"),
        ({"starts": typed(8), "ends": typed(4)}, "finit avant de commencer"),
        ({"ends": typed(24 * 366)}, "72 heures"),
        ({"starts": "demain"}, "date et heure"),
    ],
)
def test_what_will_not_do_is_said_and_what_was_typed_is_kept(desk: Desk, fields: dict[str, str], said: str) -> None:
    desk.person("agent", Scope("35"), login="lea@exemple.fr")
    chief = desk.browser(desk.person("supervisor", Scope("35")))
    answer = chief.post("/desk/gardes", data=form("lea@exemple.fr", **fields))
    assert answer.status_code == 400 and said in answer.text
    if "login" not in fields:
        assert '<option value="lea@exemple.fr" selected>' in answer.text
    assert duty.shifts(desk.office.database, datetime.now(UTC)) == []


def test_an_analyst_or_another_place_s_supervisor_is_never_put_on_duty(desk: Desk) -> None:
    desk.person("analyst", login="ana@exemple.fr")
    desk.person("agent", Scope("64"), login="ida@exemple.fr")
    chief = desk.browser(desk.person("supervisor", Scope("35")))
    assert "Choisissez une personne" in chief.post("/desk/gardes", data=form("ana@exemple.fr")).text
    assert "ne couvre pas" in chief.post("/desk/gardes", data=form("ida@exemple.fr")).text


def test_a_shift_of_another_place_is_not_removed(desk: Desk) -> None:
    now = datetime.now(UTC)
    duty.add(desk.office.database, "ida@exemple.fr", now, now + timedelta(hours=8), "64")
    shift = duty.shifts(desk.office.database, now)[0]
    chief = desk.browser(desk.person("supervisor", Scope("35")))
    assert chief.post(f"/desk/gardes/{shift.id}/retirer").status_code == 400
    assert len(duty.shifts(desk.office.database, now)) == 1


def test_who_is_there_now_for_a_place(desk: Desk) -> None:
    lea = desk.person("agent", Scope("35", "gendarmerie"), login="lea@exemple.fr")
    paul = desk.person("agent", Scope("64"), login="paul@exemple.fr")
    now = datetime.now(UTC)
    duty.add(desk.office.database, "lea@exemple.fr", now - timedelta(hours=1), now + timedelta(hours=8), "35")
    browser = desk.browser(lea)
    with desk.office.database.write() as connection:
        sessions.alive(connection, connection.scalars(select(SESSIONS.c.id)).one(), now)
    here = browser.get("/desk/gardes?departement=35&force=gendarmerie").text.split("<aside")[1]
    assert here.count(f"<li>{lea.name}</li>") == 3 and paul.name not in here
    there = browser.get("/desk/gardes?departement=64&force=police").text.split("<aside")[1]
    assert "Personne n&#39;est de garde ici" in there and f"<li>{paul.name}</li>" in there
    assert browser.get("/desk/gardes?departement=zz").status_code == 400


def test_another_site_cannot_put_anybody_on_duty(desk: Desk) -> None:
    desk.person("agent", login="lea@exemple.fr")
    chief = desk.browser(desk.person("supervisor"))
    headers = {"origin": "https://ailleurs.exemple"}
    assert chief.post("/desk/gardes", data=form("lea@exemple.fr"), headers=headers).status_code == 403
