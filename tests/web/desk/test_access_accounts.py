"""The pages of the accounts: administrators only, the link seen once, the last administrator kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tests.web.desk.conftest import Desk
from triage.desk.people import accounts
from triage.desk.people.registry import registry_of
from triage.store.people import Scope
from triage.store.people_tables import AUDIT

NEW = {"login": "noe.petit@exemple.fr", "name": "Noé Petit", "role": "agent", "places": "01, 2a", "force": "police"}


@pytest.mark.parametrize("role", ["agent", "supervisor", "analyst"])
def test_others_do_not_see_accounts(desk: Desk, role: str) -> None:
    person = desk.person(role)
    browser = desk.browser(person)
    for path in ("", f"/{person.id}", "/" + 32 * "0"):
        assert browser.get(f"/desk/comptes{path}").status_code == 403
    for path in ("", f"/{person.id}/role", f"/{person.id}/lien", f"/{person.id}/perimetre"):
        assert browser.post(f"/desk/comptes{path}", data={**NEW, "role": "administrator"}).status_code == 403
    assert accounts.by_login(registry_of(desk.office), person.login).role == role


def test_the_link_is_shown_once_and_opens_the_account(desk: Desk) -> None:
    browser = desk.browser(desk.person("administrator"))
    made = browser.post("/desk/comptes", data=NEW)
    assert made.status_code == 303 and "inscription" not in made.headers["location"]
    page = browser.get(made.headers["location"]).text
    link = re.search(r"https://testserver(/desk/inscription/[\w-]+)", page)
    assert link and desk.browser().get(link[1]).status_code == 200
    assert "/desk/inscription/" not in browser.get(made.headers["location"]).text
    person = accounts.by_login(registry_of(desk.office), NEW["login"])
    assert person.scopes == (Scope("01", "police"), Scope("2A", "police")) and person.state == "invited"


def test_everything_wrong_is_said_and_what_was_typed_stays(desk: Desk) -> None:
    browser = desk.browser(desk.person("administrator"))
    answer = browser.post("/desk/comptes", data={**NEW, "login": "noe", "places": "99"})
    assert answer.status_code == 400
    for said in ("« noe »", "« 99 »", 'value="Noé Petit"'):
        assert said in answer.text


def test_roles_scopes_and_doors_change_at_once(desk: Desk) -> None:
    boss, person = desk.browser(desk.person("administrator")), desk.person("agent", Scope("01"))
    theirs, at = desk.browser(person), f"/desk/comptes/{person.id}"
    assert boss.post(f"{at}/role", data={"role": "analyst"}).status_code == 303
    assert boss.post(f"{at}/perimetre", data={"places": "974", "force": "gendarmerie"}).status_code == 303
    after = accounts.by_login(registry_of(desk.office), person.login)
    assert (after.role, after.scopes) == ("analyst", (Scope("974", "gendarmerie"),))
    assert boss.post(f"{at}/fermer").headers["location"] == f"{at}?fait=fermer"
    assert theirs.get("/desk/moi").status_code == 303
    assert boss.post(f"{at}/lien").status_code == 400
    assert boss.post(f"{at}/rouvrir").status_code == 303
    assert boss.post(f"{at}/autre").status_code == 404


def test_ending_sessions(desk: Desk) -> None:
    boss, person = desk.browser(desk.person("administrator")), desk.person()
    theirs = desk.browser(person)
    boss.post(f"/desk/comptes/{person.id}/sessions")
    assert theirs.get("/desk/moi").status_code == 303


def test_the_last_administrator_and_ones_own_role(desk: Desk) -> None:
    admin = desk.person("administrator")
    browser, at = desk.browser(admin), f"/desk/comptes/{admin.id}"
    assert "dernier administrateur" in browser.post(f"{at}/fermer").text
    assert "votre propre rôle" in browser.post(f"{at}/role", data={"role": "agent"}).text
    assert "Mon compte" in browser.post(f"{at}/lien").text
    page = browser.get(at).text
    assert f"{at}/role" not in page and f"{at}/lien" not in page


def test_an_account_that_is_not_there(desk: Desk) -> None:
    browser = desk.browser(desk.person("administrator"))
    assert browser.get("/desk/comptes/" + 32 * "0").status_code == 404
    assert browser.post(f"/desk/comptes/{32 * '0'}/fermer").status_code == 404


def test_every_act_is_audited(desk: Desk) -> None:
    admin, person = desk.person("administrator"), desk.person()
    browser = desk.browser(admin)
    browser.post("/desk/comptes", data=NEW)
    for act in ("role", "perimetre", "sessions", "lien", "fermer", "rouvrir"):
        browser.post(f"/desk/comptes/{person.id}/{act}", data={"role": "analyst"})
    with desk.office.database.read() as connection:
        lines = connection.execute(select(AUDIT.c.what).where(AUDIT.c.who == admin.id).order_by(AUDIT.c.seq)).scalars()
        assert [*lines] == [
            f"account.{one}" for one in ("invite", "role", "scope", "sessions", "link", "disable", "enable")
        ]


def test_the_list_names_everybody(desk: Desk) -> None:
    browser = desk.browser(desk.person("administrator"))
    accounts.disable(registry_of(desk.office), None, desk.person(login="zoe@exemple.fr").id, datetime.now(UTC))
    page = browser.get("/desk/comptes").text
    assert "zoe@exemple.fr" in page and "Fermé" in page
