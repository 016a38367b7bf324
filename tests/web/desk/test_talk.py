"""An agent and an official write to each other: pages, files, notes, and both at once in two real browsers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from tests.web.desk.conftest import Desk
from tests.web.serving import chromium, complaints, faults, served
from tests.web.visitor import Visitor
from triage.desk import follow_up
from triage.desk.handling import conversing
from triage.desk.handling.noting import note
from triage.desk.queue.claiming import claim
from triage.desk.submit import submit
from triage.store.people import Person, Scope
from triage.store.people_tables import AUDIT
from triage.store.records import Told
from triage.web.desk.door import COOKIE, HOME

THREAT = "Je suis maire. Un homme m'a écrit par SMS hier : « je sais où tu habites, je vais te tuer »."
OWN = {"sec-fetch-site": "same-origin"}


def held(desk: Desk, person: Person) -> tuple[str, str]:
    """A case that `person` has taken, and its code."""
    made = submit(desk.office, Told(text=THREAT, departement="35", force="gendarmerie"), [], datetime.now(UTC))
    claim(desk.office, person, made.case_id, datetime.now(UTC))
    return made.case_id, made.receipt


def official(desk: Desk, receipt: str) -> Visitor:
    browser = desk.browser()
    assert browser.post("/suivi", data={"code": receipt}).status_code == 303
    return browser


def test_a_message_with_a_file_goes_from_the_desk_to_the_official(desk: Desk) -> None:
    agent = desk.person()
    case_id, receipt = held(desk, agent)
    browser, other = desk.browser(agent), official(desk, receipt)
    page = f"/desk/dossiers/{case_id}/messages"
    sent = browser.post(page, data={"message": "Bonjour, je vous lis."}, files={"files": ("plan.txt", b"porte B")})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{page}#ecrire")
    assert "non lu" in browser.get(page).text
    html = other.get("/suivi/messages").text
    assert "Bonjour, je vous lis." in html and "plan.txt" in html and agent.name not in html
    link = re.search(r'href="(/suivi/messages/fichiers/\w+)"', html)
    assert link is not None and other.get(link[1]).content == b"porte B"
    assert "attachment" in other.get(link[1]).headers["content-disposition"]
    assert "– lu le" in browser.get(page).text


def test_a_file_opens_from_its_case_and_in_its_scope_only(desk: Desk) -> None:
    agent, far = desk.person(), desk.person("agent", Scope("13", ""))
    (case_id, _), (elsewhere, stranger_code) = held(desk, agent), held(desk, agent)
    browser = desk.browser(agent)
    browser.post(f"/desk/dossiers/{case_id}/messages", data={"message": "Voici."}, files={"files": ("a.txt", b"a")})
    ((file,),) = conversing.files_of(desk.office, case_id).values()
    path = f"/desk/dossiers/{case_id}/messages/fichiers/{file.id}"
    assert browser.get(path).content == b"a"
    assert desk.browser(far).get(path).status_code == 403
    assert browser.get(path.replace(case_id, elsewhere)).status_code == 404
    assert official(desk, stranger_code).get(f"/suivi/messages/fichiers/{file.id}").status_code == 404
    with desk.office.database.read() as connection:
        what = connection.scalars(select(AUDIT.c.what).where(AUDIT.c.case_id == case_id)).all()
    assert what.count("message.file") == 1


def test_what_is_refused_is_still_in_the_box(desk: Desk) -> None:
    agent = desk.person()
    case_id, _ = held(desk, agent)
    text = "Je vous appelle le [à compléter : jour et heure]."
    refused = desk.browser(agent).post(f"/desk/dossiers/{case_id}/messages", data={"message": text})
    assert (
        refused.status_code == 400 and "passage à compléter" in refused.text and f">{text}</textarea>" in refused.text
    )


def test_a_template_fills_the_box_and_sends_nothing(desk: Desk) -> None:
    agent = desk.person()
    case_id, receipt = held(desk, agent)
    html = desk.browser(agent).get(f"/desk/dossiers/{case_id}/messages?modele=lu").text
    assert "Un agent de la gendarmerie nationale</textarea>" in html
    assert "Aucun message" in official(desk, receipt).get("/suivi/messages").text


def test_who_does_not_hold_the_case_neither_writes_nor_reads_for_the_others(desk: Desk) -> None:
    agent, other = desk.person(), desk.person()
    case_id, receipt = held(desk, agent)
    official(desk, receipt).post("/suivi/messages", data={"message": "Vous êtes là ?"})
    browser, page = desk.browser(other), f"/desk/dossiers/{case_id}/messages"
    assert '<form method="post" action="' + page + '"' not in browser.get(page).text
    assert browser.post(page, data={"message": "Bonjour."}).status_code == 400
    assert "pas encore lu" in official(desk, receipt).get("/suivi/messages").text
    desk.browser(agent).get(page)
    assert "– lu" in official(desk, receipt).get("/suivi/messages").text


def test_an_open_page_asks_again_and_gets_nothing_while_nothing_changes(desk: Desk) -> None:
    agent = desk.person()
    case_id, receipt = held(desk, agent)
    browser, other = desk.browser(agent), official(desk, receipt)
    for client, page in ((browser, f"/desk/dossiers/{case_id}/messages"), (other, "/suivi/messages")):
        found = re.search(r'data-hx-get="([^"]+)"', client.get(page).text)
        assert found is not None
        assert client.get(found[1], headers={"hx-request": "true"}).status_code == 204
        follow_up.write(desk.office, case_id, "official", "Encore lui.", datetime.now(UTC))
        again = client.get(found[1], headers={"hx-request": "true"})
        assert again.status_code == 200 and "Encore lui." in again.text and "<html" not in again.text


def test_notes_never_leave_the_desk(desk: Desk) -> None:
    agent = desk.person()
    case_id, receipt = held(desk, agent)
    secret = "Ne pas dire que la patrouille passe à 22 h"
    sent = desk.browser(agent).post(f"/desk/dossiers/{case_id}/notes", data={"note": secret})
    assert sent.status_code == 303 and secret in desk.browser(agent).get(f"/desk/dossiers/{case_id}/messages").text
    browser = official(desk, receipt)
    for page in ("/suivi", "/suivi/messages", "/suivi/messages/fil", "/suivi/chronologie", "/suivi/pieces"):
        assert "patrouille" not in browser.get(page).text, page


def test_a_closed_case_says_how_to_begin_anew(desk: Desk) -> None:
    agent = desk.person()
    case_id, receipt = held(desk, agent)
    browser = desk.browser(agent)
    browser.post(f"/desk/dossiers/{case_id}/decision/clore", data={"outcome": "conseils"})
    html = official(desk, receipt).get("/suivi/messages").text
    assert "<textarea" not in html and "nouveau récit" in html and f"{case_id[:4]}-{case_id[4:8]}".upper() in html
    assert browser.post(f"/desk/dossiers/{case_id}/messages", data={"message": "Encore."}).status_code == 400


def entered(desk: Desk, browser: Browser, port: int, person: Person) -> Page:
    context = browser.new_context(locale="fr-FR")
    token = desk.browser(person).cookies[COOKIE]
    context.add_cookies([{"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": HOME}])
    page = context.new_page()
    page.set_default_timeout(8_000)
    return page


@pytest.mark.whole
def test_both_write_at_once_and_see_each_other(desk: Desk) -> None:
    agent = desk.person()
    case_id, receipt = held(desk, agent)
    note(desk.office, agent, case_id, "Une note.", datetime.now(UTC))
    with served(desk.app) as port, chromium() as browser:
        address = f"http://127.0.0.1:{port}"
        there = entered(desk, browser, port, agent)
        here = browser.new_context(locale="fr-FR").new_page()
        here.set_default_timeout(8_000)
        said = [*complaints(there), *complaints(here)]
        here.goto(f"{address}/suivi")
        here.fill("#code", receipt)
        here.keyboard.press("Enter")
        here.wait_for_selector("#votre-dossier")
        here.goto(f"{address}/suivi/messages")
        there.goto(f"{address}/desk/dossiers/{case_id}/messages")

        there.focus("#message")
        there.keyboard.type("Bonjour, êtes-vous en lieu sûr ?")
        there.keyboard.press("Tab")
        there.keyboard.press("Tab")
        there.keyboard.press("Enter")
        expect(there.locator(".messages .by-agent")).to_have_count(1)
        expect(here.locator(".messages .by-agent")).to_contain_text("êtes-vous en lieu sûr")
        expect(there.locator(".messages .by-agent")).to_contain_text("– lu le")

        there.fill("#message", "Un brouillon qui reste")
        here.fill("#message", "Oui, chez ma sœur.")
        here.click("text=Envoyer")
        expect(there.locator(".messages .by-official")).to_contain_text("chez ma sœur")
        expect(there.locator("#nouvelles")).to_contain_text("2 messages")
        assert there.input_value("#message") == "Un brouillon qui reste"
        expect(here.locator(".messages .by-official")).to_contain_text("– lu")
        assert faults(there) == [] and faults(here) == [] and said == []
        tops = [one.bounding_box() for one in there.locator(".messages li").all()]
        assert all(a and b and a["y"] < b["y"] for a, b in pairwise(tops))
        there.set_viewport_size({"width": 360, "height": 740})
        assert there.evaluate("document.documentElement.scrollWidth") <= 360
