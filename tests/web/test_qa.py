"""What nobody planned and people do: too many files, a page reopened, a case left open, a draft that is not sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.serving import chromium, complaints, faults, served
from tests.web.visitor import signed
from triage.desk.office import Office
from triage.engine import Engine
from triage.jobs.work import read_files, sort_comments
from triage.settings import Settings
from triage.web import access
from triage.web.app import create_app
from triage.web.marks import linked
from triage.web.templating import templates

CALM = "Un habitant critique durement mes choix de voirie sur Facebook, sans insulte ni menace."
PROGRAM = b"MZ" + bytes(90)
POSTED = ("recit", "signalement", "diagnostic", "modifier", "echeances.ics")
POSTED_IN_A_CASE = ("note", "gestes", "mesures", "corriger", "complement", "retirer", "quitter")


@pytest.fixture(scope="module")
def guichet(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Office]]:
    app = create_app(Settings(data=tmp_path_factory.mktemp("qa"), per_minute=100_000), engine)
    app.state.wake = lambda: None
    with served(app) as port:
        yield f"http://127.0.0.1:{port}", app.state.office
    app.state.office.database.close()


@pytest.fixture
def client(guichet: tuple[str, Office]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=guichet[0], follow_redirects=True, timeout=60) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    made = context.new_page()
    made.set_default_timeout(10_000)
    yield made
    context.close()


def send(page: Page, address: str, text: str) -> None:
    """Tells, sends, and goes to the case."""
    page.goto(address)
    page.get_by_label("Votre récit").fill(text)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
    page.wait_for_url("**/suivi**")
    page.goto(f"{address}/suivi")


def test_a_report_with_far_too_many_files_is_kept_and_says_so(client: httpx.Client) -> None:
    files = [("files", (f"capture {number}.txt", b"bonjour")) for number in range(150)]
    answer = client.post("/signalement", data={"text": CALM}, files=files)
    assert answer.status_code == 200
    assert "Pièces (100)" in answer.text
    assert "Certains fichiers n'ont pas été gardés" in answer.text
    assert "Autres fichiers qui n'ont pas été gardés" in unescape(answer.text)
    assert "Certains fichiers" not in client.get("/suivi").text
    client.post("/suivi/effacer", data=signed(client, "/suivi"))


def test_every_refused_file_is_told_or_counted(client: httpx.Client) -> None:
    files = [("files", (f"programme numéro {number} de la mairie.exe", PROGRAM)) for number in range(40)]
    text = client.post("/signalement", data={"text": CALM}, files=files).text
    told = text.count("de la mairie.exe »")
    counted = re.search(r"n'ont pas été gardés : (\d+)\.", unescape(text))
    assert told > 5
    assert counted
    assert told + int(counted[1]) == 40


@pytest.mark.parametrize("place", POSTED)
def test_a_page_reopened_without_its_form_is_the_text_box(client: httpx.Client, place: str) -> None:
    answer = client.get(f"/{place}")
    assert (answer.status_code, answer.url.path) == (200, "/")


@pytest.mark.parametrize("place", POSTED_IN_A_CASE)
def test_a_page_of_a_case_reopened_without_its_form_is_the_case(client: httpx.Client, place: str) -> None:
    client.post("/signalement", data={"text": CALM})
    answer = client.get(f"/suivi/{place}")
    assert (answer.status_code, answer.url.path) == (200, "/suivi")


def test_a_calm_case_does_not_say_that_agents_are_awaited(client: httpx.Client) -> None:
    client.post("/signalement", data={"text": CALM})
    text = client.get("/suivi").text
    assert "<strong>Enregistré</strong>" in text
    assert "Dans la file" not in text
    assert "Retirer mon récit de la file" not in text
    client.post("/suivi/mesures", data=signed(client, "/suivi", measure="referent"))
    assert "<strong>Dans la file</strong>, pas encore lu" in client.get("/suivi").text


def test_a_case_stays_open_while_it_is_used(client: httpx.Client) -> None:
    """Each page seals the code again; what the page asks for by itself does not."""
    client.post("/signalement", data={"text": CALM})
    first = client.cookies[access.COOKIE]
    client.get("/suivi/lecture", headers={"HX-Request": "true"})
    assert client.cookies[access.COOKIE] == first
    client.get("/suivi/messages")
    assert client.cookies[access.COOKIE] != first
    assert "code-shown" in client.get("/suivi").text
    client.post("/suivi/note", data=signed(client, "/suivi"))
    assert "code-shown" not in client.get("/suivi").text
    client.post("/suivi/quitter", data=signed(client, "/suivi"))
    assert access.COOKIE not in client.cookies


def test_a_case_that_closed_says_why_once(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.post("/signalement", data={"text": CALM})
    monkeypatch.setattr(access, "_IDLE", -1)
    assert "sans doute après 45 minutes sans activité" in client.post("/suivi/complement", data={"more": "a"}).text
    assert "sans doute après" not in client.get("/suivi").text


def test_a_gesture_ticked_in_a_case_that_closed_is_not_lost_in_silence(page: Page, guichet: tuple[str, Office]) -> None:
    address, _ = guichet
    send(page, address, CALM)
    page.context.clear_cookies()
    page.locator("form.steps").get_by_role("checkbox").first.click(no_wait_after=True)
    expect(page.get_by_label("Votre code à 16 chiffres")).to_be_visible()


def test_a_name_with_quotation_marks_is_shown_as_it_is(page: Page, guichet: tuple[str, Office]) -> None:
    address, _ = guichet
    send(page, address, CALM)
    page.goto(f"{address}/suivi/pieces")
    name = 'a "b" <i>é😂.txt'
    page.get_by_label("Ajouter des pièces").set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": b"bonjour"}
    )
    page.get_by_role("button", name="Envoyer ces pièces").click()
    expect(page.get_by_role("heading", name=f"Pièce 1 : {name}")).to_be_visible()


def test_a_draft_waits_until_the_report_is_received(page: Page, guichet: tuple[str, Office]) -> None:
    address, _ = guichet
    page.goto(address)
    page.get_by_label("Votre récit").fill(CALM)
    page.get_by_role("button", name="Continuer").click()
    page.route("**/signalement", lambda route: route.fulfill(status=429, content_type="text/html", body="<p>Non"))
    page.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
    expect(page.get_by_text("Non")).to_be_visible()
    page.unroute("**/signalement")
    page.goto(address)
    expect(page.get_by_label("Votre récit")).to_have_value(CALM)
    send(page, address, CALM)
    page.goto(address)
    expect(page.get_by_label("Votre récit")).to_have_value("")


def test_a_message_typed_in_a_case_that_closed_is_not_lost(page: Page, guichet: tuple[str, Office]) -> None:
    address, _ = guichet
    send(page, address, CALM)
    code = re.sub(r"\D", "", page.locator(".code-shown").inner_text())
    page.goto(f"{address}/suivi/messages")
    page.get_by_label("Écrire aux agents").fill("Il est revenu.")
    page.context.clear_cookies()
    page.get_by_role("button", name="Envoyer").click()
    page.get_by_label("Votre code").fill(code)
    page.get_by_role("button", name="Ouvrir mon dossier").click()
    page.get_by_role("link", name="Messages").click()
    expect(page.get_by_label("Écrire aux agents")).to_have_value("Il est revenu.")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_text("Il est revenu.")).to_be_visible()
    expect(page.get_by_label("Écrire aux agents")).to_have_value("")


@pytest.mark.whole
def test_what_was_read_is_announced_once_and_the_rest_is_not(page: Page, guichet: tuple[str, Office]) -> None:
    """The region that speaks is there from the start; while files are read, nothing is said each three seconds."""
    address, office = guichet
    said = complaints(page)
    page.goto(address)
    page.get_by_label("Votre récit").fill(CALM)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Captures d'écran").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"bonjour"}
    )
    page.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
    page.goto(f"{address}/suivi")
    assert page.locator("#lecture [role=status], #lecture [aria-live]").count() == 0
    assert page.locator("#annonce[role=status]").inner_text() == ""
    read_files(office, None)
    sort_comments(office, None, 1)
    expect(page.locator("#annonce[role=status]")).to_contain_text("Vos pièces ont été lues")
    assert page.locator("#annonce").count() == 1
    assert faults(page) == []
    assert said == []


def test_files_too_heavy_together_are_told_before_they_are_sent(page: Page, guichet: tuple[str, Office]) -> None:
    address, _ = guichet
    page.goto(address)
    page.get_by_label("Votre récit").fill(CALM)
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/recit")  # loaded, scripts and all
    files = page.get_by_label("Captures d'écran")
    assert files.get_attribute("data-over").startswith("Ces fichiers dépassent 200 Mo en tout")
    files.evaluate("field => field.dataset.most = 3")
    files.set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"bonjour"})
    assert files.evaluate("field => field.validationMessage").startswith("Ces fichiers dépassent")
    page.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
    assert page.url.endswith("/recit")
    files.set_input_files([])
    page.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
    page.wait_for_url("**/suivi**")


def test_refused_files_are_read_first(page: Page, guichet: tuple[str, Office], tmp_path: Path) -> None:
    address, _ = guichet
    send(page, address, CALM)
    page.goto(f"{address}/suivi/pieces")
    (tmp_path / "a.exe").write_bytes(PROGRAM)
    page.get_by_label("Ajouter des pièces").set_input_files(tmp_path / "a.exe")
    page.get_by_role("button", name="Envoyer ces pièces").click()
    expect(page.locator("#erreur")).to_be_focused()
    assert page.title() == "Erreur – Guichet"


def test_a_fact_told_can_be_taken_back(page: Page, guichet: tuple[str, Office]) -> None:
    address, _ = guichet
    page.goto(address)
    page.get_by_label("Votre récit").fill(CALM)
    page.get_by_role("button", name="Continuer").click()
    who = page.get_by_role("group", name="Qui écrit")
    assert who.get_by_label("Ne pas dire").is_checked()
    who.get_by_label("Maire", exact=True).check()
    who.get_by_label("Ne pas dire").check()
    page.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
    page.goto(f"{address}/suivi/precisions")
    assert page.get_by_role("group", name="Qui écrit").get_by_label("Ne pas dire").is_checked()


def test_whom_to_call_and_the_agents_stand_on_the_first_screen(page: Page, guichet: tuple[str, Office]) -> None:
    """Of a phone, with the most numbers to show: somebody who thinks of dying."""
    address, _ = guichet
    send(page, address, "Je suis maire. Ils ont gagné. J'ai écrit une lettre d'adieu à mes enfants, je veux mourir.")
    box = page.locator("#alerte").bounding_box()
    assert page.locator(".call").count() >= 4
    assert box
    assert box["y"] + box["height"] <= 844
    assert page.locator("#alerte a").evaluate_all("all => all.map(one => one.textContent)") == ["3114"]


def test_doubt_is_said_with_the_level(client: httpx.Client) -> None:
    text = client.post("/diagnostic", data={"text": "Someone wrote that he will kill me and my kids tonight."}).text
    assert text.count("ne semble pas être en français") == 1
    assert text.index("ne semble pas être en français") < text.index("<h2>")


@pytest.mark.parametrize(
    "text",
    [
        "j'en peux plus, je vais prendre les cachets de ma femme",
        "I am the mayor, he wrote on Instagram that he will kill me and my kids tonight.",
    ],
)
def test_nobody_in_danger_is_told_that_it_is_out_of_scope(client: httpx.Client, text: str) -> None:
    """Even where no type is recognised and the level alone says that somebody must act."""
    page = unescape(client.post("/diagnostic", data={"text": text}).text)
    assert "La critique, même dure" not in page
    assert "répondre une fois" not in page
    assert "<h3>Hors périmètre" not in page
    assert "pourquoi : Hors périmètre" not in page
    assert "La critique, même dure" in client.post("/diagnostic", data={"text": CALM}).text


def test_numbers_and_sites_in_a_sentence_can_be_tapped(engine: Engine) -> None:
    contacts = engine.composer.knowledge.contacts.values()
    said = str(linked(templates.env, "Appelez le 17, pas le 175 ; ouvrez 17cyber.gouv.fr. <b>", contacts))
    assert said.count("<a ") == 2
    assert '<a href="tel:17" rel="noreferrer">17</a>, pas le 175' in said
    assert said.endswith("&lt;b&gt;")
    assert str(linked(templates.env, "Le 17 <", ())) == "Le 17 &lt;"
