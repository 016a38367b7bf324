"""Forms are signed for the browser that they were given to: a form made elsewhere changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from tests.web.api_app import CALM
from tests.web.desk.conftest import Desk
from tests.web.desk.test_matrix import flat
from tests.web.visitor import Visitor, signature_in, unsigned
from triage.diagnostic.forms import TEMPLATES
from triage.engine import Engine
from triage.web import signing
from triage.web.desk.door import HOME, Ours
from triage.web.signing import FIELD, STALE

_FORM = re.compile(r'<form method="post"(?:\{\{.*?\}\}|[^>{])*>(\{\{ jeton\(\) \}\})?', re.S)
# What these do changes nothing that is kept, or is done for nobody: a report belongs to whoever holds its code.
FREE = {"/recit", "/signalement", "/diagnostic", "/modifier", "/echeances.ics", "/aide"}


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(engine, tmp_path)
    yield made
    made.close()


@pytest.fixture
def official(desk: Desk) -> Visitor:
    """A browser in which a case is open, and that signs nothing by itself."""
    return with_case(desk)


def with_case(desk: Desk) -> Visitor:
    browser = desk.browser()
    browser.signs = False
    assert browser.post("/signalement", data={"text": CALM}).status_code == 303
    return browser


# --- Everywhere -------------------------------------------------------------------------------------------------


def test_every_form_of_a_template_is_signed_or_known_to_change_nothing() -> None:
    seen = 0
    for folder in (Path(signing.__file__).parent / "templates", TEMPLATES):
        for path in folder.rglob("*.html"):
            for form in _FORM.finditer(path.read_text(encoding="utf-8")):
                seen += 1
                action = re.search(r'(?<!form)action="([^"]*)"', form[0])
                free = action and (action[1] in FREE or (path.name, action[1]) == ("guided.html", "{{ action }}"))
                assert bool(form[1]) != bool(free), (path.name, form[0])
    assert seen > 80


def test_every_route_that_a_form_reaches_asks_for_a_signature(desk: Desk) -> None:
    """All but those that change nothing, and the API, which takes no form of a page."""
    seen = 0
    for route in flat(desk.app.routes):
        if not isinstance(route, APIRoute) or "POST" not in route.methods or route.path.startswith("/api/"):
            continue
        asked = {one.call.__qualname__ for one in route.dependant.dependencies if one.call}
        assert ("ours.<locals>.checked" in asked) != (route.path in FREE), route.path
        seen += 1
    assert seen > 70


def test_a_form_of_the_desk_is_looked_at_once_somebody_is_there() -> None:
    """Otherwise a stranger could have files of any size read."""
    assert "door" in Ours.dependency.__module__


# --- At the guichet ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/suivi/effacer", {}),
        ("/suivi/messages", {"message": "Il revient."}),
        ("/suivi/corriger", {"type": "", "comment": "Ce n'est pas cela."}),
        ("/suivi/note", {}),
        ("/suivi/quitter", {}),
    ],
)
@pytest.mark.parametrize("given", ["", "00", "n'importe quoi", "0" * 48, "é" * 48])
def test_a_form_that_is_not_signed_changes_nothing(
    official: Visitor, path: str, form: dict[str, str], given: str
) -> None:
    before = unsigned(official.get("/suivi").text)
    answer = official.post(path, data={**form, FIELD: given} if given else form)
    assert answer.status_code == 403 and STALE in answer.text.replace("&#39;", "'")
    assert unsigned(official.get("/suivi").text) == before


def test_a_form_of_the_page_is_followed(official: Visitor) -> None:
    given = signature_in(official.get("/suivi").text)
    assert official.post("/suivi/messages", data={"message": "Il revient.", FIELD: given}).status_code == 303
    assert "Il revient." in official.get("/suivi/messages").text


def test_what_was_written_in_a_stale_page_is_given_back(official: Visitor) -> None:
    answer = official.post("/suivi/messages", data={"message": "Il revient <ce soir>."})
    assert answer.status_code == 403 and "Il revient &lt;ce soir&gt;." in answer.text


def test_the_page_of_one_case_does_nothing_to_another(desk: Desk) -> None:
    """Two reports on one phone: the page left open on the first must not erase the second."""
    first, second = with_case(desk), with_case(desk)
    given = signature_in(first.get("/suivi").text)
    assert second.post("/suivi/effacer", data={FIELD: given}).status_code == 403
    assert first.post("/suivi/effacer", data={FIELD: given}).status_code == 200


def test_a_page_left_open_all_night_is_still_followed(official: Visitor) -> None:
    """The signature has no age: the code in the browser has, and says so itself."""
    given = signature_in(official.get("/suivi").text)
    for _ in range(3):
        official.get("/suivi")  # seals the code again
    assert official.post("/suivi/note", data={FIELD: given}).status_code == 303


def test_a_code_is_typed_in_a_page_of_ours(desk: Desk) -> None:
    """Otherwise another site could open a case of its own in somebody's browser, and read what they add to it."""
    browser = desk.browser()
    browser.signs = False
    refused = browser.post("/suivi", data={"code": "1234567812345678"})
    assert refused.status_code == 403 and "Votre code à 16 chiffres" in refused.text
    given = signature_in(refused.text)
    assert browser.post("/suivi", data={"code": "1234567812345678", FIELD: given}).status_code in (400, 404)
    stranger = desk.browser()
    stranger.signs = False
    assert stranger.post("/suivi", data={"code": "1234567812345678", FIELD: given}).status_code == 403


def test_a_script_whose_page_is_stale_is_led_back_to_the_case(official: Visitor) -> None:
    answer = official.post("/suivi/gestes", data={"section": "now"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/suivi")


def test_a_report_needs_no_signature(desk: Desk) -> None:
    """A browser that keeps no cookie, a page brought back from a draft: the report comes first."""
    browser = desk.browser()
    browser.signs = False
    assert browser.post("/signalement", data={"text": CALM}).status_code == 303


def test_no_two_pages_carry_the_same_signature(official: Visitor) -> None:
    """Compressed answers would otherwise tell it, byte by byte, to whoever measures them (BREACH)."""
    pages = [official.get("/suivi").text for _ in range(3)]
    assert len({signature_in(page) for page in pages}) == 3


# --- At the desk ------------------------------------------------------------------------------------------------


def test_the_form_of_a_colleague_is_not_followed(desk: Desk) -> None:
    """One workstation, two agents: the page of the first must not act in the second's name."""
    first, second = desk.browser(desk.person()), desk.browser(desk.person())
    first.signs = second.signs = False
    given = signature_in(first.get(f"{HOME}/moi").text)
    form = {"mail": "oui", "start": "", "end": "", FIELD: given}
    assert second.post(f"{HOME}/moi/alertes", data=form).status_code == 403
    assert first.post(f"{HOME}/moi/alertes", data=form).status_code == 303


def test_the_door_takes_what_is_typed_in_its_own_page(desk: Desk) -> None:
    browser = desk.browser()
    browser.signs = False
    typed = {"login": "a@exemple.fr", "password": "x", "code": "1"}
    assert browser.post(f"{HOME}/entrer", data=typed).status_code == 403
    given = signature_in(browser.get(f"{HOME}/entrer").text)
    assert browser.post(f"{HOME}/entrer", data={**typed, FIELD: given}).status_code == 400


def test_a_stranger_is_sent_to_the_door_before_the_form_is_read(desk: Desk) -> None:
    browser = desk.browser()
    browser.cookies.set("bureau", "invente", domain="testserver.local", path=HOME)
    browser.signs = False
    answer = browser.post(f"{HOME}/annuaire/unites", files={"file": ("a.csv", b"x" * 1000)})
    assert answer.headers["location"] == f"{HOME}/entrer"
