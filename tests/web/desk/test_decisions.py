"""The page of decisions: each form does what it says, by keyboard too, and trusts no id that it is sent."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from tests.desk.handling.cast import listed
from tests.web.desk.conftest import Desk
from tests.web.desk.test_talk import entered, held
from tests.web.serving import chromium, complaints, faults, served
from tests.web.visitor import Visitor
from triage.desk.queue.claiming import claim
from triage.desk.submit import submit
from triage.store.people import Scope
from triage.store.records import Standing, Told


def standing(desk: Desk, case_id: str) -> Standing:
    with desk.office.database.read() as connection:
        return desk.office.cases.standing(connection, case_id)


def shown(browser: Visitor, case_id: str) -> str:
    found = re.search(r'name="vu" value="([^"]+)"', browser.get(f"/desk/dossiers/{case_id}/decision").text)
    assert found is not None
    return found[1]


def post(browser: Visitor, case_id: str, what: str, **fields: object) -> int:
    return browser.post(f"/desk/dossiers/{case_id}/decision/{what}", data=fields).status_code


def test_one_click_confirms(desk: Desk) -> None:
    agent = desk.person()
    case_id, _ = held(desk, agent)
    browser = desk.browser(agent)
    assert post(browser, case_id, "confirmer", vu=shown(browser, case_id)) == 303
    assert standing(desk, case_id).decided == standing(desk, case_id).level
    assert "Confirmé" in browser.get(f"/desk/dossiers/{case_id}/decision").text


def test_a_correction_that_is_refused_keeps_what_was_chosen(desk: Desk) -> None:
    agent = desk.person()
    case_id, _ = held(desk, agent)
    browser = desk.browser(agent)
    fields = {"vu": shown(browser, case_id), "main": "injure", "types": ["doxing"], "flags": ["detresse"]}
    answer = browser.post(
        f"/desk/dossiers/{case_id}/decision/corriger", data={**fields, "level": "agent", "reason": ""}
    )
    assert answer.status_code == 400 and "Dites pourquoi" in answer.text
    for kept in ('value="doxing" checked', 'value="detresse" checked', 'value="agent" required checked'):
        assert kept in answer.text, kept
    assert post(browser, case_id, "corriger", **fields, level="agent", reason="Une insulte, et son adresse.") == 303
    now = standing(desk, case_id)
    assert (now.types, now.flags, now.level) == (("injure", "doxing"), ("detresse",), "agent")


def test_only_the_fields_of_the_form_are_read(desk: Desk) -> None:
    agent = desk.person()
    case_id, _ = held(desk, agent)
    browser = desk.browser(agent)
    more = {"claimed_by": "x", "departement": "13", "state": "closed", "rank": "0", "identity": "verified"}
    assert post(browser, case_id, "confirmer", vu=shown(browser, case_id), **more) == 303
    now = standing(desk, case_id)
    assert (now.claimed_by, now.departement, now.state, now.identity) == (agent.id, "35", "open", "unverified")


def test_closing_and_opening_again(desk: Desk) -> None:
    agent = desk.person()
    case_id, _ = held(desk, agent)
    browser = desk.browser(agent)
    assert post(browser, case_id, "clore", outcome="sans_suite", reason="") == 400
    assert post(browser, case_id, "clore", outcome="sans_suite", reason="Aucun fait nouveau.") == 303
    assert "sans suite" in browser.get(f"/desk/dossiers/{case_id}/decision").text
    assert post(browser, case_id, "rouvrir", reason="La personne rappelle.") == 303
    assert standing(desk, case_id).state == "open"


def test_joining_parting_and_splitting(desk: Desk) -> None:
    agent = desk.person()
    (main, _), (other, _) = held(desk, agent), held(desk, agent)
    browser = desk.browser(agent)
    joined = browser.post(
        f"/desk/dossiers/{other}/decision/reunir",
        data={"reference": standing(desk, main).reference, "reason": "La même personne."},
    )
    assert joined.headers["location"] == f"/desk/dossiers/{main}/decision#liens"
    assert standing(desk, other).reference in browser.get(f"/desk/dossiers/{main}/decision").text
    assert standing(desk, other).reference in browser.get(f"/desk/dossiers/{main}/messages").text
    assert "Séparer du dossier" in browser.get(f"/desk/dossiers/{other}/decision").text
    assert post(browser, other, "separer", reason="Deux personnes.") == 303
    assert standing(desk, other).merged_into is None
    words = "Un homme m'a écrit par SMS hier : « je sais où tu habites, je vais te tuer »."
    made = browser.post(f"/desk/dossiers/{main}/decision/extraire", data={"text": words, "reason": "Autre affaire."})
    assert made.status_code == 303 and standing(desk, made.headers["location"].split("/")[-1]).split_from == main


def test_the_number_to_call_back_is_never_the_one_of_the_report(desk: Desk) -> None:
    listed(desk.office, "p-35", "prefecture", "Préfecture d'Ille-et-Vilaine", "02 99 00 00 00")
    agent = desk.person()
    told = Told(text="Rappelez-moi au 06 11 11 11 11.", contact="06 22 22 22 22", departement="35")
    case_id = submit(desk.office, told, [], datetime.now(UTC)).case_id
    browser = desk.browser(agent)
    claim(desk.office, agent, case_id, datetime.now(UTC))
    html = browser.get(f"/desk/dossiers/{case_id}/decision").text
    block = html[html.index('id="identite"') : html.index('id="conflits"')]
    assert "02 99 00 00 00" in block and "06 11" not in block and "06 22" not in block
    assert post(browser, case_id, "identite", entry="p-35", result="verified", note="Eu le cabinet.") == 303
    assert standing(desk, case_id).identity == "verified"
    assert "Identité confirmée" in browser.get(f"/desk/dossiers/{case_id}/decision").text


def test_whoever_leaves_a_case_finds_it_nowhere(desk: Desk) -> None:
    agent, chief = desk.person(), desk.person("supervisor")
    case_id, _ = held(desk, agent)
    browser, link = desk.browser(agent), f"/desk/dossiers/{case_id}"
    reference = standing(desk, case_id).reference
    assert post(browser, case_id, "me-retirer", reason="C'est mon voisin.") == 303
    pages = ("", "/messages", "/messages/fil", "/decision", "/pieces", "/mesures", "/campagne", "/journal")
    for tab in pages:
        assert browser.get(f"/desk/dossiers/{case_id}{tab}").status_code in (403, 404), tab
    for page in ("/desk", "/desk?voir=tous", "/desk/echantillon", f"/desk?q={reference}"):
        assert link not in browser.get(page).text, page
    html = desk.browser(chief).get(f"/desk/dossiers/{case_id}/decision").text
    assert agent.name in html and "mon voisin" in html
    assert post(desk.browser(chief), case_id, "readmettre", who=agent.id, reason="Homonyme.") == 303
    assert browser.get(f"/desk/dossiers/{case_id}/decision").status_code == 200


def test_an_agent_keeps_nobody_else_out(desk: Desk) -> None:
    agent, other, chief = desk.person(), desk.person(), desk.person("supervisor")
    case_id, _ = held(desk, agent)
    for what in ("ecarter", "readmettre"):
        assert post(desk.browser(other), case_id, what, who=agent.id, reason="Pour voir.") == 403
    for who in ("", "x" * 32):
        assert post(desk.browser(chief), case_id, "ecarter", who=who, reason="Pour voir.") == 400
    assert standing(desk, case_id).claimed_by == agent.id


_FORMS = (
    *("confirmer", "corriger", "clore", "rouvrir", "reunir", "separer", "extraire"),
    *("identite", "me-retirer", "unite"),
)


@pytest.mark.parametrize("what", _FORMS)
def test_a_case_of_elsewhere_is_nobodys_to_decide(desk: Desk, what: str) -> None:
    case_id, _ = held(desk, desk.person())
    before = standing(desk, case_id)
    fields = {"vu": "1.1", "outcome": "conseils", "reason": "Pour voir.", "text": "Je suis maire.", "level": "advice"}
    assert post(desk.browser(desk.person("supervisor", Scope("13", ""))), case_id, what, **fields) == 403
    assert standing(desk, case_id) == before


def test_a_decision_by_keyboard(desk: Desk) -> None:
    listed(desk.office, "p-35", "prefecture", "Préfecture d'Ille-et-Vilaine", "02 99 00 00 00")
    listed(desk.office, "b-35", "brigade", "Brigade de Bellefontaine")
    chief = desk.person("supervisor")
    case_id, _ = held(desk, chief)
    with served(desk.app) as port, chromium() as browser:
        page = entered(desk, browser, port, chief)
        said = complaints(page)
        address = f"http://127.0.0.1:{port}/desk/dossiers/{case_id}/decision"
        page.goto(address)
        assert faults(page) == []
        page.focus("summary:has-text('Corriger')")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type("Injure")
        page.focus("input[name=level][value=urgent]")
        page.keyboard.press("ArrowDown")
        page.focus("#correction-motif")
        page.keyboard.type("Une insulte entre voisins.")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector(".history li")
        now = standing(desk, case_id)
        assert (now.types[0], now.level) == ("injure", "agent")
        for summary in page.locator("summary").all():
            summary.focus()
            page.keyboard.press("Enter")
        assert faults(page) == []
        page.set_viewport_size({"width": 360, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.select_option("#outcome", "conseils")
        page.focus("text=Clore le dossier")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Rouvrir le dossier")
        assert standing(desk, case_id).state == "closed"
        assert faults(page) == [] and said == []
