"""The measures of a case on their page: steps, reminders, letters, place; and the whole bouton d'appel by keyboard."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from httpx import Response
from odfdo import Document
from playwright.sync_api import BrowserContext, Page

from tests.desk.measures.conftest import directory, holds, told
from tests.web.desk.conftest import Desk
from tests.web.serving import chromium, complaints, faults, served
from tests.web.visitor import Visitor
from triage.desk import follow_up
from triage.desk.people import sessions
from triage.intake.moment import in_paris
from triage.store import measures
from triage.store.people import Person, Scope
from triage.store.people_tables import AUDIT
from triage.web.access import COOKIE as CODE
from triage.web.desk.door import COOKIE, HOME

OWN = {"sec-fetch-site": "same-origin"}
QUOTED = "je vais te tuer"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def agent(desk: Desk) -> Person:
    directory(desk.office)
    return desk.person("agent", unit="BR-01")


@pytest.fixture
def case_id(desk: Desk, agent: Person) -> str:
    """A case in Clairval that the agent holds, whose official has asked for a bouton d'appel."""
    made = told(desk.office, commune="Clairval", now=now())  # type: ignore[arg-type]
    follow_up.ask_measure(desk.office, made, "bouton_appel", now())
    holds(desk.office, agent, made, now())
    return made


def send(client: Visitor, path: str, **form: str) -> Response:
    return client.post(path, data=form, headers=OWN)


def page_of(case_id: str) -> str:
    return f"{HOME}/dossiers/{case_id}/mesures"


def state(desk: Desk, case_id: str, kind: str = "bouton_appel") -> str:
    with desk.office.database.read() as connection:
        one = measures.get(connection, case_id, kind)
    return one.state if one else ""


def done(desk: Desk, case_id: str) -> list[str]:
    with desk.office.database.read() as connection:
        return [
            f"{row.what} {row.about}"
            for row in connection.execute(AUDIT.select().where(AUDIT.c.case_id == case_id).order_by(AUDIT.c.seq))
        ]


def test_the_page_says_where_each_stands_whom_to_turn_to_and_what_is_proposed(
    desk: Desk, agent: Person, case_id: str
) -> None:
    page = desk.browser(agent).get(page_of(case_id)).text
    for said in (
        "Demandé par l&#39;élu",
        "Transmettre la demande au préfet",
        "Préfecture d&#39;Ille-et-Vilaine, cabinet",
        "Clairval (35901)",
        'href="tel:0299000001"',
        "proposée par le diagnostic",
    ):
        assert said in page


def test_a_step_is_taken_and_a_stale_page_is_told_so(desk: Desk, agent: Person, case_id: str) -> None:
    client, path = desk.browser(agent), f"{page_of(case_id)}/bouton_appel"
    step = {"before": "demande", "to": "transmis", "unit": "PREF35", "note": "Cabinet prévenu"}
    assert send(client, path, **step).headers["location"] == page_of(case_id)
    again = send(client, path, **step)
    assert again.status_code == 409 and "a changé entre-temps" in again.text and "Cabinet prévenu" in again.text
    assert state(desk, case_id) == "transmis"


def test_the_columns_of_the_store_are_out_of_reach_of_a_form(desk: Desk, agent: Person, case_id: str) -> None:
    send(desk.browser(agent), page_of(case_id), kind="alarme_elu", state="inscrit", by="someone", case_id="0" * 32)
    assert state(desk, case_id, "alarme_elu") == "propose"


def test_another_site_cannot_take_a_step(desk: Desk, agent: Person, case_id: str) -> None:
    form = {"before": "demande", "to": "sans_suite"}
    answer = desk.browser(agent).post(
        f"{page_of(case_id)}/bouton_appel", data=form, headers={"sec-fetch-site": "cross-site"}
    )
    assert (answer.status_code, state(desk, case_id)) == (403, "demande")


def test_whoever_does_not_hold_the_case_or_is_out_of_its_scope_changes_nothing(
    desk: Desk, agent: Person, case_id: str
) -> None:
    step = {"before": "demande", "to": "transmis"}
    other, elsewhere = desk.browser(desk.person()), desk.browser(desk.person("agent", Scope("22")))
    answer = send(other, f"{page_of(case_id)}/bouton_appel", **step)
    assert answer.status_code == 409 and "Prenez d&#39;abord ce dossier" in answer.text
    assert send(elsewhere, f"{page_of(case_id)}/bouton_appel", **step).status_code == 403
    assert elsewhere.get(page_of(case_id)).status_code == 403
    assert elsewhere.get(f"{page_of(case_id)}/bouton_appel/lettres/demande").status_code == 403
    assert send(elsewhere, f"{page_of(case_id)}/bouton_appel/lettres/demande", **{"as": "pdf"}).status_code == 403
    assert send(elsewhere, f"{HOME}/dossiers/{case_id}/commune", code="22901").status_code == 403
    assert elsewhere.get("/desk/mesures").text.count(case_id) == 0
    assert state(desk, case_id) == "demande"


def test_a_letter_is_read_over_then_made_and_the_export_is_noted(desk: Desk, agent: Person, case_id: str) -> None:
    client, path = desk.browser(agent), f"{page_of(case_id)}/bouton_appel/lettres/demande"
    first = client.get(path).text
    assert "Brigade de Clairval" in first and "<mark>[à compléter : prénom et nom de l&#39;élu]</mark>" in first
    assert QUOTED not in first
    seen = send(client, path, official="Claude Aubry", narrative="oui")
    assert "Claude Aubry" in seen.text and QUOTED in seen.text
    odt = send(client, path, official="Claude Aubry", **{"as": "odt"})
    said = Document(io.BytesIO(odt.content)).get_formatted_text()
    assert "Claude Aubry" in said and QUOTED not in said
    pdf = send(client, path, official="Claude Aubry", narrative="oui", **{"as": "pdf"})
    assert pdf.headers["content-type"] == "application/pdf" and pdf.content.startswith(b"%PDF")
    assert re.search(
        r'filename="bouton_appel-demande-[0-9A-F]{4}-[0-9A-F]{4}\.pdf"', pdf.headers["content-disposition"]
    )
    exports = [one for one in done(desk, case_id) if one.startswith("export")]
    assert exports == ["export.odt bouton_appel.demande", "export.pdf bouton_appel.demande narrative"]


def test_a_letter_that_does_not_exist_says_so(desk: Desk, agent: Person, case_id: str) -> None:
    answer = desk.browser(agent).get(f"{page_of(case_id)}/bouton_appel/lettres/nulle")
    assert answer.status_code == 400 and "Cette lettre n&#39;existe pas." in answer.text


def test_the_place_can_be_put_right(desk: Desk, agent: Person, case_id: str) -> None:
    client = desk.browser(agent)
    assert "Retenir Hautmont-sur-Ille (35)" in client.get(f"{page_of(case_id)}?commune=hautmont").text
    send(client, f"{HOME}/dossiers/{case_id}/commune", code="35902")
    assert "Hautmont-sur-Ille (35902)" in client.get(page_of(case_id)).text


def test_the_official_sees_where_it_stands(desk: Desk, agent: Person) -> None:
    official = Visitor(desk.app, base_url="https://testserver")
    official.post("/signalement", data={"text": "On m'écrit : « je vais te casser les jambes »."}, headers=OWN)
    assert official.cookies.get(CODE)
    official.post("/suivi/mesures", data={"measure": "referent"}, headers=OWN)
    with desk.office.database.read() as connection:
        case_id = connection.exec_driver_sql("select id from cases").scalar_one()
    holds(desk.office, agent, case_id, now())
    send(desk.browser(agent), f"{page_of(case_id)}/referent", before="demande", to="transmis", note="Pour nous seuls")
    page = official.get("/suivi").text
    official.close()
    assert "Où en sont vos mesures" in page
    assert "Vous avez demandé que le référent « atteintes aux élus » évalue la menace." in page
    assert "La demande est transmise au référent « atteintes aux élus »." in page
    assert "Pour nous seuls" not in page


def enter(desk: Desk, person: Person, context: BrowserContext, address: str) -> Page:
    with desk.office.database.write() as connection:
        token = sessions.begin(desk.office, connection, person.id, "password", now())
    context.add_cookies([{"name": COOKIE, "value": token, "url": f"{address}{HOME}"}])
    return context.new_page()


def press(page: Page, button: str) -> None:
    """Goes to the button and presses it, without a mouse."""
    page.get_by_role("button", name=button).first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.whole
def test_a_bouton_d_appel_from_the_request_to_its_end_by_the_keyboard(desk: Desk, agent: Person, case_id: str) -> None:
    with served(desk.app) as port, chromium() as browser:
        address = f"http://127.0.0.1:{port}"
        page = enter(desk, agent, browser.new_context(base_url=address), address)
        said, found = complaints(page), list[str]()
        page.goto(page_of(case_id))
        found += faults(page)
        press(page, "Transmettre la demande au préfet")
        # Granted eleven weeks ago, as if time had passed since: it ends soon, and its reminder has come.
        granted = in_paris(now() - timedelta(days=77)).date().isoformat()
        page.get_by_label("À compter du").fill(granted)
        press(page, "Noter l'accord du préfet")
        found += faults(page)
        assert page.get_by_text("Rappel dépassé").count() == 1
        page.goto("/desk/mesures?rappel=oui")
        found += faults(page)
        assert page.get_by_role("heading", name="Se terminent bientôt").count() == 1
        page.get_by_role("link", name=re.compile(f"^{case_id[:4]}", re.IGNORECASE)).first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/mesures#bouton_appel")
        page.get_by_role("link", name="Lettre de renouvellement").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/lettres/renouvellement")
        found += faults(page)
        page.get_by_label("Nom de l'élu").fill("Claude Aubry")
        page.get_by_role("button", name="Télécharger en PDF").focus()
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        assert download.value.suggested_filename.endswith(".pdf")
        page.goto(page_of(case_id))
        press(page, "Demander le renouvellement")
        press(page, "Noter le renouvellement")
        assert page.get_by_text("Rappel dépassé").count() == 0
        press(page, "Noter la fin")
        assert urlsplit(page.url).path == page_of(case_id)
        found += faults(page)
    assert (found, said, state(desk, case_id)) == ([], [], "fini")
