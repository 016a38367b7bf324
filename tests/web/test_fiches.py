"""The « fiches réflexes »: what they say, how they are found, on one sheet, and without a network."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import ROOT
from triage.diagnostic.fiches import Fiche, emergency_contacts, fiches
from triage.engine import Engine
from triage.intake.report import Report
from triage.threats.kinds import OUTPUTS
from triage.web import fiches as pages
from triage.web import pwa

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'"
)
SMALLEST = 8.5 * 96 / 72  # 8.5 points, in CSS pixels


@pytest.fixture(scope="module")
def book(engine: Engine) -> dict[str, Fiche]:
    return {fiche.id: fiche for fiche in fiches(engine.composer)}


@pytest.fixture(scope="module")
def app(engine: Engine) -> FastAPI:
    """The pages alone, under the policy of the service."""
    app = FastAPI()
    app.state.engine = engine
    app.include_router(pages.router)
    app.include_router(pwa.router)
    app.mount("/static", StaticFiles(directory=ROOT / "triage" / "web" / "static"))

    @app.middleware("http")
    async def protect(request: Request, call_next):
        response = await call_next(request)
        response.headers["Content-Security-Policy"] = CSP
        return response

    return app


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


# --- What a fiche says -------------------------------------------------------------------------------------------


def test_each_type_channel_and_circumstance_has_its_fiche(engine: Engine, book: dict[str, Fiche]) -> None:
    composer = engine.composer
    assert len(book) == len(fiches(composer)), "deux fiches auraient la même adresse"
    assert {f.id for f in book.values() if f.kind == "type"} == set(composer.kinds) - set(OUTPUTS)
    assert {f.id for f in book.values() if f.kind == "canal"} == set(composer.knowledge.channels)
    assert {"danger", "suicide", "mineur", "domicile"} <= {f.id for f in book.values() if f.kind == "circonstance"}


def test_a_fiche_says_what_the_diagnostic_says(engine: Engine, book: dict[str, Fiche]) -> None:
    told = "Tous nos fichiers sont chiffrés, une note réclame une rançon en bitcoins pour nous les rendre."
    diagnostic = engine.composer.make(engine.assess(Report(told), datetime(2026, 3, 18, tzinfo=UTC)))
    assert diagnostic.about[0].kind.id == "rancongiciel"
    said = {step.text for steps in diagnostic.steps.values() for step in steps}
    fiche = book["rancongiciel"]
    now = next(part for part in fiche.parts if part.name == "now")
    assert set(now.steps) <= said
    assert {note.offence.id for note in fiche.law} <= {note.offence.id for note in diagnostic.law}


def test_every_step_comes_from_the_advice(engine: Engine, book: dict[str, Fiche]) -> None:
    library, channels = engine.composer.knowledge.library, engine.composer.knowledge.channels
    written = {bullet.text for sheet in library.sheets.values() for part in sheet.sections.values() for bullet in part}
    written |= {gesture.text for several in library.gestures.values() for gesture in several}
    written |= {gesture for channel in channels.values() for gesture in channel.capture}
    assert {step for fiche in book.values() for part in fiche.parts for step in part.steps} <= written
    assert all(fiche.parts for fiche in book.values())


def test_danger_shows_its_numbers_first(book: dict[str, Fiche]) -> None:
    assert [one.contact.reach for one in book["danger"].emergencies][:3] == ["17", "112", "114"]
    assert book["suicide"].emergencies[0].contact.reach == "3114"
    assert book["menace"].emergencies[0].contact.reach == "17"


def test_paper_promises_no_opening_hour(book: dict[str, Fiche]) -> None:
    assert {one.open_now for fiche in book.values() for one in fiche.contacts} == {None}


# --- Finding one -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("rançongiciel", "rancongiciel"),
        ("RANCONGICIEL", "rancongiciel"),
        ("harcèlement", "cyberharcelement"),
        ("X", "x"),
        ("faux virement", "fraude_virement"),
        ("on a piraté mon compte", "piratage_compte"),
        ("menacer", "menace"),
        ("insultée", "injure"),
        ("faux RIB", "fraude_virement"),
    ],
)
def test_a_search_ignores_accents_and_small_words(client: TestClient, asked: str, found: str) -> None:
    answer = client.get("/fiches", params={"q": asked})
    assert f'data-fiche="{found}"' in answer.text
    assert answer.text.count("data-fiche=") < 49


def test_a_search_that_finds_nothing_says_where_to_go(client: TestClient) -> None:
    answer = client.get("/fiches", params={"q": "<zzz>"})
    assert "Aucune fiche ne contient ces mots" in answer.text
    assert "data-fiche=" not in answer.text
    assert "<zzz>" not in answer.text


def test_the_list_may_be_kept_and_a_search_may_not(client: TestClient) -> None:
    assert client.get("/fiches").headers["cache-control"] == "public, no-cache"
    assert client.get("/fiches/menace").headers["cache-control"] == "public, no-cache"
    assert client.get("/fiches", params={"q": "suicide"}).headers["cache-control"] == "no-store"


def test_an_unknown_fiche_is_said_in_french(client: TestClient) -> None:
    answer = client.get("/fiches/licorne")
    assert answer.status_code == 404
    assert "Cette fiche n'existe pas" in answer.text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_fiche_says_when_it_was_checked_and_what_it_is_worth(client: TestClient, book: dict[str, Fiche]) -> None:
    for name in book:
        text = client.get(f"/fiches/{name}").text
        assert "Fiche vérifiée le" in text
        assert "source lue" in text.lower() or "source à recouper" in text.lower() or "à vérifier" in text.lower()


# --- What a phone installs and keeps -----------------------------------------------------------------------------


def test_the_manifest_is_neutral_and_its_icons_exist(client: TestClient) -> None:
    manifest = client.get("/manifest.webmanifest")
    assert manifest.headers["content-type"].startswith("application/manifest+json")
    told = manifest.json()
    assert (told["start_url"], told["display"], told["lang"]) == ("/fiches", "standalone", "fr")
    assert {icon["sizes"] for icon in told["icons"]} == {"192x192", "512x512"}
    assert "maskable" in {icon["purpose"] for icon in told["icons"]}
    for icon in told["icons"]:
        assert client.get(icon["src"]).headers["content-type"] == "image/png"


def test_the_worker_names_only_what_exists_and_is_public(client: TestClient, book: dict[str, Fiche]) -> None:
    script = client.get("/sw.js")
    assert script.headers["content-type"].startswith("text/javascript")
    line = next(line for line in script.text.splitlines() if line.startswith("const KEPT = "))
    kept = json.loads(line.removeprefix("const KEPT = ").removesuffix(";"))
    assert {f"/fiches/{name}" for name in book} < set(kept)
    assert all(client.get(address).status_code == 200 for address in kept)
    assert all(address.startswith(("/fiches", "/static/", "/hors-ligne", "/manifest")) for address in kept)


def test_without_a_network_the_numbers_of_the_rules_are_shown(client: TestClient, engine: Engine) -> None:
    text = client.get("/hors-ligne").text
    assert all(one.contact.reach in text for one in emergency_contacts(engine.composer))
    assert 'href="tel:17"' in text
    assert 'href="sms:114"' in text


# --- In a real browser -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(app: FastAPI) -> Iterator[uvicorn.Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield server
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def address(server: uvicorn.Server) -> str:
    return f"http://127.0.0.1:{server.config.port}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium est absent : lancez « make system »")
        pytest.skip("CHROMIUM ABSENT : les fiches ne sont pas testées dans un navigateur")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def faults(page: Page, source: str) -> list[str]:
    """What axe-core finds on `page`."""
    page.evaluate(source)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)["violations"]
    return [f"{page.url} {one['id']} {one['nodes'][0]['html'][:120]}" for one in found]


def shape(fiche: Fiche) -> tuple[object, ...]:
    """Which parts a fiche has: two of one shape are the same page with other words."""
    channel = fiche.channel
    parts = (fiche.emergencies, fiche.helpers, fiche.delays, fiche.law, fiche.measures, channel and channel.removal)
    return (fiche.kind, *map(bool, parts))


@pytest.mark.whole
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_has_an_accessibility_fault(browser: Browser, address: str, book: dict[str, Fiche], width: int) -> None:
    if not AXE.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail("axe-core est absent : lancez « scripts/front.py --with-dev »")
        pytest.skip("AXE-CORE ABSENT : lancez « npm ci »")
    source = AXE.read_text(encoding="utf-8")
    # On a phone one fiche of each shape; on a desk one of each kind.
    shapes = {shape(fiche) if width == 390 else fiche.kind: name for name, fiche in book.items()}
    page = browser.new_page(viewport={"width": width, "height": 844})
    found, wide = [], []
    for path in (
        "/fiches",
        "/fiches?q=virement",
        "/fiches?q=zzz",
        "/hors-ligne",
        *(f"/fiches/{n}" for n in shapes.values()),
    ):
        page.goto(address + path)
        found += faults(page, source)
        wide += [path] if page.evaluate("document.documentElement.scrollWidth") > width else []
    page.close()
    assert found == []
    assert wide == []


@pytest.mark.whole
def test_each_fiche_prints_on_one_sheet_with_its_numbers_and_date(
    browser: Browser, address: str, book: dict[str, Fiche]
) -> None:
    page = browser.new_page(java_script_enabled=False)
    wrong = {}
    for name in book:
        page.goto(f"{address}/fiches/{name}")
        pdf = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
        text = pdf[0].get_textpage().get_text_range()
        if len(pdf) > 1 or "Urgences" not in text or "Fiche vérifiée le" not in text or "Quitter" in text:
            wrong[name] = (len(pdf), text)
        assert [round(side) for side in pdf[0].get_size()] == [595, 842], "une feuille A4"
        pdf.close()
    page.close()
    assert wrong == {}


def test_what_is_printed_can_be_read(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.emulate_media(media="print")
    sizes = set()
    for name in ("menace", "violence_sexuelle", "facebook", "danger"):
        page.goto(f"{address}/fiches/{name}")
        sizes |= {
            *page.evaluate("""[...document.querySelectorAll("main *")].filter(e => e.offsetHeight && e.innerText)
            .map(e => parseFloat(getComputedStyle(e).fontSize))""")
        }
    page.close()
    assert min(sizes) >= SMALLEST - 0.01


def test_the_list_follows_what_is_typed(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/fiches")
    with page.expect_response("**/fiches.json"):
        page.reload()
    field = page.get_by_label("Chercher une fiche")
    for asked in ("ranconGICIEL", "faux virement", "on a piraté mon compte", "œuvre", "zzz"):
        field.fill(asked)
        expect(page.locator("#nombre")).not_to_be_empty()
        shown = page.locator("[data-fiche]:visible").evaluate_all("all => all.map(one => one.dataset.fiche)")
        expected = page.evaluate(
            """async (asked) => [...(await (await fetch("/fiches?q=" + encodeURIComponent(asked))).text())
                .matchAll(/data-fiche="(\\w+)"/g)].map(one => one[1])""",
            asked,
        )
        assert shown == expected, asked
    page.close()


def test_a_search_needs_no_script(browser: Browser, address: str) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{address}/fiches")
    page.get_by_label("Chercher une fiche").fill("rancon")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("link", name="Rançongiciel").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Rançongiciel"
    assert page.get_by_role("button", name="Imprimer cette fiche").count() == 0
    page.close()


def test_fiches_open_in_a_town_hall_without_a_network(browser: Browser, address: str, book: dict[str, Fiche]) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}/fiches")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto(f"{address}/fiches?q=suicide")  # a search leaves nothing behind
    assert [text for text in said if "Content Security Policy" in text] == []
    context.set_offline(True)

    for name in ("rancongiciel", "facebook", "danger"):  # none of them was ever visited
        page.goto(f"{address}/fiches/{name}")
        assert page.get_by_role("heading", level=1).inner_text() == book[name].title
    assert page.evaluate("getComputedStyle(document.querySelector('.fiche-calls a')).color") == "rgb(255, 255, 255)"

    page.goto(f"{address}/fiches?q=rancongiciel")
    expect(page.locator("#nombre")).not_to_be_empty()
    assert page.get_by_role("link", name="Rançongiciel").is_visible()
    assert not page.get_by_role("link", name="Diffamation, rumeur").is_visible()

    page.goto(f"{address}/suivi")
    assert page.get_by_role("heading", level=1).inner_text() == "Pas de réseau"
    assert page.locator('main a[href="tel:17"]').is_visible()

    kept = page.evaluate(
        """async () => (await Promise.all((await caches.keys()).map(async name =>
            (await (await caches.open(name)).keys()).map(request => new URL(request.url))))).flat()
            .map(url => url.pathname + url.search)"""
    )
    allowed = {"/fiches", "/fiches.json", "/hors-ligne", "/manifest.webmanifest", *(f"/fiches/{name}" for name in book)}
    assert {one for one in kept if not one.startswith("/static/")} == allowed
    context.close()


def test_no_file_of_the_fiches_calls_elsewhere() -> None:
    static = ROOT / "triage" / "web" / "static"
    files = [static / name for name in ("fiches.js", "fiches.css", "offline.js", "sw.js")]
    files += sorted((ROOT / "triage" / "web" / "templates" / "fiches").glob("*.html"))
    assert [path.name for path in files if "http" in Path(path).read_text(encoding="utf-8")] == []
