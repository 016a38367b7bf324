"""Under attack: the browser makes a proof of work, once for each form; a person without scripts still gets through."""

from __future__ import annotations

import json
import re
import time
from base64 import b64encode
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import altcha
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from tests.web.serving import VENDOR, chromium, complaints, faults, guichet, missing, served
from tests.web.visitor import Visitor
from triage.engine import Engine
from triage.web import proof
from triage.web.limits import make_limiter

TOLD = "Je suis maire. Depuis lundi, un inconnu m'insulte sur Facebook : « espèce de vendu »."


@pytest.fixture(scope="module")
def app(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return guichet(engine, tmp_path_factory.mktemp("attaque"), altcha=True)


@pytest.fixture
def request_(app: FastAPI) -> Any:
    """A request to the service under attack."""
    app.state.limiter = make_limiter()
    return SimpleNamespace(app=app, state=SimpleNamespace())


def solve(challenge: str) -> str:
    """What an honest browser sends back."""
    made = altcha.Challenge.from_dict(json.loads(challenge))
    solution = altcha.solve_challenge(made)
    assert solution is not None
    return altcha.Payload(made, solution).to_base64()


@pytest.fixture
def easy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "TRIES", 10)


# --- What is accepted --------------------------------------------------------------------------------------------


def test_ordinary_times_ask_for_nothing(engine: Engine, tmp_path: Any) -> None:
    request = SimpleNamespace(app=guichet(engine, tmp_path), state=SimpleNamespace())
    assert proof.challenge(request) == ""
    assert all(proof.accepted(request, solved) for solved in ("", "n'importe quoi"))
    assert Visitor(request.app).get("/preuve").status_code == 404


def test_a_proof_is_accepted_once(request_: Any, easy: None) -> None:
    solved = solve(proof.challenge(request_))
    assert proof.accepted(request_, solved)
    assert not proof.accepted(request_, solved)


def test_the_same_form_sent_twice_keeps_its_proof(request_: Any, easy: None) -> None:
    solved = solve(proof.challenge(request_))
    assert proof.accepted(request_, solved, b"un formulaire")
    assert proof.accepted(request_, solved, b"un formulaire")
    assert not proof.accepted(request_, solved, b"un autre")


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("solution", "counter", 9_999_999),
        ("solution", "counter", "1"),
        ("solution", "derivedKey", "00" * 32),
        ("solution", "derivedKey", None),
        ("parameters", "cost", 1),
        ("parameters", "keyPrefix", ""),
        ("parameters", "expiresAt", 4_000_000_000),
        ("parameters", "algorithm", "SHA-256"),
    ],
)
def test_a_wrong_proof_is_refused(request_: Any, easy: None, part: str, name: str, value: object) -> None:
    payload = altcha.Payload.from_base64(solve(proof.challenge(request_))).to_dict()
    changed = payload["solution"] if part == "solution" else payload["challenge"]["parameters"]
    changed[name] = value
    assert not proof.accepted(request_, altcha.Payload.from_dict(payload).to_base64())


def test_a_proof_made_for_another_service_is_refused(request_: Any, easy: None, engine: Engine, tmp_path: Any) -> None:
    elsewhere = SimpleNamespace(app=guichet(engine, tmp_path, altcha=True), state=SimpleNamespace())
    assert not proof.accepted(request_, solve(proof.challenge(elsewhere)))


@given(st.text(min_size=1) | st.binary(min_size=1).map(lambda raw: b64encode(raw).decode()))
def test_nonsense_is_refused_and_breaks_nothing(app: FastAPI, sent: str) -> None:
    assert not proof.accepted(SimpleNamespace(app=app, state=SimpleNamespace()), sent)


def test_a_proof_too_old_is_as_good_as_none(request_: Any, easy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "LIFETIME", -1)
    old = solve(proof.challenge(request_))
    assert [proof.accepted(request_, old) for _ in range(proof.WITHOUT + 1)] == [True] * proof.WITHOUT + [False]


def test_a_few_forms_a_minute_need_no_proof(request_: Any) -> None:
    assert [proof.accepted(request_, "") for _ in range(proof.WITHOUT + 2)] == [True] * proof.WITHOUT + [False] * 2


def test_used_proofs_are_forgotten_once_they_have_expired(
    request_: Any, easy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert proof.accepted(request_, solve(proof.challenge(request_)))
    monkeypatch.setattr(proof, "time", SimpleNamespace(time=lambda: time.time() + proof.LIFETIME + 1))
    assert proof.accepted(request_, solve(proof.challenge(request_)))
    assert len(request_.app.state.proofs) == 1


def test_checking_costs_far_less_than_making(request_: Any) -> None:
    challenge = proof.challenge(request_)
    began = time.perf_counter()
    solved = solve(challenge)
    making = time.perf_counter() - began
    counter = altcha.Payload.from_base64(solved).solution.counter
    began = time.perf_counter()
    assert proof.accepted(request_, solved)
    assert time.perf_counter() - began < max(making, 0.01) * 10 / (counter + 1) + 0.05


# --- Through the pages -------------------------------------------------------------------------------------------


def test_a_form_without_proof_over_the_budget_is_shown_again_whole(app: FastAPI) -> None:
    app.state.limiter = make_limiter()
    client = Visitor(app)
    sent = {"text": TOLD, "contact": "le secrétariat", "altcha": ""}
    answers = [client.post("/signalement", data=sent, follow_redirects=False) for _ in range(proof.WITHOUT + 1)]
    assert [answer.status_code for answer in answers] == [303] * proof.WITHOUT + [400]
    assert "vérification automatique a échoué" in answers[-1].text
    assert "le secrétariat" in answers[-1].text


# --- In a real browser -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    if not (VENDOR / "altcha.min.js").is_file():
        missing("altcha est absent", "lancez « scripts/front.py »")
    with served(app) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def to_the_facts(page: Any, address: str) -> None:
    page.goto(address)
    page.get_by_label("Votre récit").fill(TOLD)
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/recit")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_browser_makes_the_proof_while_one_writes(app: FastAPI, browser: Browser, address: str, width: int) -> None:
    app.state.limiter = make_limiter()
    page = browser.new_page(viewport={"width": width, "height": 844})
    said = complaints(page)
    to_the_facts(page, address)
    page.get_by_text("Vérification automatique faite.").wait_for()
    assert faults(page) == []
    exhausted(app)
    page.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
    page.wait_for_url("**/suivi**")
    assert said == []
    page.close()


def test_a_form_sent_too_early_waits_for_its_proof(app: FastAPI, browser: Browser, address: str) -> None:
    app.state.limiter = make_limiter()
    exhausted(app)
    page = browser.new_page()
    to_the_facts(page, address)
    page.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
    page.wait_for_url("**/suivi**")
    page.close()


@pytest.mark.whole
def test_a_form_left_open_gets_another_challenge(app: FastAPI, browser: Browser, address: str) -> None:
    app.state.limiter = make_limiter()
    exhausted(app)
    page = browser.new_page()
    page.clock.install()
    to_the_facts(page, address)
    first = proof_of(page)
    with page.expect_response("**/preuve"):
        page.clock.run_for(9 * 60_000)
    second = proof_of(page)
    assert first != second
    page.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
    page.wait_for_url("**/suivi**")
    page.close()


@pytest.mark.whole
@pytest.mark.parametrize("broken", ["**/altcha.min.js", "**/altcha-worker.js", "**/proof.js"])
def test_a_form_goes_even_when_the_proof_cannot_be_made(
    app: FastAPI, browser: Browser, address: str, broken: str
) -> None:
    app.state.limiter = make_limiter()
    page = browser.new_page()
    page.route(broken, lambda route: route.abort())
    to_the_facts(page, address)
    page.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
    page.wait_for_url("**/suivi**")
    page.close()


def test_a_person_without_scripts_gets_through(app: FastAPI, browser: Browser, address: str) -> None:
    app.state.limiter = make_limiter()
    page = browser.new_page(java_script_enabled=False)
    to_the_facts(page, address)
    assert not page.locator(".proof").is_visible()
    page.get_by_role("button", name="Envoyer et voir quoi faire").first.click()
    page.wait_for_url("**/suivi**")
    page.close()


def proof_of(page: Any) -> str:
    """What the form will send as its proof, once it is made; the page's own clock is moved by hand."""
    for _ in range(100):
        page.clock.run_for(200)
        if made := page.locator("[name=altcha]").input_value():
            return str(made)
        time.sleep(0.05)
    raise AssertionError("la preuve n'est pas faite")


def exhausted(app: FastAPI) -> None:
    """Spends the budget of the forms without a proof."""
    request = SimpleNamespace(app=app, state=SimpleNamespace())
    while proof.accepted(request, ""):
        pass


def test_the_challenge_names_no_other_site(app: FastAPI) -> None:
    app.state.limiter = make_limiter()
    page = Visitor(app).post("/recit", data={"text": TOLD}).text
    assert re.findall(r'(?:src|href)="(https?:[^"]+)"', page.partition("<main")[0]) == []
