"""Cookies and other sites: what a browser keeps of us is ours alone, and nobody else has it sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser

from tests.web.api_app import CALM, api_app
from tests.web.desk.conftest import Desk
from tests.web.serving import chromium, complaints, served
from tests.web.visitor import Visitor
from triage.engine import Engine
from triage.store.people import Person
from triage.web import access, cookies
from triage.web.desk import door

WEB = Path(cookies.__file__).parent
ADDRESS = "https://guichet.exemple.fr"


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Iterator[Desk]:
    """The service at an https address."""
    made = Desk(engine, tmp_path, address=ADDRESS)
    yield made
    made.close()


@pytest.fixture
def person(desk: Desk) -> Person:
    return desk.person()


def browser_of(desk: Desk, *, session_of: Person | None = None) -> Visitor:
    """A browser at the public address; it has entered the desk when somebody is given."""
    client = Visitor(desk.app, base_url=ADDRESS, follow_redirects=False)
    if session_of:
        held = desk.browser(session_of).cookies[door.COOKIE]
        client.cookies.set(cookies.PREFIX + door.COOKIE, held, domain="guichet.exemple.fr", path="/")
    return client


def set_by(answer: object) -> list[str]:
    return answer.headers.get_list("set-cookie")  # type: ignore[attr-defined]


def names_of(answer: object) -> list[str]:
    return [one.partition("=")[0] for one in set_by(answer)]


# --- Of this host alone -----------------------------------------------------------------------------------------


def test_every_cookie_is_bound_to_this_host(desk: Desk) -> None:
    client = browser_of(desk)
    sent = client.post("/signalement", data={"text": CALM}, files=[("files", ("a.exe", b"MZ\x90\x00" * 20))])
    assert sent.status_code == 303
    entered = client.post("/desk/sortir")
    every = [*set_by(sent), *set_by(entered), *set_by(client.get("/sortie"))]
    assert len(every) >= 4
    for one in every:
        assert one.startswith(cookies.PREFIX), one
        assert "; Secure" in one and "; HttpOnly" in one and "; Path=/;" in f"{one};" and "omain=" not in one, one
        assert "; SameSite=strict" in one, one
    assert client.get("/suivi").status_code == 303 or "Votre code" in client.get("/suivi").text


def test_the_case_opens_with_the_cookie_that_was_set(desk: Desk) -> None:
    client = browser_of(desk)
    client.post("/signalement", data={"text": CALM})
    assert set(client.cookies) == {cookies.PREFIX + access.COOKIE}
    assert "Votre dossier" in client.get("/suivi").text
    client.post("/suivi/quitter")
    assert set(client.cookies) == set()


def test_a_cookie_that_a_neighbouring_host_could_set_is_not_read(desk: Desk, person: Person) -> None:
    """Without the prefix, one who has another site of the same domain could put a session of theirs in the browser."""
    held = desk.browser(person).cookies[door.COOKIE]
    client = browser_of(desk)
    client.cookies.set(door.COOKIE, held, domain="guichet.exemple.fr", path="/desk")
    assert client.get("/desk/moi").headers["location"].startswith(door.ENTER)
    inside = browser_of(desk, session_of=person)
    assert inside.get("/desk/moi").status_code == 200


def test_the_desk_lets_in_and_out_with_its_own_cookie(desk: Desk, person: Person) -> None:
    client = browser_of(desk, session_of=person)
    assert client.get("/desk/moi").status_code == 200
    client.post("/desk/sortir", headers={"Origin": ADDRESS})
    assert cookies.PREFIX + door.COOKIE not in client.cookies


def test_the_front_never_reads_the_cookie_of_the_desk(desk: Desk, person: Person) -> None:
    """The prefix asks for the whole host, so that browsers send it everywhere: no page of the front looks at it."""
    with_session, stranger = browser_of(desk, session_of=person), browser_of(desk)
    for path in ("/", "/suivi", "/suivi/pieces", "/fiches", "/donnees", "/aide", "/module", "/sortie"):
        one, other = with_session.get(path), stranger.get(path)
        assert (one.status_code, names_of(one)) == (other.status_code, names_of(other)), path
        assert person.name not in one.text, path
    for module in WEB.glob("*.py"):
        if module.name != "app.py":  # it installs the desk
            assert not re.search(r"desk\.door|desk import door|[\"']bureau", module.read_text(encoding="utf-8")), module
    assert with_session.get("/desk/moi").status_code == 200, "leaving the front does not leave the desk"


def test_no_cookie_is_handled_elsewhere() -> None:
    for module in WEB.rglob("*.py"):
        if module.name != "cookies.py":
            told = module.read_text(encoding="utf-8")
            assert not re.search(r"\.set_cookie\(|\.delete_cookie\(|request\.cookies", told), module


# --- Other sites ------------------------------------------------------------------------------------------------


def test_a_browser_that_says_nothing_of_where_it_comes_from_is_served(desk: Desk) -> None:
    """An old telephone at night sends neither header: its own forms are followed."""
    client = browser_of(desk)
    assert client.post("/signalement", data={"text": CALM}).status_code == 303
    assert client.post("/suivi/note").status_code == 303


def test_another_site_has_no_cookie_sent_by_such_a_browser(desk: Desk) -> None:
    """What browsers do for a strict cookie (Chrome 51, Firefox 60, Safari 12 and later): the form comes without it."""
    code = browser_of(desk)
    code.post("/signalement", data={"text": CALM})
    answer = Visitor(desk.app, base_url=ADDRESS, follow_redirects=False).post("/suivi/effacer")
    assert answer.status_code == 303 and answer.headers["location"] == "/suivi"
    assert "Votre dossier" in code.get("/suivi").text


@pytest.mark.parametrize("path", ["/suivi/effacer", "/suivi/note", "/signalement", "/suivi", "/desk/entrer"])
def test_another_site_is_known_by_the_page_that_an_old_browser_names(desk: Desk, path: str) -> None:
    """Older still, without strict cookies: they name the page where the form was, and ours are never named."""
    client = browser_of(desk)
    client.post("/signalement", data={"text": CALM})
    assert client.post(path, headers={"Referer": "https://exemple.org/piege"}).status_code == 403
    assert client.post(path, headers={"Referer": f"{ADDRESS}.exemple.org/"}).status_code == 403
    assert client.post(path, headers={"Referer": "n'importe quoi"}).status_code == 403


def test_our_own_page_may_be_named(desk: Desk) -> None:
    client = browser_of(desk)
    client.post("/signalement", data={"text": CALM})
    assert client.post("/suivi/note", headers={"Referer": f"{ADDRESS}/suivi"}).status_code == 303


# --- What browsers do of the headers ----------------------------------------------------------------------------


def test_every_answer_keeps_other_sites_away(desk: Desk) -> None:
    client = browser_of(desk)
    for path, resource in {
        "/": "same-origin",
        "/suivi": "same-origin",
        "/api/v1/reports/me": "same-origin",
        "/desk/entrer": "same-origin",
        "/absent": "same-origin",
        "/module": "cross-origin",
        "/module.js": "cross-origin",
        "/static/theme.css": "cross-origin",
    }.items():
        headers = client.get(path).headers
        assert headers["cross-origin-resource-policy"] == resource, path
        assert headers["cross-origin-embedder-policy"] == "require-corp", path
        assert headers["cross-origin-opener-policy"] == "same-origin", path
        assert headers["strict-transport-security"] == "max-age=31536000", path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def in_clear(engine: Engine, tmp_path: Path) -> Iterator[FastAPI]:
    app = api_app(engine, tmp_path)
    yield app
    app.state.office.database.close()


@pytest.mark.whole
def test_a_real_browser_shows_every_page_under_these_headers(browser: Browser, in_clear: FastAPI) -> None:
    with served(in_clear) as port, browser.new_context(base_url=f"http://127.0.0.1:{port}") as context:
        page = context.new_page()
        said = complaints(page)
        for path in ("/", "/aide", "/fiches", "/module", "/desk/entrer"):
            assert page.goto(path).ok, path
            page.wait_for_load_state("networkidle")
        page.goto("/")
        page.fill("textarea[name=text]", CALM)
        page.click("main form button[type=submit]")
        page.wait_for_url("**/recit")
        with page.expect_response("**/signalement") as sent:
            page.click("button[formaction='/signalement'], form[action='/signalement'] button[type=submit]")
        assert sent.value.status == 303
        page.goto("/suivi")
        assert page.evaluate("self.crossOriginIsolated") is True
        assert said == []
