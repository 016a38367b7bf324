"""The door in a real browser: by the keyboard, without a fault for axe-core, and by a provider on another site."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.desk.people.members import PASSWORD, Telephone, wish
from tests.web.desk.conftest import Desk
from tests.web.desk.providers import CLIENT, mock
from tests.web.serving import chromium, complaints, faults, served
from triage.desk.people import accounts
from triage.desk.people.registry import registry_of
from triage.engine import Engine

LOGIN = "ada.moreau@exemple.fr"


class Place:
    """A desk that is served, its provider on another site, and a browser."""

    def __init__(self, desk: Desk, address: str, browser: Browser) -> None:
        self.desk, self.address, self._browser = desk, address, browser

    def page(self) -> Page:
        return self._browser.new_context(base_url=self.address).new_page()


@pytest.fixture(scope="module")
def place(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The desk on 127.0.0.1, the provider on localhost."""
    with mock() as issuer, chromium() as browser:
        data: Path = tmp_path_factory.mktemp("desk")
        desk = Desk(engine, data, oidc_issuer=issuer, oidc_client=CLIENT, oidc_secret="un-secret")
        with served(desk.app) as port:
            yield Place(desk, f"http://127.0.0.1:{port}", browser)
        desk.close()


def test_enrolling_then_inviting_then_leaving_by_the_keyboard(place: Place) -> None:
    _, token = accounts.invite(registry_of(place.desk.office), None, wish(LOGIN, "administrator"), datetime.now(UTC))
    page = place.page()
    said, found = complaints(page), list[str]()
    page.goto(f"/desk/inscription/{token}")
    found += faults(page)
    telephone = Telephone(page.locator(".secret").inner_text().replace(" ", ""))
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_label("Code à six chiffres").fill(telephone.code(datetime.now(UTC)))
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/journal")
    for path in ("/desk/moi", "/desk/moi/code", "/desk/comptes"):
        page.goto(path)
        found += faults(page)
    page.get_by_label("Adresse électronique").fill("noe.petit@exemple.fr")
    page.get_by_label("Prénom et nom").fill("Noé Petit")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/comptes/*")
    assert "/desk/inscription/" in page.get_by_label("Lien", exact=True).input_value()
    found += faults(page)
    page.get_by_role("button", name="Sortir").click()
    page.wait_for_url("**/desk/sorti")
    found += faults(page)
    page.goto("/desk/moi")
    page.get_by_label("Adresse électronique").fill(LOGIN)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    found += faults(page)
    page.get_by_label("Code à six chiffres").fill(telephone.code(datetime.now(UTC), 1))
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/moi")
    assert (found, said) == ([], [])


def late(route: Route) -> None:
    """The session is over on the server, and its streams have said so, a second before the page hears it."""
    answer = route.fetch(max_redirects=0)
    time.sleep(1)
    route.fulfill(response=answer)


def test_whoever_leaves_is_told_so_and_the_other_tabs_show_nothing_more(place: Place) -> None:
    """The stream says « fin » before the answer is there: the page does not load itself again over it."""
    _, token = accounts.invite(registry_of(place.desk.office), None, wish("lou.bernard@exemple.fr"), datetime.now(UTC))
    page = place.page()
    page.goto(f"/desk/inscription/{token}")
    telephone = Telephone(page.locator(".secret").inner_text().replace(" ", ""))
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_label("Code à six chiffres").fill(telephone.code(datetime.now(UTC)))
    with page.expect_response("**/desk/flux"):
        page.keyboard.press("Enter")
    page.wait_for_load_state("load")
    other = page.context.new_page()
    other.goto("/desk/moi")
    page.route("**/desk/sortir", late)
    page.get_by_role("button", name="Sortir").click()
    page.wait_for_url("**/desk/sorti")
    other.wait_for_url("**/desk/entrer**")


def test_by_a_provider_of_another_site_and_out_of_both(place: Place) -> None:
    accounts.invite(registry_of(place.desk.office), None, wish("lea.martin@exemple.fr"), datetime.now(UTC))
    page = place.page()
    said = complaints(page)
    page.goto("/desk/moi")
    page.get_by_role("button", name="S'identifier avec ProConnect").or_(
        page.get_by_role("link", name="S'identifier avec ProConnect")
    ).click()
    page.get_by_placeholder("sub").fill("lea.martin@exemple.fr")
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url("**/desk/moi")
    assert page.get_by_text("celle-ci").is_visible()
    page.get_by_role("button", name="Sortir").click()
    page.wait_for_url("**/oauth2/end_session**")
    page.get_by_role("button").first.click()
    page.wait_for_url("**/desk/sorti**")
    page.goto("/desk/moi")
    assert page.get_by_role("heading", name="Entrer au bureau").is_visible()
    assert [one for one in said if place.address in one or "Content Security" in one] == []
