"""The whole path of an official in a real browser: with and without scripts, on a phone and at a desk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.web.serving import chromium, complaints, faults, served
from triage.desk import duty, evidence, follow_up
from triage.desk.office import Office
from triage.engine import Engine
from triage.settings import Settings
from triage.web.app import create_app

THREAT = (
    "Je suis maire d'un village. Depuis lundi un homme m'écrit par SMS. Hier soir : « je sais où tu habites, je vais "
    "te tuer ». J'ai fait des captures."
)
CALM = "Un habitant critique durement mes choix de voirie sur Facebook, sans insulte ni menace. Que puis-je répondre ?"
SIZES = {"phone": (390, 844), "desk": (1280, 900)}


@pytest.fixture(scope="module")
def guichet(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Office]]:
    settings = Settings(data=tmp_path_factory.mktemp("guichet"), per_minute=100_000)
    app = create_app(settings, engine)
    with served(app) as port:
        yield f"http://127.0.0.1:{port}", app.state.office
    app.state.office.database.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


WAYS = [
    pytest.param((size, scripts), marks=[pytest.mark.whole] * (size == "desk"))
    for size in SIZES
    for scripts in (True, False)
]


@pytest.fixture(params=WAYS, ids=str)
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A fresh browser: a phone or a desk, with or without scripts."""
    size, scripts = request.param
    width, height = SIZES[size]
    made = browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=scripts)
    made.set_default_timeout(10_000)
    yield made
    made.close()


def send(page: Page, address: str, text: str, more: Callable[[Page], None] = lambda page: None) -> str:
    """Tells, sends, passes the questions over; the code."""
    page.goto(address)
    page.get_by_label("Votre récit").fill(text)
    page.get_by_role("button", name="Continuer").click()
    more(page)
    page.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
    while page.url.endswith("/question"):
        page.get_by_role("button", name="Passer cette question").click()
    page.wait_for_load_state("load")
    return re.sub(r"\D", "", page.locator(".code-shown").inner_text())


def press(page: Page, name: str) -> None:
    """Presses a button and waits for the next page."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).first.click()


def fits(page: Page) -> bool:
    """Whether nothing hangs over the side."""
    return page.locator("html").bounding_box()["width"] <= page.viewport_size["width"] and not page.locator(
        "body"
    ).evaluate("body => body.ownerDocument.documentElement.scrollWidth > innerWidth")


def test_a_threat_is_told_sent_and_found_again(context: BrowserContext, guichet: tuple[str, Office]) -> None:
    address, _ = guichet
    page = context.new_page()
    said = complaints(page)

    def facts(page: Page) -> None:
        page.get_by_label("Maire", exact=True).check()
        page.get_by_label("SMS", exact=True).check()
        page.get_by_label("Département", exact=True).select_option("974")
        page.get_by_label("Gendarmerie").check()

    code = send(page, address, THREAT, facts)
    assert len(code) == 16
    assert page.get_by_role("heading", level=1).inner_text() in ("Urgent", "Danger immédiat")
    expect(page.get_by_role("link", name="17", exact=True).first).to_be_visible()
    assert "À La Réunion" in page.content() or "à La Réunion" in page.content()
    assert page.locator("mark").count() > 0
    assert page.locator("mark + sup a").first.get_attribute("aria-label").startswith("1, pourquoi : ")
    page.get_by_role("button", name="J'ai noté mon code").click()
    assert page.locator(".code-shown").count() == 0

    other = context.browser.new_context(java_script_enabled=False)
    again = other.new_page()
    again.goto(f"{address}/suivi")
    again.get_by_label("Votre code à 16 chiffres").fill(f"{code[:4]} {code[4:8]} {code[8:12]} {code[12:]}")
    again.get_by_role("button", name="Ouvrir mon dossier").click()
    assert "je vais te tuer" in again.locator(".report").inner_text()
    assert again.locator(".code-shown").count() == 0
    other.close()
    assert said == []


def test_nobody_is_there_and_nobody_is_promised(context: BrowserContext, guichet: tuple[str, Office]) -> None:
    """An empty desk, then a rota for one département only."""
    address, office = guichet
    page = context.new_page()
    send(page, address, THREAT)
    said = page.locator("#alerte").inner_text()
    assert "Aucun agent n'est connecté : appelez le 17 ou ouvrez 17cyber.gouv.fr" in said
    assert "Délai" not in said
    now = datetime.now(UTC)
    duty.add(office.database, "Adj. Durand", now - timedelta(hours=1), now + timedelta(hours=1), "07", "gendarmerie")
    try:
        page.reload()
        assert "Aucun agent n'est connecté" in page.locator("#alerte").inner_text()
        other = context.new_page()

        def there(page: Page) -> None:
            page.get_by_label("Département", exact=True).select_option("07")
            page.get_by_label("Gendarmerie").check()

        send(other, address, THREAT, there)
        assert "Un agent est prévenu. Délai visé" in other.locator("#alerte").inner_text()
    finally:
        for one in duty.shifts(office.database, now):
            duty.remove(office.database, one.id)


def test_a_question_is_answered_and_changes_the_level(context: BrowserContext, guichet: tuple[str, Office]) -> None:
    address, _ = guichet
    page = context.new_page()
    page.goto(address)
    page.get_by_label("Votre récit").fill("On me menace à demi-mot dans des courriers : « fais attention à toi ».")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
    expect(page.get_by_text("Pourquoi cette question")).to_be_visible()
    assert "danger" in page.get_by_role("heading", level=1).inner_text()
    page.get_by_label("Oui").check()
    page.get_by_role("button", name="Continuer").click()
    page.goto(f"{address}/suivi")
    assert page.get_by_role("heading", level=1).inner_text() == "Danger immédiat"


def test_gestures_are_ticked_and_stay_so(context: BrowserContext, guichet: tuple[str, Office]) -> None:
    address, _ = guichet
    page = context.new_page()
    send(page, address, THREAT)
    form = page.locator("form.steps").first
    keep = form.get_by_role("button", name="Garder ce qui est fait")
    scripts = not keep.is_visible()
    if scripts:
        with page.expect_response("**/suivi/gestes"):
            form.get_by_role("checkbox").first.check()
    else:
        form.get_by_role("checkbox").first.check()
        keep.click()
    page.goto(f"{address}/suivi")
    assert page.locator("form.steps").first.get_by_role("checkbox").first.is_checked()


def test_it_is_not_that(context: BrowserContext, guichet: tuple[str, Office]) -> None:
    address, _ = guichet
    page = context.new_page()
    send(page, address, CALM)
    page.get_by_text("Ce n'est pas cela").click()
    page.get_by_label("Il s'agit surtout de").select_option("diffamation")
    page.get_by_role("button", name="Corriger").click()
    assert page.get_by_role("heading", level=3).first.inner_text().startswith("Diffamation")


def test_facts_and_answers_are_corrected(context: BrowserContext, guichet: tuple[str, Office]) -> None:
    address, _ = guichet
    page = context.new_page()
    send(page, address, THREAT, lambda page: page.get_by_label("Candidat", exact=True).check())
    page.goto(f"{address}/suivi/precisions")
    assert page.get_by_label("Candidat", exact=True).is_checked()
    page.get_by_label("Maire", exact=True).check()
    page.get_by_label("Département", exact=True).select_option("974")
    page.get_by_label("Début des faits").fill("2026-09-01")
    page.get_by_role("button", name="Garder ces précisions").click()
    expect(page.get_by_role("heading", name="Votre dossier")).to_be_visible()
    page.goto(f"{address}/suivi/precisions")
    assert page.get_by_label("Maire", exact=True).is_checked()
    assert page.get_by_label("Département", exact=True).input_value() == "974"
    assert page.get_by_label("Début des faits").input_value() == "2026-09-01"


def test_a_measure_is_asked_for(context: BrowserContext, guichet: tuple[str, Office]) -> None:
    address, _ = guichet
    page = context.new_page()
    send(page, address, THREAT, lambda page: page.get_by_label("Maire", exact=True).check())
    page.locator("summary", has_text="Bouton d'appel").click()
    page.get_by_role("button", name=re.compile("Demander d'ici.*Bouton d'appel")).click()
    page.locator("summary", has_text="Bouton d'appel").click()
    expect(page.get_by_text("les agents ont votre demande")).to_be_visible()


def test_messages_are_exchanged(context: BrowserContext, guichet: tuple[str, Office]) -> None:
    address, office = guichet
    page = context.new_page()
    reference = ""
    send(page, address, THREAT)
    reference = re.search(r"[0-9A-F]{4}-[0-9A-F]{4}", page.content())[0].replace("-", "").lower()
    page.get_by_role("link", name="Messages").click()
    page.get_by_label("Écrire aux agents").fill("Il a recommencé ce matin.")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_text("Il a recommencé ce matin.")).to_be_visible()
    with office.database.read() as connection:
        from triage.store.tables import CASES

        case_id = next(i for i in connection.scalars(CASES.select()) if i.startswith(reference))
    follow_up.write(office, case_id, "agent", "Une patrouille passe ce soir.", datetime.now(UTC))
    page.goto(f"{address}/suivi")
    assert "(1 non lu)" in page.content()
    page.get_by_role("link", name="Messages").click()
    expect(page.get_by_text("Une patrouille passe ce soir.")).to_be_visible()


def test_a_file_is_joined_read_and_downloaded(
    context: BrowserContext, guichet: tuple[str, Office], tmp_path: Path
) -> None:
    address, office = guichet
    page = context.new_page()
    note = tmp_path / "message reçu.txt"
    note.write_text("Je vais te tuer ce soir, je suis devant chez toi avec mon fusil.")
    bad = tmp_path / "virus.txt"
    bad.write_bytes(b"MZ\x90\x00" * 20)
    send(page, address, CALM, lambda page: page.get_by_label("Captures d'écran").set_input_files([note, bad]))
    assert "« virus.txt » n'a pas été gardé" in page.content()
    assert "1 pièce en attente de lecture" in page.content()
    for one in evidence.waiting(office):
        evidence.read_exhibit(office, one, datetime.now(UTC))
    page.goto(f"{address}/suivi")
    assert page.get_by_role("heading", level=1).inner_text() == "Danger immédiat"
    page.get_by_role("link", name="Pièces (1)").click()
    page.get_by_text("Texte lu").click()
    expect(page.get_by_text("avec mon fusil")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Télécharger l'original")).click()
    assert Path(download.value.path()).read_bytes() == note.read_bytes()
    assert download.value.suggested_filename == "message reçu.txt"


def test_the_dossier_is_taken_away(context: BrowserContext, guichet: tuple[str, Office]) -> None:
    address, _ = guichet
    page = context.new_page()
    send(page, address, THREAT, lambda page: page.get_by_label("Maire", exact=True).check())
    page.get_by_role("link", name=re.compile("Dossier à télécharger")).click()
    for name, start in (("Dossier (PDF)", b"%PDF-"), ("Tout, avec", b"PK"), ("plainte", b"PK"), ("protection", b"PK")):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        assert Path(download.value.path()).read_bytes().startswith(start), name


def test_a_calm_case_is_erased_and_its_code_opens_nothing(context: BrowserContext, guichet: tuple[str, Office]) -> None:
    address, _ = guichet
    page = context.new_page()
    code = send(page, address, CALM)
    page.get_by_role("link", name="Effacer ce dossier").click()
    page.get_by_role("button", name="Effacer définitivement").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Dossier effacé"
    page.goto(f"{address}/suivi")
    page.get_by_label("Votre code à 16 chiffres").fill(code)
    page.get_by_role("button", name="Ouvrir mon dossier").click()
    assert page.get_by_role("alert").inner_text().startswith("Aucun dossier ne s'ouvre avec ce code")


def test_nothing_is_kept_of_a_report_that_is_not_sent(context: BrowserContext, guichet: tuple[str, Office]) -> None:
    address, office = guichet

    def count() -> int:
        with office.database.read() as connection:
            from triage.store.tables import CASES

            return len(connection.execute(CASES.select()).all())

    before = count()
    page = context.new_page()
    page.goto(address)
    page.get_by_label("Votre récit").fill(THREAT)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Voir quoi faire sans rien enregistrer").click()
    assert "n'alerte aucun agent" in page.locator("#alerte").inner_text()
    page.get_by_role("button", name="Ajouter les échéances à mon agenda").wait_for()
    assert count() == before
    assert context.cookies() == []


def test_the_guided_path_ends_in_the_same_box(context: BrowserContext, guichet: tuple[str, Office]) -> None:
    address, _ = guichet
    page = context.new_page()
    page.goto(address)
    page.get_by_role("link", name="Je ne sais pas comment le raconter").click()
    page.get_by_role("button", name="Moi, élu ou candidat").click()
    page.get_by_role("button", name=re.compile("^Une personne")).click()
    page.get_by_role("button", name="On annonce des violences ou la mort").click()
    assert page.get_by_label("Votre récit").input_value().startswith("Je suis élu. J'ai reçu des menaces.")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("button", name="Envoyer et voir quoi faire").first).to_be_visible()


@pytest.mark.parametrize(
    "width", [pytest.param(320, marks=pytest.mark.whole), 390, pytest.param(1280, marks=pytest.mark.whole)]
)
def test_every_page_fits_and_has_no_fault(browser: Browser, guichet: tuple[str, Office], width: int) -> None:
    """axe-core finds nothing, nothing hangs over the side, at every width down to 320 pixels (zoom 400 % of 1280)."""
    address, office = guichet
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    found: list[str] = []

    def look(page: Page) -> None:
        found.extend(faults(page))
        if not fits(page):
            found.append(f"{page.url} : déborde à {width} px")

    page.goto(address)
    look(page)
    page.get_by_label("Votre récit").fill("    ")
    page.evaluate("document.querySelector('textarea').removeAttribute('required')")
    press(page, "Continuer")
    look(page)
    page.get_by_label("Votre récit").fill(THREAT)
    press(page, "Continuer")
    look(page)
    page.get_by_label("Maire", exact=True).check()
    page.get_by_label("Captures d'écran").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"bonjour"}
    )
    press(page, "Envoyer et voir quoi faire")
    while page.url.endswith("/question"):
        look(page)
        press(page, "Passer cette question")
    look(page)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    look(page)
    for one in evidence.waiting(office):
        evidence.read_exhibit(office, one, datetime.now(UTC))
    for place in ("messages", "pieces", "precisions", "chronologie", "dossier", "effacer", "commentaires"):
        page.goto(f"{address}/suivi/{place}")
        look(page)
    page.goto(f"{address}/suivi/messages")
    page.get_by_label("Écrire aux agents").fill(" ")
    page.evaluate("document.querySelector('textarea').removeAttribute('required')")
    press(page, "Envoyer")
    look(page)
    for place in ("aide", "donnees", "accessibilite", "rien", "fiches"):
        page.goto(f"{address}/{place}")
        look(page)
    context.clear_cookies()
    page.goto(f"{address}/suivi")
    page.get_by_label("Votre code").fill("1234")
    press(page, "Ouvrir mon dossier")
    look(page)
    context.close()
    assert found == []


def test_the_whole_path_by_keyboard_alone(browser: Browser, guichet: tuple[str, Office]) -> None:
    address, _ = guichet
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Aller au contenu"
    page.keyboard.press("Enter")

    def tab_to(name: str) -> None:
        for _ in range(120):
            page.keyboard.press("Tab")
            if name in page.evaluate("(document.activeElement.labels?.[0] || document.activeElement).textContent"):
                return
        pytest.fail(f"« {name} » ne s'atteint pas au clavier sur {page.url}")

    tab_to("Votre récit")
    page.keyboard.type(THREAT)
    tab_to("Continuer")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recit")
    tab_to("Envoyer et voir quoi faire")
    page.keyboard.press("Enter")
    page.wait_for_url("**/suivi**")
    while page.url.endswith("/question"):
        tab_to("Passer cette question")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    tab_to("J'ai noté mon code")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".code-shown")).to_have_count(0)
    context.close()


def test_quick_exit_leaves_nothing(
    browser: Browser, guichet: tuple[str, Office], engine: Engine, tmp_path: Path
) -> None:
    """By Esc twice: the page is emptied, the draft and the code are gone, back shows nothing of it."""
    app = create_app(Settings(data=tmp_path, exit=f"{guichet[0]}/fiches", per_minute=100_000), engine)
    with served(app) as port:
        context = browser.new_context()
        page = context.new_page()
        send(page, f"http://127.0.0.1:{port}", THREAT)
        assert len(context.cookies()) == 1
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        page.wait_for_url(f"{guichet[0]}/fiches")
        assert [one["name"] for one in context.cookies() if one["value"]] == []
        page.go_back()
        assert "tuer" not in page.content()
        context.close()
    app.state.office.database.close()


def test_a_draft_stays_in_the_tab_until_it_is_sent(browser: Browser, guichet: tuple[str, Office]) -> None:
    address, _ = guichet
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    page.get_by_label("Votre récit").press_sequentially("Il m'a écrit")
    page.reload()
    assert page.get_by_label("Votre récit").input_value() == "Il m'a écrit"
    other = context.new_page()
    other.goto(address)
    assert other.get_by_label("Votre récit").input_value() == ""
    send(page, address, THREAT)
    page.goto(address)
    assert page.get_by_label("Votre récit").input_value() == ""
    context.close()


def test_the_first_page_is_light_still_and_asks_nobody_else(browser: Browser, guichet: tuple[str, Office]) -> None:
    """Under 150 KB, no layout shift, no request to another host."""
    address, _ = guichet
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address, wait_until="networkidle")
    sizes = page.evaluate("performance.getEntries().filter(e => e.transferSize !== undefined).map(e => e.transferSize)")
    shift = page.evaluate(
        """() => new Promise(done => {
            let sum = 0;
            new PerformanceObserver(list => list.getEntries().forEach(e => sum += e.value))
                .observe({type: "layout-shift", buffered: true});
            setTimeout(() => done(sum), 300);
        })"""
    )
    assert sum(sizes) < 150_000
    assert shift == 0
    assert {url.split("/")[2] for url in asked} == {address.split("/")[2]}
    context.close()


def test_a_store_that_is_down_still_advises_and_says_what_is_lost(
    context: BrowserContext, engine: Engine, tmp_path: Path
) -> None:
    """Nothing is promised; the text and the facts are still there to be sent again once the store is back."""
    store = tmp_path / "absent" / "registre.sqlite"
    settings = Settings(data=tmp_path, database=f"sqlite:///{store}", per_minute=100_000)
    app = create_app(settings, engine)
    with served(app) as port:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}")
        page.get_by_label("Votre récit").fill(THREAT)
        page.get_by_role("button", name="Continuer").click()
        page.get_by_label("Maire", exact=True).check()
        page.get_by_label("SMS", exact=True).check()
        page.get_by_label("Captures d'écran").set_input_files(
            {"name": "preuve.txt", "mimeType": "text/plain", "buffer": b"bonjour"}
        )
        page.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
        said = page.get_by_role("alert").inner_text()
        assert "n'a pas été enregistré" in said
        assert "preuve.txt" in said
        assert page.get_by_role("heading", level=1).inner_text() in ("Urgent", "Danger immédiat")
        assert page.locator(".code-shown").count() == 0
        store.parent.mkdir()
        page.get_by_role("button", name="Réessayer avec le même récit").click()
        assert page.get_by_label("Maire", exact=True).is_checked()
        assert page.get_by_label("SMS", exact=True).is_checked()
        page.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
        page.goto(f"http://127.0.0.1:{port}/suivi")
        expect(page.locator(".code-shown")).to_be_visible()
    app.state.office.database.close()


def test_a_page_visited_keeps_the_case_open_and_an_idle_one_closes_it(
    browser: Browser, guichet: tuple[str, Office], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, _ = guichet
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    send(page, address, CALM)
    first = context.cookies()[0]["value"]
    page.goto(f"{address}/suivi/messages")
    assert context.cookies()[0]["value"] != first
    monkeypatch.setattr("triage.web.access._IDLE", -1)
    page.goto(f"{address}/suivi/messages")
    assert page.url == f"{address}/suivi"
    expect(page.get_by_label("Votre code à 16 chiffres")).to_be_visible()
    context.close()
