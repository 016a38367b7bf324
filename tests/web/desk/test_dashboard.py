"""The dashboard: figures for those who may see them, in tables and drawings, and as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from tests.desk.alerts.conftest import case
from tests.web.desk.conftest import Desk
from tests.web.serving import chromium, complaints, faults, served
from triage.desk import duty
from triage.desk.alerts.raising import look
from triage.desk.people import sessions
from triage.store.desk_tables import DELIVERIES, EXPOSURES
from triage.store.people import Person, Role
from triage.store.people_tables import AUDIT
from triage.web.desk.door import COOKIE, HOME


def fill(desk: Desk) -> Person:
    """Some cases, and an agent who has seen something."""
    agent, now = desk.person("agent", login="lea@exemple.fr"), datetime.now(UTC)
    for level, hours in (("immediate", 1), ("urgent", 3), ("agent", 30), ("agent", 2)):
        made = case(desk.office, level, "35", now=now - timedelta(hours=hours))
    with desk.office.database.write() as connection:
        row = {"id": 32 * "e", "case_id": made, "person_id": agent.id, "exhibit_id": "", "at": now - timedelta(hours=1)}
        connection.execute(EXPOSURES.insert().values(**row))
    return agent


def test_an_analyst_reads_figures_and_no_name(desk: Desk) -> None:
    agent = fill(desk)
    shown = desk.browser(desk.person("analyst")).get("/desk/tableau").text
    assert "Attente avant la prise en charge" in shown and "<svg" in shown and "Danger immédiat" in shown
    assert agent.name not in shown and "Jeanne" not in shown
    assert agent.name in desk.browser(desk.person("supervisor")).get("/desk/tableau").text


def test_a_place_and_a_period_are_chosen_and_kept_in_the_links(desk: Desk) -> None:
    fill(desk)
    browser = desk.browser(desk.person("analyst"))
    shown = browser.get("/desk/tableau?jours=91&departement=35&force=police").text
    assert 'value="91" selected' in shown and 'value="35" selected' in shown
    assert "/desk/tableau/en-cours.csv?jours=91&amp;departement=35&amp;force=police" in shown
    assert browser.get("/desk/tableau?departement=zz").status_code == 400


def test_each_table_is_given_as_csv_and_the_audit_says_so(desk: Desk) -> None:
    fill(desk)
    browser = desk.browser(desk.person("analyst"))
    page = browser.get("/desk/tableau").text
    links = [
        part.split('"')[0].replace("&amp;", "&") for part in page.split('href="')[1:] if ".csv" in part.split('"')[0]
    ]
    assert len(links) >= 6
    for link in links:
        answer = browser.get(link)
        assert answer.headers["content-disposition"].startswith("attachment") and answer.text.startswith("\ufeff")
        assert len(answer.text.splitlines()) > 1
    with desk.office.database.read() as connection:
        kept = connection.scalars(select(AUDIT.c.about).where(AUDIT.c.what == "export.csv")).all()
    assert len(kept) == len(links) and kept[0] == "retard 28"
    assert browser.get("/desk/tableau/inconnu.csv").status_code == 404
    assert desk.browser(desk.person("agent")).get(links[0]).status_code == 403


def enter(browser: Browser, desk: Desk, port: int, role: Role, width: int) -> Page:
    """A page of somebody who has entered."""
    person = desk.person(role)
    with desk.office.database.write() as connection:
        token = sessions.begin(desk.office, connection, person.id, "password", datetime.now(UTC))
    context = browser.new_context(viewport={"width": width, "height": 800}, base_url=f"http://127.0.0.1:{port}")
    context.add_cookies([{"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": HOME}])
    return context.new_page()


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A desk where something rings, somebody is on duty, and a delivery was given up."""
    now = datetime.now(UTC)
    fill(desk)
    duty.add(desk.office.database, "lea@exemple.fr", now, now + timedelta(hours=8), "35")
    look(desk.office, now, mail=True)
    with desk.office.database.write() as connection:
        connection.execute(update(DELIVERIES).values(state="dead", error="Le service a répondu 500."))
    return desk


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.mark.whole
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_accessible_and_fits(busy: Desk, browser: Browser, width: int) -> None:
    visits: list[tuple[Role, str]] = [
        *(("supervisor", path) for path in ("/desk/tableau", "/desk/gardes", "/desk/alertes")),
        ("analyst", "/desk/tableau?jours=364"),
        ("administrator", "/desk/envois"),
    ]
    with served(busy.app) as port:
        for role, path in visits:
            page = enter(browser, busy, port, role, width)
            said = complaints(page)
            page.goto(path, wait_until="domcontentloaded")
            page.wait_for_selector("h1")
            assert faults(page) == [] and said == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            page.context.close()


def test_a_shift_is_added_by_keyboard_without_scripts(busy: Desk, browser: Browser) -> None:
    with served(busy.app) as port:
        page = enter(browser, busy, port, "supervisor", 1280)
        page.goto("/desk/gardes", wait_until="domcontentloaded")
        page.locator("#login").focus()
        page.keyboard.press("ArrowDown")  # letters typed too slowly would each begin a new search
        page.locator("#ends").fill((datetime.now(UTC) + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M"))
        page.locator("#ends").press("Enter")
        expect(page.locator("tbody tr")).to_have_count(2)
        assert len(duty.shifts(busy.office.database, datetime.now(UTC))) == 2
        page.context.close()
