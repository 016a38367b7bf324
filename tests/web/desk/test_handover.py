"""What leaves the desk, in the browser: who may, what the pages say, and the whole way by keyboard."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page

from tests.desk.handover.cases import TEXT, handled
from tests.web.desk.conftest import Desk
from tests.web.serving import chromium, complaints, faults, served
from tests.web.visitor import Visitor
from triage.desk import case as cases
from triage.desk import follow_up
from triage.intake.moment import in_paris
from triage.store import directory, trail
from triage.store.directory import Unit
from triage.store.people import Person, Scope


@pytest.fixture
def held(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> tuple[Desk, str, Person]:
    """A case that an agent has just claimed."""
    monkeypatch.setattr("tests.desk.handover.cases.NOW", datetime.now(UTC))
    case_id, person = handled(desk.office)
    return desk, case_id, person


def here(case_id: str, page: str = "") -> str:
    return f"/desk/dossiers/{case_id}/transmission{page}"


def with_units(desk: Desk) -> None:
    rest = {"force": "gendarmerie", "commune": "", "phone": "", "mail": "", "address": "", "referent": ""}
    with desk.office.database.write() as connection:
        several = [("b07", "brigade", "Brigade de Privas", "07"), ("b35", "brigade", "Brigade de Vitré", "35")]
        several.append(("p07", "prefecture", "Préfecture de l'Ardèche", "07"))
        directory.replace_units(connection, [Unit(*one, **rest, checked_on="") for one in several])


def verbs(desk: Desk, case_id: str) -> list[str]:
    with desk.office.database.read() as connection:
        return [one.what for one in trail.of_case(connection, case_id)][::-1]


def test_the_file_leaves_for_a_unit_of_the_place(held: tuple[Desk, str, Person]) -> None:
    desk, case_id, person = held
    with_units(desk)
    client = desk.browser(person)
    shown = client.get(here(case_id)).text
    assert "Brigade de Privas" in shown and "Vitré" not in shown and "Préfecture" not in shown
    answer = client.post(here(case_id, "/fichier"), data={"unite": "b07", "format": "pdf"})
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
    assert "attachment" in answer.headers["content-disposition"]
    answer = client.post(here(case_id, "/fichier"), data={"unite": "b07", "format": "zip"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as opened:
        assert "pieces/02-vue.png" in opened.namelist()
    again = client.get(here(case_id)).text
    assert len(re.findall(r"<code>[0-9a-f]{64}</code>", again)) == 2
    assert client.post(here(case_id, "/fichier"), data={"unite": "p07", "format": "pdf"}).status_code == 400


def test_what_is_unticked_stays_and_what_is_ticked_goes(held: tuple[Desk, str, Person]) -> None:
    desk, case_id, person = held
    client = desk.browser(person)
    shown = client.get(here(case_id, "/masquer")).text
    proposed = re.findall(r'name="masquer" value="([^"]*)" checked', shown)
    assert {"Jeanne Valmont", "Bertrand Kergoat", "12 bis rue des Lilas", "06 39 98 12 34"} <= set(proposed)
    assert not re.search(r'name="image"[^>]*checked', shown) and "Relisez" in shown
    kept = [one for one in proposed if one != "Bertrand Kergoat"]
    data = {"masquer": kept, "ajouts": "22 h\ncorbeau34", "format": "apercu"}
    answer = client.post(here(case_id, "/masquer"), data=data)
    report = answer.text.split("<h3>Récit")[1].split("</section>")[0]
    assert "Bertrand Kergoat" in report and "Valmont" not in report and "[adresse 1]" in report and "22 h" not in report
    assert "export.pdf" not in verbs(desk, case_id)
    made = client.post(here(case_id, "/masquer"), data=data | {"format": "pdf"})
    assert made.content.startswith(b"%PDF") and "masque" in made.headers["content-disposition"]
    assert verbs(desk, case_id)[-1] == "export.pdf"


@pytest.mark.parametrize(
    "data, said",
    [({"format": "pdf"}, "Rien n&#39;est coché"), ({"format": "zip", "ajouts": "x"}, "trop court")],
)
def test_what_cannot_be_masked_is_said_and_nothing_leaves(
    held: tuple[Desk, str, Person], data: dict[str, str], said: str
) -> None:
    desk, case_id, person = held
    answer = desk.browser(person).post(here(case_id, "/masquer"), data=data)
    assert answer.status_code == 400 and said in answer.text
    assert not [one for one in verbs(desk, case_id) if one.startswith("export")]


def test_the_minutes_and_the_addresses_are_ready_to_be_copied(held: tuple[Desk, str, Person]) -> None:
    desk, case_id, person = held
    client = desk.browser(person)
    assert "mot à mot" in client.get(here(case_id, "/proces-verbal")).text
    shown = client.get(here(case_id, "/pharos")).text
    assert "https://x.com/corbeau34/status/19887 ; signalée le" in shown and "n&#39;envoie rien" in shown
    assert "Toute personne qui voit un contenu public" in shown
    made = client.post(here(case_id, "/pharos.csv"))
    assert made.content.decode("utf-8-sig").startswith("adresse;date;nature;source")
    assert verbs(desk, case_id)[-1] == "export.pharos"


def test_who_may_not_see_the_case_takes_nothing_out(held: tuple[Desk, str, Person]) -> None:
    desk, case_id, _ = held
    stranger = desk.browser(desk.person("agent", Scope("35", "")))
    analyst = desk.browser(desk.person("analyst"))
    before = verbs(desk, case_id)
    for client in (stranger, analyst):
        for page in ("", "/masquer", "/proces-verbal", "/pharos"):
            assert client.get(here(case_id, page)).status_code == 403
        for page in ("/fichier", "/masquer", "/pharos.csv", "/confirmer"):
            assert client.post(here(case_id, page), data={"format": "zip", "masquer": "Valmont"}).status_code == 403
    assert verbs(desk, case_id) == before


def test_another_site_takes_nothing_out(held: tuple[Desk, str, Person]) -> None:
    desk, case_id, person = held
    client = desk.browser(person)
    for page in ("/fichier", "/masquer", "/pharos.csv", "/confirmer"):
        answer = client.post(here(case_id, page), headers={"sec-fetch-site": "cross-site"}, data={"format": "pdf"})
        assert answer.status_code == 403


def confirmed(client: Visitor, case_id: str, **typed: str) -> int:
    paris = in_paris(datetime.now(UTC))
    data = {"service": "Brigade de Privas", "jour": f"{paris:%Y-%m-%d}", "heure": f"{paris:%H:%M}"}
    return client.post(here(case_id, "/confirmer"), data=data | typed).status_code


def test_the_case_is_transmitted_once_an_agent_says_so(held: tuple[Desk, str, Person]) -> None:
    desk, case_id, person = held
    client = desk.browser(person)
    assert confirmed(client, case_id) == 400  # a message of the official waits
    follow_up.read_messages(desk.office, case_id, "official", datetime.now(UTC))
    assert confirmed(client, case_id, service=" ") == 400
    assert confirmed(client, case_id, jour="demain") == 400
    assert cases.load(desk.office, case_id).state == "open"
    assert confirmed(client, case_id) == 303
    assert cases.load(desk.office, case_id).state == "transmitted"
    assert "a été transmis" in client.get(here(case_id)).text


def test_no_number_of_a_case_leads_to_the_exhibits_of_another(held: tuple[Desk, str, Person]) -> None:
    """What is ticked of the form is looked for in this case only."""
    desk, case_id, person = held
    data = {"masquer": ["Jeanne Valmont", "Inconnue"], "image": ["99", "-1", "x"], "format": "zip"}
    answer = desk.browser(person).post(here(case_id, "/masquer"), data=data)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as opened:
        assert not [name for name in opened.namelist() if name.startswith("images/")]


# --- In a real browser --------------------------------------------------------------------------------------------


def pressed(page: Page, name: str) -> None:
    """Goes by the keyboard alone to what is called so, and presses Enter."""
    for _ in range(120):
        page.keyboard.press("Tab")
        text = page.evaluate("(document.activeElement.innerText || '').trim()")
        if text.startswith(name):
            page.keyboard.press("Enter")
            return
    pytest.fail(f"« {name} » ne s'atteint pas au clavier")


@pytest.mark.whole
def test_a_case_is_masked_and_handed_over_by_keyboard(held: tuple[Desk, str, Person]) -> None:
    desk, case_id, person = held
    follow_up.read_messages(desk.office, case_id, "official", datetime.now(UTC))
    token = desk.browser(person).cookies["bureau"]
    with served(desk.app) as port, chromium() as browser:
        context = browser.new_context(accept_downloads=True, permissions=["clipboard-read", "clipboard-write"])
        context.add_cookies([{"name": "bureau", "value": token, "domain": "127.0.0.1", "path": "/desk"}])
        page = context.new_page()
        said = complaints(page)
        page.goto(f"http://127.0.0.1:{port}{here(case_id)}")
        assert faults(page) == []
        pressed(page, "Version masquée")
        page.wait_for_url("**/masquer")
        assert faults(page) == []
        pressed(page, "Voir le texte masqué")
        page.get_by_text("une fois masqué").first.wait_for()
        assert "[personne 1]" in page.inner_text(".report >> nth=0") and faults(page) == []
        with page.expect_download() as taken:
            pressed(page, "Télécharger le PDF masqué")
        assert taken.value.suggested_filename.endswith("-masque.pdf")
        page.goto(f"http://127.0.0.1:{port}{here(case_id, '/proces-verbal')}")
        assert faults(page) == []
        pressed(page, "Copier le texte")
        page.get_by_text("Copié.").wait_for()
        assert TEXT[:40] in page.evaluate("navigator.clipboard.readText()")
        page.goto(f"http://127.0.0.1:{port}{here(case_id, '/pharos')}")
        assert faults(page) == []
        page.goto(f"http://127.0.0.1:{port}{here(case_id)}")
        page.focus("#service")
        page.keyboard.type("Brigade de Privas")
        pressed(page, "Confirmer la transmission")
        page.get_by_text("Ce dossier a été transmis").wait_for()
        assert faults(page) == [] and said == []
