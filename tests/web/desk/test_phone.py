"""A call: the agent types, is told what to say and to ask; nothing is kept until it is saved."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from tests.web.desk.conftest import Desk
from tests.web.serving import chromium, complaints, faults, served
from tests.web.visitor import Visitor
from triage.desk import phone
from triage.desk.case import load, open_by
from triage.store.database import StoreError
from triage.store.people import Scope
from triage.store.people_tables import AUDIT
from triage.store.tables import CASES
from triage.web.desk.door import COOKIE, HOME

THREAT = "Je suis maire. Un homme m'a appelée et m'a dit : « je vais te tuer ce soir, je suis devant chez toi »."
VAGUE = "J'ai reçu hier un message bizarre sur mon téléphone avec un lien, au nom de ma banque."


def cases(desk: Desk) -> int:
    with desk.office.database.read() as connection:
        return connection.scalar(select(func.count()).select_from(CASES)) or 0


def saved(browser: Visitor, **fields: str) -> str:
    answer = browser.post("/desk/appel", data={"text": THREAT, "key": "a" * 32, **fields})
    assert answer.status_code == 200
    return answer.text


def code_in(html: str) -> str:
    found = re.search(r'class="code-shown">([\d ]+)<', html)
    assert found
    return found[1]


def test_what_is_typed_is_assessed_and_not_kept(desk: Desk) -> None:
    browser = desk.browser(desk.person())
    part = browser.post("/desk/appel/analyse", data={"text": THREAT}, headers={"hx-request": "true"}).text
    assert "<html" not in part
    assert "Danger immédiat" in part and "Dites-lui d'appeler le 17" in part
    assert "d'écrire par SMS au 114" in part and "d'appeler le 114" not in part
    assert cases(desk) == 0


def test_without_scripts_the_whole_sheet_comes_back_as_it_was_typed(desk: Desk) -> None:
    fields = {"text": THREAT, "contact": "06 00 00 00 00", "departement": "35"}
    sheet = desk.browser(desk.person()).post("/desk/appel/analyse", data=fields).text
    assert "Dites-lui d'appeler le 17" in sheet
    assert "je vais te tuer ce soir" in sheet and 'value="06 00 00 00 00"' in sheet
    assert '<option value="35" selected>' in sheet


def test_an_answer_stays_on_the_sheet_and_counts(desk: Desk) -> None:
    browser = desk.browser(desk.person())
    first = browser.post("/desk/appel/analyse", data={"text": VAGUE}).text
    asked = re.findall(r'id="(q-[^"]+?)" name="(question\.[^"]+)" value="([^"]+)"', first)
    assert asked
    _, name, value = asked[0]
    again = browser.post("/desk/appel/analyse", data={"text": VAGUE, name: value}).text
    assert re.search(rf'name="{re.escape(name)}" value="{value}" checked', again)


def test_at_most_three_questions_are_open_at_once(desk: Desk) -> None:
    sheet = desk.browser(desk.person()).post("/desk/appel/analyse", data={"text": VAGUE}).text
    assert 1 <= sheet.count("Pas encore demandé") <= 3


def test_a_saved_call_is_the_agents_case_and_its_code_opens_it(desk: Desk) -> None:
    agent = desk.person()
    browser = desk.browser(agent)
    html = saved(browser, contact="06 00 00 00 00", hours="le matin")
    case_id = open_by(desk.office, code_in(html))
    assert case_id is not None
    case = load(desk.office, case_id)
    assert (case.standing.channel, case.claimed_by, case.told.hours) == ("phone", agent.id, "le matin")
    assert code_in(html).count(" ") == 3
    assert code_in(html) not in browser.get(f"/desk/dossiers/{case_id}").text
    with desk.office.database.read() as connection:
        done = connection.scalars(select(AUDIT.c.what).where(AUDIT.c.case_id == case_id)).all()
    assert "phone" in done and "claim" in done


def test_saving_twice_makes_one_case(desk: Desk) -> None:
    browser = desk.browser(desk.person())
    assert code_in(saved(browser)) == code_in(saved(browser))
    assert cases(desk) == 1


def test_a_sheet_changed_and_sent_again_is_asked_about_and_nothing_is_lost(desk: Desk) -> None:
    browser = desk.browser(desk.person())
    saved(browser)
    answer = browser.post("/desk/appel", data={"text": THREAT + " Il est revenu.", "key": "a" * 32})
    assert answer.status_code == 400 and "Il est revenu." in answer.text
    key = re.search(r'name="key" value="(\w+)"', answer.text)
    assert key and key[1] != "a" * 32


def test_a_call_of_another_place_is_left_to_those_it_is_for(desk: Desk) -> None:
    browser = desk.browser(desk.person("agent", Scope("29")))
    html = saved(browser, departement="35")
    case_id = open_by(desk.office, code_in(html))
    assert case_id is not None and "d'un autre ressort" in html
    assert load(desk.office, case_id).claimed_by is None
    assert browser.get(f"/desk/dossiers/{case_id}").status_code == 403


def test_an_empty_sheet_is_not_saved(desk: Desk) -> None:
    answer = desk.browser(desk.person()).post("/desk/appel", data={"text": "  "})
    assert answer.status_code == 400 and "Le récit est vide" in answer.text


def test_what_was_typed_survives_a_store_that_is_down(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise StoreError("panne")

    monkeypatch.setattr(phone, "submit", down)
    answer = desk.browser(desk.person()).post("/desk/appel", data={"text": THREAT, "contact": "06 00 00 00 00"})
    assert answer.status_code == 503 and "rien n&#39;est enregistré" in answer.text
    assert "je vais te tuer ce soir" in answer.text and "06 00 00 00 00" in answer.text


def test_another_site_cannot_save_a_call(desk: Desk) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    answer = desk.browser(desk.person()).post("/desk/appel", data={"text": THREAT}, headers=headers)
    assert answer.status_code == 403 and cases(desk) == 0


def test_analysts_take_no_calls(desk: Desk) -> None:
    assert desk.browser(desk.person("analyst")).get("/desk/appel").status_code == 403


@pytest.mark.whole
def test_the_sheet_answers_as_the_agent_types(desk: Desk) -> None:
    token = desk.browser(desk.person()).cookies[COOKIE]
    with served(desk.app) as port, chromium() as browser:
        context = browser.new_context()
        context.add_cookies([{"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": HOME}])
        page = context.new_page()
        said = complaints(page)
        page.goto(f"http://127.0.0.1:{port}/desk/appel")
        page.get_by_label("Ce que la personne raconte").fill(VAGUE)
        question = page.locator("#entendu fieldset").first
        question.wait_for()
        chosen = question.locator("input").first
        chosen.check()
        page.wait_for_timeout(1200)
        assert page.locator(f"#{chosen.get_attribute('id')}").is_checked()
        page.get_by_label("Ce que la personne raconte").fill(THREAT)
        page.get_by_text("Dites-lui d'appeler le 17").wait_for()
        assert faults(page) == []
        page.get_by_role("button", name="Enregistrer").press("Enter")
        page.get_by_role("heading", name="Le code à lire à la personne").wait_for()
        assert faults(page) == [] and said == []
        page.get_by_role("button", name="Le code est noté").click()
        page.get_by_role("heading", name="Récit", exact=True).wait_for()
        assert "récit" in page.content() and said == []
