"""The queue in real browsers: two agents at once, a case that appears by itself, the keyboard alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.torture.agents import asks, report
from tests.web.desk.conftest import Desk
from tests.web.serving import chromium, complaints, faults, served
from triage.desk.people import sessions
from triage.desk.queue.claiming import claim
from triage.store.people import Person, Scope
from triage.web.desk.door import COOKIE


def now() -> datetime:
    return datetime.now(UTC)


def reference(case_id: str) -> str:
    return f"{case_id[:4]}-{case_id[4:8]}".upper()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@contextmanager
def opened(desk: Desk, browser: Browser) -> Iterator[str]:
    """The address of the desk; what is left open in the browser is closed before the desk stops answering."""
    with served(desk.app) as port:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            for context in browser.contexts:
                context.close()


def enter(desk: Desk, browser: Browser, address: str, person: Person, **more: object) -> BrowserContext:
    """A browser's session of its own, in which `person` has entered."""
    context = browser.new_context(**more)  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    with desk.office.database.write() as connection:
        token = sessions.begin(desk.office, connection, person.id, "password", now())
    context.add_cookies([{"name": COOKIE, "value": token, "url": f"{address}/desk"}])
    return context


def live(page: Page, address: str, path: str = "/desk") -> Page:
    """The queue, once it hears the news."""
    page.goto(address + path)
    expect(page.locator("#direct")).to_have_text("En direct.")
    return page


def test_two_agents_take_a_case_at_once_and_one_has_it(desk: Desk, browser: Browser) -> None:
    case_id = report(desk.office, now(), "urgent")
    with opened(desk, browser) as address:
        pages = [live(enter(desk, browser, address, desk.person()).new_page(), address) for _ in range(2)]
        # Both press before either answer comes: their requests are sent together.
        button = f"[formaction='/desk/dossiers/{case_id}/prendre']"
        for page in pages:
            page.evaluate("button => { setTimeout(() => document.querySelector(button).click(), 50) }", button)
        for page in pages:
            page.wait_for_url("**/dossiers/**")
            page.wait_for_load_state()
        texts = [page.locator("main").inner_text() for page in pages]
        assert sum("Vous suivez ce dossier" in text for text in texts) == 1
        assert sum("a déjà pris ce dossier" in text for text in texts) == 1


def test_a_case_appears_on_a_desk_that_is_open_within_a_second(desk: Desk, browser: Browser) -> None:
    other = report(desk.office, now(), "urgent")
    with opened(desk, browser) as address:
        page = live(enter(desk, browser, address, desk.person()).new_page(), address)
        said = complaints(page)
        link = page.get_by_role("link", name=reference(other))
        link.focus()
        took = []
        for minute in range(3):
            start = time.monotonic()
            case_id = report(desk.office, now() - timedelta(minutes=minute), "immediate", departement="35")
            expect(page.locator("tr[data-case]").first).to_have_attribute("data-case", case_id, timeout=5_000)
            took.append(time.monotonic() - start)
        assert median(took) < 1
        expect(page.locator(".toast").first).to_contain_text(f"Danger immédiat : dossier {reference(case_id)} (35).")
        expect(link).to_be_focused()
        assert faults(page) == []
        for _ in took:
            page.locator(".toast").first.get_by_role("button", name="Fermer").click()
        expect(page.locator(".toast")).to_have_count(0)
        assert said == []


def test_what_a_colleague_takes_leaves_the_list_and_the_focus_goes_on(desk: Desk, browser: Browser) -> None:
    first, second = report(desk.office, now(), "immediate"), report(desk.office, now(), "urgent")
    with opened(desk, browser) as address:
        page = live(enter(desk, browser, address, desk.person()).new_page(), address)
        page.get_by_role("link", name=reference(first)).focus()
        claim(desk.office, desk.person(), first, now())
        expect(page.get_by_role("link", name=reference(first))).to_have_count(0)
        expect(page.get_by_role("link", name=reference(second))).to_be_focused()


@pytest.mark.whole
def test_all_the_tabs_of_a_browser_hear_through_one_stream(desk: Desk, browser: Browser) -> None:
    with opened(desk, browser) as address:
        context = enter(desk, browser, address, desk.person())
        pages = [live(context.new_page(), address) for _ in range(8)]
        pages[0].close()
        case_id = report(desk.office, now(), "immediate")
        for page in pages[1:]:
            expect(page.get_by_role("link", name=reference(case_id))).to_be_visible()


def test_a_case_is_found_taken_and_given_back_by_the_keyboard_alone(desk: Desk, browser: Browser) -> None:
    cases = [report(desk.office, now(), level) for level in ("immediate", "urgent")]
    with opened(desk, browser) as address:
        page = live(enter(desk, browser, address, desk.person()).new_page(), address)
        keys = page.keyboard
        keys.press("j")
        keys.press("j")
        expect(page.get_by_role("link", name=reference(cases[1]))).to_be_focused()
        keys.press("k")
        expect(page.get_by_role("link", name=reference(cases[0]))).to_be_focused()
        keys.press("p")
        page.wait_for_url(f"**/dossiers/{cases[0]}")
        page.get_by_role("button", name="Rendre").focus()
        keys.press("Enter")
        page.wait_for_url("**/desk?fait=rendu")
        keys.press("n")
        page.wait_for_url(f"**/dossiers/{cases[0]}")
        page.goto(f"{address}/desk")
        keys.press("/")
        keys.type("jkpn?")
        expect(page.get_by_label("Référence")).to_have_value("jkpn?")
        page.get_by_label("Référence").fill(reference(cases[1]))
        keys.press("Enter")
        page.wait_for_url("**q=**")
        keys.press("j")
        keys.press("Enter")
        page.wait_for_url(f"**/dossiers/{cases[1]}")


def test_shortcuts_are_explained_and_can_be_turned_off(desk: Desk, browser: Browser) -> None:
    report(desk.office, now(), "urgent")
    with opened(desk, browser) as address:
        page = live(enter(desk, browser, address, desk.person()).new_page(), address)
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        assert faults(page) == []
        page.keyboard.press("Escape")
        page.get_by_role("checkbox", name="Raccourcis clavier").uncheck()
        page.keyboard.press("n")
        page.keyboard.press("j")
        page.wait_for_timeout(300)
        assert page.url == f"{address}/desk"
        assert page.evaluate("document.activeElement.hasAttribute('data-line')") is False
        page.reload()
        expect(page.get_by_role("checkbox", name="Raccourcis clavier")).not_to_be_checked()


@pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.whole), 390])
def test_the_queue_and_the_head_of_a_case_are_open_to_everybody(desk: Desk, browser: Browser, width: int) -> None:
    office, person = desk.office, desk.person()
    flags = list(office.engine.composer.flags)[:3]
    for level in ("immediate", "urgent", "agent", "guided"):
        case_id = report(office, now(), level, *flags, departement="35", force="police")
        asks(office, case_id, "Une question.", now())
    desk.person("agent", Scope("35"))
    with opened(desk, browser) as address:
        page = enter(desk, browser, address, person, viewport={"width": width, "height": 900}).new_page()
        said = complaints(page)
        for path in ("/desk", "/desk?vue=tous&niveau=urgent", "/desk?q=zzz"):
            live(page, address, path)
            assert faults(page) == [], path
        page.goto(f"{address}/desk/dossiers/{case_id}")
        page.get_by_role("button", name="Prendre", exact=True).click()
        expect(page.locator(".moves summary")).to_have_count(4)  # the page of who holds it has come
        for summary in page.locator(".moves summary").all():
            summary.click()
        expect(page.locator(".moves details[open]")).to_have_count(4)
        assert [one for one in faults(page) if "moves" in one or "reasons" in one] == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert said == []


def test_all_is_done_without_scripts(desk: Desk, browser: Browser) -> None:
    case_id = report(desk.office, now(), "urgent")
    colleague = desk.person()
    with opened(desk, browser) as address:
        page = enter(desk, browser, address, desk.person(), java_script_enabled=False).new_page()
        page.goto(f"{address}/desk")
        page.get_by_role("button", name="Prendre le suivant").click()
        page.wait_for_url(f"**/dossiers/{case_id}")
        page.get_by_text("Passer à…").click()
        page.get_by_label("À qui").select_option(colleague.id)
        page.get_by_role("button", name="Passer le dossier").click()
        expect(page.get_by_text("passé à votre collègue")).to_be_visible()
