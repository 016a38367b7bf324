"""The module on a town's site: a button, a panel, and the guichet in a new tab; only where the operator allows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, Response
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, FrameLocator, Page

from tests.conftest import ROOT
from tests.web.serving import chromium, complaints, faults, guichet, served
from triage.engine import Engine
from triage.web.module import allowed

TOLD = "Je suis adjointe. Un compte anonyme publie mon adresse sur X depuis hier."
BUTTON = "Élu attaqué en ligne\N{NO-BREAK SPACE}?"


def policy(headers: object, name: str) -> str:
    """One directive of an answer's policy."""
    found = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))  # type: ignore[index]
    return found[name]


# --- Where it may be shown ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("embed", "origins"),
    [
        ("", []),
        ("https://www.mairie.example", ["https://www.mairie.example"]),
        ("https://a.example/ https://b.example:8443", ["https://a.example", "https://b.example:8443"]),
        ("https://a.example,https://*.b.example", ["https://a.example", "https://*.b.example"]),
        ("https://a.example; script-src *", []),
        ("'self' * a.example https://a.example/page javascript:alert(1)", []),
    ],
)
def test_only_whole_origins_are_allowed(embed: str, origins: list[str]) -> None:
    assert allowed(embed)[0] == origins


def test_no_setting_shows_it_nowhere_and_says_how_to(engine: Engine, tmp_path: Path) -> None:
    answer = TestClient(guichet(engine, tmp_path)).get("/module")
    assert policy(answer.headers, "frame-ancestors") == "'none'"
    assert "TRIAGE_EMBED=" in answer.text
    assert "/module.js" in answer.text


def test_an_origin_that_is_not_understood_is_said(engine: Engine, tmp_path: Path) -> None:
    answer = TestClient(guichet(engine, tmp_path, embed="mairie.example<b>")).get("/module")
    assert policy(answer.headers, "frame-ancestors") == "'none'"
    assert "mairie.example&lt;b&gt;" in answer.text


def test_allowed_sites_are_named_and_nothing_else_is_opened(engine: Engine, tmp_path: Path) -> None:
    answer = TestClient(guichet(engine, tmp_path, embed="https://a.example https://b.example")).get("/module")
    assert policy(answer.headers, "frame-ancestors") == "https://a.example https://b.example"
    assert policy(answer.headers, "default-src") == "'none'"
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers
    assert "TRIAGE_EMBED" not in answer.text


@pytest.mark.parametrize(
    ("operator", "said"), [("", "Ce site n'est pas 17Cyber"), ("Le Département", "Le Département")]
)
def test_it_says_who_answers_for_it(engine: Engine, tmp_path: Path, operator: str, said: str) -> None:
    text = TestClient(guichet(engine, tmp_path, operator=operator)).get("/module").text
    assert said in text
    assert ("17Cyber" in text) is not bool(operator)


def test_the_script_is_kept_a_while_and_calls_nothing_by_itself(engine: Engine, tmp_path: Path) -> None:
    answer = TestClient(guichet(engine, tmp_path)).get("/module.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "public, max-age=86400"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert not re.search(r"cookie\b(?!,)|localStorage|sessionStorage|fetch\(|innerHTML|eval\(", answer.text)
    assert len(answer.content) < 8_000


def test_no_file_of_the_module_names_another_site() -> None:
    web = ROOT / "triage" / "web"
    files = [
        web / "static" / "module.js",
        web / "static" / "module.css",
        *(web / "templates" / "module").glob("*.html"),
    ]
    texts = [path.read_text(encoding="utf-8").replace("https://www.mairie.example", "") for path in files]
    assert [text for text in texts if "http://" in text or re.search(r"https://(?!mairie\.example)\w", text)] == []


# --- On a town's site, in a real browser -------------------------------------------------------------------------


def town(guichet_port: int, attributes: str = "", where: str = "head") -> FastAPI:
    """A town's site with a strict policy and a style that would spoil any button."""
    app = FastAPI()
    source = f"http://127.0.0.1:{guichet_port}"
    tag = f'<script src="{source}/module.js" {attributes}></script>'
    csp = (
        f"default-src 'none'; script-src {source}; style-src 'self'; frame-src {source}; "
        "require-trusted-types-for 'script'"
    )

    @app.get("/")
    def home() -> Response:
        head, body = (tag, "") if where == "head" else ("", tag)
        page = (
            f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Mairie</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<link rel="stylesheet" href="/style.css">{head}</head>'
            f"<body><main><h1>Mairie</h1><p>Bienvenue.</p>{body}<p><a href='#'>Les horaires</a></p>"
            f"</main></body></html>"
        )
        return Response(page, media_type="text/html", headers={"Content-Security-Policy": csp})

    @app.get("/style.css")
    def style() -> Response:
        css = (
            "button, dialog, iframe, section, a { display: none !important; color: pink !important } "
            "* { font-size: 40px; letter-spacing: 1em; visibility: visible }"
        )
        return Response(css, media_type="text/css")

    return app


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def sites(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The guichet; a site that it allows, in three dresses; one that it does not."""
    desk = guichet(engine, tmp_path_factory.mktemp("module"))
    with (
        served(desk) as port,
        served(town(port)) as bare,
        served(town(port, 'data-texte="Besoin d’aide" data-position="gauche" defer')) as left,
        served(town(port, 'data-position="ici"', "body")) as here,
        served(town(port)) as other,
    ):
        listed = " ".join(f"http://localhost:{one}" for one in (bare, left, here))
        desk.state.settings = desk.state.settings.model_copy(update={"embed": listed})
        ports = {"bare": bare, "left": left, "here": here, "other": other}
        yield {"desk": f"http://127.0.0.1:{port}"} | {name: f"http://localhost:{one}" for name, one in ports.items()}


def opened(page: Page, address: str, button: str = BUTTON) -> FrameLocator:
    """The panel, open."""
    page.goto(address)
    page.get_by_role("button", name=button).click()
    return page.frame_locator("guichet-elus iframe")


@pytest.mark.whole
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_from_the_button_to_the_second_step(browser: Browser, sites: dict[str, str], width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 760})
    page = context.new_page()
    said = complaints(page)
    page.goto(sites["bare"])
    button = page.get_by_role("button", name=BUTTON)
    assert button.bounding_box()["height"] >= 44  # type: ignore[index]
    assert button.evaluate("e => getComputedStyle(e).letterSpacing") == "normal"
    assert faults(page) == []

    panel = opened(page, sites["bare"])
    assert panel.get_by_role("link", name="17", exact=True).get_attribute("href") == "tel:17"
    panel.get_by_label("Racontez ce qui vous arrive").fill(TOLD)
    assert faults(page) == []
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert (box["x"] >= 0, box["x"] + box["width"] <= width, box["height"] <= 760) == (True, True, True)
    with context.expect_page() as opening:
        panel.get_by_role("button", name="Continuer").click()
    tab = opening.value
    tab.wait_for_load_state()
    assert tab.url == f"{sites['desk']}/recit"
    assert tab.locator("input[name=text]").first.input_value() == TOLD
    assert tab.get_by_role("heading", level=1).inner_text() == "Envoyer votre récit"
    assert tab.evaluate("window.opener") is None
    tab.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
    tab.wait_for_url("**/suivi**")  # the new tab is out of the sandbox
    assert said == []
    context.close()


def test_nothing_is_asked_of_the_guichet_before_the_button(browser: Browser, sites: dict[str, str]) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(sites["bare"])
    page.get_by_role("button", name=BUTTON).wait_for()
    assert [url for url in asked if url.startswith(sites["desk"])] == [f"{sites['desk']}/module.js"]
    opened(page, sites["bare"]).get_by_role("heading", level=1).wait_for()
    assert context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    context.close()


def test_the_keyboard_is_enough(browser: Browser, sites: dict[str, str]) -> None:
    page = browser.new_page()
    page.goto(sites["here"])
    button = page.get_by_role("button", name=BUTTON)
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Guichet des élus attaqués en ligne")
    assert dialog.is_visible()
    assert focused(page) == "Fermer"
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert focused(page) == BUTTON
    page.keyboard.press("Enter")
    page.frame_locator("guichet-elus iframe").get_by_role("heading", level=1).wait_for()
    reached = []
    for _ in range(40):  # through the frame, and out of it
        page.keyboard.press("Tab")
        reached.append(focused(page))
        if reached[-1] == "Ouvrir le guichet dans un nouvel onglet":
            break
    assert reached[-1] == "Ouvrir le guichet dans un nouvel onglet"
    page.get_by_role("button", name="Fermer").press("Enter")
    assert focused(page) == BUTTON
    page.close()


def focused(page: Page) -> str:
    """The text of what has the focus."""
    found: str = page.evaluate(
        "(document.activeElement.shadowRoot?.activeElement ?? document.activeElement).textContent"
    )
    return found


def test_the_town_chooses_the_words_and_the_place(browser: Browser, sites: dict[str, str]) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(sites["left"])
    box = page.get_by_role("button", name="Besoin d’aide").bounding_box()
    assert box is not None
    assert box["x"] < 100
    page.goto(sites["here"])
    box = page.get_by_role("button", name=BUTTON).bounding_box()
    assert box is not None
    assert box["y"] < 500
    page.close()


def test_a_site_that_is_not_allowed_shows_no_form(browser: Browser, sites: dict[str, str]) -> None:
    page = browser.new_page()
    said = complaints(page)
    page.goto(sites["other"])
    page.get_by_role("button", name=BUTTON).click()
    page.wait_for_timeout(500)
    assert any("frame-ancestors" in text for text in said)
    assert page.frame_locator("guichet-elus iframe").locator("textarea").count() == 0
    assert page.get_by_role("link", name="Ouvrir le guichet dans un nouvel onglet").is_visible()
    page.close()


@pytest.mark.whole
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("embed", ["", "https://www.mairie.example"])
def test_the_page_of_the_panel_has_no_accessibility_fault(
    browser: Browser, engine: Engine, tmp_path: Path, width: int, embed: str
) -> None:
    with served(guichet(engine, tmp_path, embed=embed)) as port:
        page = browser.new_page(viewport={"width": width, "height": 760}, bypass_csp=True)
        page.goto(f"http://127.0.0.1:{port}/module")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()
