"""The page of reports to look at: why, where they wait, and a decision with its reason."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from lxml import html
from playwright.sync_api import expect

from tests.desk.flood.stories import COPIED
from tests.web.desk.conftest import Desk
from tests.web.desk.test_talk import entered
from tests.web.serving import chromium, complaints, faults, served
from tests.web.visitor import Visitor
from triage.desk.flood.looking import look

PAGE = "/desk/a-verifier"


def flooded(desk: Desk) -> None:
    """The same report nine times, sent to the interface from one address."""
    client = Visitor(desk.app, client=("192.0.2.1", 1))
    for _ in range(9):
        sent = client.post("/api/v1/reports", json={"text": COPIED, "departement": "35"})
        assert sent.status_code == 201
    look(desk.office, datetime.now(UTC))


def marks(page: str) -> list[str]:
    return [str(one) for one in html.fromstring(page).xpath("//input[@name='mark']/@value")]


def test_a_supervisor_sees_why_and_gives_them_back(desk: Desk) -> None:
    flooded(desk)
    browser, agent = desk.browser(desk.person("supervisor")), desk.browser(desk.person())
    page = browser.get(PAGE).text
    assert "9 récits presque identiques en peu de temps (sources : 1)" in page and page.count("de côté jusqu'à") == 8
    assert len(marks(page)) == 9 and "À vérifier" in browser.get("/desk").text
    assert agent.get(PAGE).status_code == 403 and "À vérifier" not in agent.get("/desk").text
    assert len(re.findall(r"/desk/dossiers/[0-9a-f]{32}\"", agent.get("/desk").text)) <= 2
    refused = browser.post(PAGE, data={"mark": marks(page), "what": "release", "reason": " "})
    assert refused.status_code == 400 and "Dites pourquoi" in refused.text
    done = browser.post(PAGE, data={"mark": marks(page), "what": "release", "reason": "De vrais élus."})
    assert done.status_code == 303 and "Rien à vérifier" in browser.get(PAGE).text


@pytest.mark.whole
def test_by_keyboard_without_a_fault_for_axe(desk: Desk) -> None:
    flooded(desk)
    with served(desk.app) as port, chromium() as browser:
        page = entered(desk, browser, port, desk.person("supervisor"))
        said = complaints(page)
        page.goto(f"http://127.0.0.1:{port}{PAGE}")
        assert faults(page) == []
        page.set_viewport_size({"width": 360, "height": 740})
        assert faults(page) == [] and page.evaluate("document.documentElement.scrollWidth") <= 360
        page.get_by_label("Pourquoi").fill("De vrais élus.")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Rien à vérifier")).to_be_visible()
        assert (faults(page), said) == ([], [])


def test_the_queue_says_what_is_to_be_looked_at(desk: Desk) -> None:
    flooded(desk)
    shown = desk.browser(desk.person()).get("/desk?vue=all").text
    assert "à vérifier" in shown


def test_where_a_report_comes_from_is_kept_for_no_agent_to_see(desk: Desk) -> None:
    flooded(desk)
    browser = desk.browser(desk.person("supervisor"))
    page = browser.get(PAGE).text
    case = html.fromstring(page).xpath("//th[@scope='row']/a/@href")[0]
    assert "192.0.2" not in page + browser.get(str(case)).text
