"""The door, in a browser: what is kept there, where one goes on to, how one leaves."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from tests.desk.people.conftest import quick  # noqa: F401 (cheap hashes)
from tests.desk.people.members import PASSWORD, Telephone, enrolled, wish
from tests.web.desk.conftest import Desk
from tests.web.visitor import Visitor, unsigned
from triage.desk.people import accounts, enrolling, sessions
from triage.desk.people.registry import Registry, registry_of
from triage.store.people import Person
from triage.store.people_tables import SESSIONS
from triage.web.desk.door import COOKIE
from triage.web.desk.ways import own_path


@pytest.fixture
def registry(desk: Desk) -> Registry:
    return registry_of(desk.office)


def member(registry: Registry, role: str = "agent") -> tuple[Person, Telephone]:
    """Somebody who enrolled yesterday: no code of today has served."""
    return enrolled(registry, f"{role}@exemple.fr", role, datetime.now(UTC) - timedelta(days=1))


def enter(browser: Visitor, person: Person, telephone: Telephone, vers: str = "", steps: int = 0) -> object:
    code = telephone.code(datetime.now(UTC), steps)
    sent = {"login": person.login, "password": PASSWORD, "code": code, "vers": vers}
    return browser.post("/desk/entrer", data=sent)


def fail(browser: Visitor, person: Person, times: int) -> object:
    sent = {"login": person.login, "password": "mauvais mot de passe", "code": "000000"}
    return [browser.post("/desk/entrer", data=sent) for _ in range(times)][-1]


def test_without_any_account_the_door_says_how_to_make_one(desk: Desk, registry: Registry) -> None:
    assert "triage users add" in desk.browser().get("/desk/entrer").text
    accounts.invite(registry, None, wish(), datetime.now(UTC))
    assert "triage users add" not in desk.browser().get("/desk/entrer").text


def test_a_link_then_a_password_then_the_page_asked_for(desk: Desk, registry: Registry) -> None:
    person, token = accounts.invite(registry, None, wish(), datetime.now(UTC))
    browser = desk.browser()
    page = browser.get(f"/desk/inscription/{token}")
    secret = enrolling.look(registry, token, datetime.now(UTC)).secret
    assert "data:image/svg+xml" in page.text and secret[:4] in page.text
    telephone = Telephone(secret)
    weak = browser.post(
        f"/desk/inscription/{token}", data={"password": "court", "code": telephone.code(datetime.now(UTC))}
    )
    assert weak.status_code == 400 and "au moins 12 caractères" in weak.text
    sent = {"password": PASSWORD, "code": telephone.code(datetime.now(UTC))}
    done = browser.post(f"/desk/inscription/{token}", data=sent)
    assert (done.status_code, done.headers["location"]) == (303, "/desk")
    assert browser.get("/desk/moi").status_code == 200
    assert desk.browser().get(f"/desk/inscription/{token}").status_code == 410
    again = enter(desk.browser(), person, telephone, "/desk/moi", 1)
    assert (again.status_code, again.headers["location"]) == (303, "/desk/moi")


def test_the_session_cookie_is_out_of_reach(desk: Desk, registry: Registry) -> None:
    set_ = enter(desk.browser(), *member(registry)).headers.get_list("set-cookie")
    assert len(set_) == 2
    for one in set_:
        assert {"HttpOnly", "SameSite=strict", "Path=/desk", "Secure"} <= set(one.split("; "))


def test_each_entrance_has_a_new_session_and_ends_the_one_before(desk: Desk, registry: Registry) -> None:
    who, browser = member(registry), desk.browser()
    enter(browser, *who)
    first = browser.cookies.get(COOKIE)
    enter(browser, *who, steps=1)
    assert browser.cookies.get(COOKIE) != first
    assert sessions.current(desk.office, str(first), datetime.now(UTC)) is None


def test_a_session_given_by_somebody_else_is_not_taken_up(desk: Desk, registry: Registry) -> None:
    browser = desk.browser()
    browser.cookies.set(COOKIE, "un-jeton-choisi-par-un-autre", domain="testserver.local", path="/desk")
    enter(browser, *member(registry))
    assert "un-jeton" not in str(browser.cookies.get(COOKIE, domain="testserver.local"))


def test_one_message_for_every_failure_and_the_address_stays(desk: Desk, registry: Registry) -> None:
    person, _ = member(registry)
    answer = fail(desk.browser(), person, 1)
    assert answer.status_code == 400 and "n&#39;est pas le bon" in answer.text and person.login in answer.text
    unknown = desk.browser().post("/desk/entrer", data={"login": "x@exemple.fr", "password": "x", "code": "1"})
    assert unsigned(unknown.text).replace("x@exemple.fr", "") == unsigned(answer.text).replace(person.login, "")


def test_a_known_browser_is_not_slowed_by_an_attacker(desk: Desk, registry: Registry) -> None:
    (person, telephone), mine, theirs = member(registry), desk.browser(), desk.browser()
    enter(mine, person, telephone, steps=-1)
    mine.post("/desk/sortir")
    assert "Attendez" in fail(theirs, person, registry.policy.tries.free + 2).text
    assert "Attendez" in enter(theirs, person, telephone).text
    assert enter(mine, person, telephone).status_code == 303


def test_a_browser_known_for_one_account_is_not_for_another(desk: Desk, registry: Registry) -> None:
    (victim, telephone), attacker = member(registry), member(registry, "analyst")
    browser = desk.browser()
    enter(browser, *attacker)
    browser.post("/desk/sortir")
    mine = next(one for one in browser.cookies.jar if one.name.startswith("poste-"))
    name = f"poste-{desk.office.ring.digest('browser', victim.login).hex()[:16]}"
    browser.cookies.set(name, str(mine.value), domain="testserver.local", path="/desk")
    fail(browser, victim, registry.policy.tries.free + 1)
    assert "Attendez" in enter(desk.browser(), victim, telephone).text  # counted with all the unknown browsers


@pytest.mark.parametrize(
    "elsewhere",
    ["//mal.exemple", "\\\\mal.exemple", "https://mal.exemple", "/\\mal.exemple", "/desk/../suivi", "/desk//mal",
     "/desk/%2f%2fmal.exemple", "/desk@mal.exemple", "/desk\r\nX: y", "/desk/%2e%2e/suivi", "/suivi", "desk", "/deskx",
     "javascript:alert(1)", "/desk/\\mal", " /desk", "/desk?x=//mal", "/desk\t/moi", "/desk/moi\n"],
)  # fmt: skip
def test_no_other_site_is_gone_on_to(elsewhere: str) -> None:
    assert own_path(elsewhere) == ""


@pytest.mark.parametrize("own", ["/desk", "/desk/moi", "/desk/dossiers/0123abcd/messages"])
def test_a_page_of_the_desk_is_gone_on_to(own: str) -> None:
    assert own_path(own) == own


def test_going_on_elsewhere_leads_to_the_first_page(desk: Desk, registry: Registry) -> None:
    agent, administrator = desk.browser(), desk.browser()
    assert enter(agent, *member(registry), "//mal.exemple").headers["location"] == "/desk"
    assert agent.get("/desk/entrer?vers=https://mal.exemple").headers["location"] == "/desk"
    assert enter(administrator, *member(registry, "administrator")).headers["location"] == "/desk/journal"


def test_leaving_ends_the_session(desk: Desk, registry: Registry) -> None:
    browser = desk.browser()
    enter(browser, *member(registry))
    token = str(browser.cookies.get(COOKIE))
    left = browser.post("/desk/sortir")
    assert (left.status_code, left.headers["location"]) == (303, "/desk/sorti")
    assert left.headers["clear-site-data"] == '"cache"'
    assert sessions.current(desk.office, token, datetime.now(UTC)) is None
    assert browser.post("/desk/sortir").status_code == 303  # nobody is left to leave
    assert "Vous êtes sorti" in browser.get("/desk/sorti").text


@pytest.mark.parametrize(
    "page",
    ["/desk/entrer", "/desk/sortir", "/desk/inscription/x", "/desk/moi/mot-de-passe", "/desk/moi/code",
     "/desk/moi/alertes", "/desk/moi/sessions/x/fin", "/desk/comptes", "/desk/comptes/x/lien", "/desk/comptes/x/role"],
)  # fmt: skip
def test_a_form_of_another_site_is_refused(desk: Desk, page: str) -> None:
    browser = desk.browser(desk.person("administrator"))
    assert browser.post(page, headers={"origin": "https://mal.exemple"}).status_code == 403
    assert browser.post(page, headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_sessions_end_when_idle_and_at_the_end_of_a_shift(desk: Desk) -> None:
    person = desk.person()
    browser = desk.browser(person)
    assert browser.get("/desk/moi").status_code == 200
    now = datetime.now(UTC)
    for seen, ends in ((now - sessions.IDLE, now + timedelta(hours=1)), (now, now)):
        with desk.office.database.write() as connection:
            connection.execute(update(SESSIONS).values(seen_at=seen, ends_at=ends))
        assert browser.get("/desk/moi").headers["location"] == "/desk/entrer?vers=/desk/moi"


def test_an_address_may_not_try_all_day(desk: Desk) -> None:
    desk.app.state.settings = desk.app.state.settings.model_copy(update={"per_minute": 50})
    browser, sent = desk.browser(), {"login": "x@exemple.fr", "password": "x", "code": "1"}
    answers = [browser.post("/desk/entrer", data={**sent, "login": f"x{i}@exemple.fr"}).status_code for i in range(6)]
    assert answers == [400] * 5 + [429]


def test_what_is_too_long_is_refused_plainly(desk: Desk) -> None:
    answer = desk.browser().post("/desk/entrer", data={"login": "x" * 5000, "password": "x", "code": "1"})
    assert answer.status_code == 400 and "Traceback" not in answer.text


def test_my_account_shows_my_sessions_and_ends_only_mine(desk: Desk) -> None:
    person, other = desk.person(), desk.person()
    mine, elsewhere, theirs = desk.browser(person), desk.browser(person), desk.browser(other)
    page = mine.get("/desk/moi").text
    assert "celle-ci" in page
    (ended,) = re.findall(r"/desk/moi/sessions/(\w+)/fin", page)
    assert mine.post(f"/desk/moi/sessions/{ended}/fin").headers["location"] == "/desk/moi?fait=session"
    assert elsewhere.get("/desk/moi").status_code == 303
    desk.browser(other)
    (not_mine,) = re.findall(r"/desk/moi/sessions/(\w+)/fin", theirs.get("/desk/moi").text)
    mine.post(f"/desk/moi/sessions/{not_mine}/fin")
    with desk.office.database.read() as connection:
        assert not_mine in {one.id for one in sessions.open_ones(connection, other.id, datetime.now(UTC))}


def test_my_password_changes_with_the_old_one_only(desk: Desk, registry: Registry) -> None:
    browser = desk.browser()
    enter(browser, *member(registry))
    new = "quatre autres mots faciles"
    refused = browser.post("/desk/moi/mot-de-passe", data={"current": "mauvais mot de passe", "new": new})
    assert refused.status_code == 400 and "actuel" in refused.text
    done = browser.post("/desk/moi/mot-de-passe", data={"current": PASSWORD, "new": new})
    assert "est changé" in browser.get(done.headers["location"]).text


def test_my_new_telephone_is_the_one_that_gave_a_code(desk: Desk, registry: Registry) -> None:
    browser = desk.browser()
    enter(browser, *member(registry))
    page = browser.get("/desk/moi/code").text
    secret = re.search(r"secret\">([A-Z2-7 ]+)<", page)
    assert secret
    code = Telephone(secret[1].replace(" ", "")).code(datetime.now(UTC))
    wrong = browser.post("/desk/moi/code", data={"current": PASSWORD, "code": "000000"})
    assert wrong.status_code == 400 and secret[1] in wrong.text
    assert (
        browser.post("/desk/moi/code", data={"current": PASSWORD, "code": code}).headers["location"].endswith("=code")
    )


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"mail": "oui", "start": "22:00", "end": "07:30"}, (True, (1320, 450))),
        ({"start": "", "end": ""}, (False, None)),
        ({"mail": "oui", "start": "22:00"}, None),
        ({"mail": "oui", "start": "25:00", "end": "07:00"}, None),
    ],
)
def test_my_alerts(desk: Desk, sent: dict[str, str], kept: tuple[bool, object] | None) -> None:
    person = desk.person()
    browser = desk.browser(person)
    answer = browser.post("/desk/moi/alertes", data={**sent, "role": "administrator", "login": "autre@exemple.fr"})
    after = accounts.by_login(registry_of(desk.office), person.login)
    assert answer.status_code == (303 if kept else 400)
    assert (after.alerts, after.quiet) == (kept or (person.alerts, person.quiet))
    assert after.role == person.role
