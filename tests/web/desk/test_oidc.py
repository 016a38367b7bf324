"""Entering by an OIDC provider: a real one, then one that lies, is down, or is made like ProConnect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey
from sqlalchemy import select, update

from tests.desk.people.members import wish
from tests.web.desk.conftest import Desk
from tests.web.desk.providers import CLIENT, Federation, mock
from tests.web.serving import served
from tests.web.visitor import Visitor
from triage.desk.people import accounts
from triage.desk.people.registry import registry_of
from triage.engine import Engine
from triage.store.people_tables import AUDIT, PEOPLE, SESSIONS
from triage.web.desk.door import COOKIE

LOGIN = "lea.martin@exemple.fr"
BACK = "https://testserver/desk/entrer/oidc/retour"


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    """A real OIDC server."""
    with mock() as address:
        yield address


def desk_of(engine: Engine, data: Path, issuer: str, **more: str) -> Desk:
    """A desk whose provider is there, and Léa's account in it."""
    desk = Desk(engine, data, oidc_issuer=issuer, oidc_client=CLIENT, oidc_secret="un-secret", **more)
    accounts.invite(registry_of(desk.office), None, wish(LOGIN), datetime.now(UTC))
    return desk


def to_provider(browser: Visitor, vers: str = "") -> str:
    sent = browser.get("/desk/entrer/oidc", params={"vers": vers} if vers else {})
    assert sent.status_code == 303, sent.text
    return sent.headers["location"]


def consent(address: str, subject: str = "sub-1", action: str = "") -> str:
    """What a person does at the real provider; the address that it sends the browser back to."""
    data = {"action": action} if action else {"sub": subject}
    answer = httpx.post(address, data=data)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def known(real: str, **claims: object) -> None:
    httpx.put(f"{real}/users/sub-1", json={"email": LOGIN, "email_verified": True, **claims}).raise_for_status()


@pytest.fixture
def lea(engine: Engine, tmp_path: Path, real: str) -> Iterator[Desk]:
    """A desk with the real provider."""
    made = desk_of(engine, tmp_path, real)
    yield made
    made.close()


def test_the_whole_way_with_a_real_provider(lea: Desk, real: str) -> None:
    known(real)
    browser = lea.browser()
    assert "S'identifier avec ProConnect" in browser.get("/desk/entrer").text
    address = to_provider(browser, "/desk/moi")
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"] and asked["redirect_uri"] == [BACK]
    assert {"state", "nonce", "code_challenge"} <= set(asked) and asked["scope"] == ["openid email profile"]
    inside = browser.get(consent(address))
    assert inside.status_code == 200 and 'content="0; url=/desk/moi"' in inside.text
    assert "SameSite=strict" in next(one for one in inside.headers.get_list("set-cookie") if one.startswith(COOKIE))
    page = browser.get("/desk/moi")
    assert page.status_code == 200 and "fournisseur d&#39;identité" in page.text
    assert "/desk/moi/mot-de-passe" not in page.text


def test_what_is_kept_until_the_return_is_lax_sealed_and_serves_once(lea: Desk, real: str) -> None:
    known(real)
    browser = lea.browser()
    sent = browser.get("/desk/entrer/oidc")
    cookie = sent.headers["set-cookie"]
    assert {"SameSite=lax", "HttpOnly", "Secure", "Path=/desk/entrer/oidc", "Max-Age=600"} <= set(cookie.split("; "))
    assert parse_qs(urlsplit(sent.headers["location"]).query)["state"][0] not in cookie
    back = consent(sent.headers["location"])
    assert browser.get(back).status_code == 200
    assert browser.get(back).status_code == 400


def test_leaving_leaves_the_provider_too(lea: Desk, real: str) -> None:
    known(real)
    browser = lea.browser()
    browser.get(consent(to_provider(browser)))
    token = browser.cookies.get(COOKIE)
    left = browser.post("/desk/sortir")
    assert left.status_code == 200 and f"url={real}/oauth2/end_session" in left.text and "id_token_hint=" in left.text
    assert "https%3A%2F%2Ftestserver%2Fdesk%2Fsorti" in left.text and "Sortir</button>" not in left.text
    browser.cookies.set(COOKIE, str(token), domain="testserver.local", path="/desk")
    assert browser.get("/desk/moi").status_code == 303


def test_the_provider_token_is_sealed(lea: Desk, real: str) -> None:
    known(real)
    browser = lea.browser()
    browser.get(consent(to_provider(browser)))
    with lea.office.database.read() as connection:
        sealed = connection.execute(select(SESSIONS.c.id_token)).scalar_one()
    assert b"eyJ" not in sealed and lea.office.ring.wrapping.open(sealed).startswith(b"eyJ")


def test_a_refused_consent_is_said_plainly(lea: Desk, real: str) -> None:
    browser = lea.browser()
    to_provider(browser)
    state = parse_qs(urlsplit(to_provider(browser)).query)["state"][0]
    answer = browser.get(f"{BACK}?error=access_denied&state={state}")
    assert answer.status_code == 403 and "pas confirmé votre identité" in answer.text


@pytest.mark.parametrize("wrong", ["", "?code=x", "?code=x&state=x", "?state=x&error=x", "?code=x&state=é"])
def test_a_return_that_nobody_asked_for(lea: Desk, wrong: str) -> None:
    browser = lea.browser()
    assert browser.get(f"{BACK}{wrong}").status_code == 400
    to_provider(browser)
    answer = browser.get(f"{BACK}{wrong}")
    assert answer.status_code == 400 and "Recommencez" in answer.text and COOKIE not in browser.cookies


def test_the_return_of_another_browser_is_refused(lea: Desk, real: str) -> None:
    known(real)
    victim, attacker = lea.browser(), lea.browser()
    to_provider(victim)
    assert victim.get(consent(to_provider(attacker))).status_code == 400


def test_a_code_that_the_provider_does_not_know(lea: Desk) -> None:
    browser = lea.browser()
    state = parse_qs(urlsplit(to_provider(browser)).query)["state"][0]
    answer = browser.get(f"{BACK}?code=jamais-donne&state={state}")
    assert answer.status_code == 502 and "ne répond pas comme prévu" in answer.text


@pytest.mark.parametrize("claims", [{"email": "personne@exemple.fr"}, {"email_verified": False}, {"email": None}])
def test_an_identity_without_an_account_or_a_verified_address(lea: Desk, real: str, claims: dict[str, object]) -> None:
    known(real, **claims)
    browser = lea.browser()
    answer = browser.get(consent(to_provider(browser)))
    assert answer.status_code == 403 and "aucun compte ouvert" in answer.text and COOKIE not in browser.cookies


def test_another_subject_with_the_same_address_is_refused(lea: Desk, real: str) -> None:
    known(real)
    first = lea.browser()
    assert first.get(consent(to_provider(first))).status_code == 200
    httpx.put(f"{real}/users/sub-2", json={"email": LOGIN, "email_verified": True})
    second = lea.browser()
    assert second.get(consent(to_provider(second), "sub-2")).status_code == 403


def test_a_closed_account_is_refused(lea: Desk, real: str) -> None:
    known(real)
    with lea.office.database.write() as connection:
        connection.execute(update(PEOPLE).values(state="disabled"))
    browser = lea.browser()
    assert browser.get(consent(to_provider(browser))).status_code == 403


def test_going_on_stays_here(lea: Desk, real: str) -> None:
    known(real)
    browser = lea.browser()
    assert "mal.exemple" not in browser.get(consent(to_provider(browser, "//mal.exemple"))).text


def test_a_provider_that_is_down_is_said_plainly(engine: Engine, tmp_path: Path) -> None:
    desk = desk_of(engine, tmp_path, "http://127.0.0.1:9")
    answer = desk.browser().get("/desk/entrer/oidc")
    assert answer.status_code == 503 and "entrez avec votre mot de passe" in answer.text
    desk.close()


def test_an_address_in_clear_is_refused(engine: Engine, tmp_path: Path) -> None:
    desk = desk_of(engine, tmp_path, "http://identite.exemple.fr")
    assert "https:" in desk.browser().get("/desk/entrer/oidc").text
    desk.close()


def test_without_a_provider_there_is_no_way_by_it(desk: Desk) -> None:
    assert desk.browser().get("/desk/entrer/oidc").status_code == 404
    assert desk.browser().get("/desk/entrer/oidc/retour").status_code == 404


class Made:
    """A provider like ProConnect, and a desk that asks for a second factor."""

    def __init__(self, federation: Federation, desk: Desk) -> None:
        self.federation, self.desk = federation, desk

    def enter(self) -> httpx.Response:
        browser = self.desk.browser()
        back = httpx.get(to_provider(browser)).headers["location"]
        return browser.get(back)


@pytest.fixture
def made(engine: Engine, tmp_path: Path) -> Iterator[Made]:
    """The provider, served; a desk that asks it for « mfa »."""
    federation = Federation()
    federation.person["email"] = LOGIN
    with served(federation.app) as port:
        federation.address = f"http://localhost:{port}"
        desk = desk_of(engine, tmp_path, federation.address, oidc_acr="eidas1 eidas2", oidc_amr="mfa")
        yield Made(federation, desk)
        desk.close()


@pytest.mark.parametrize("as_json", [False, True])
def test_a_provider_like_proconnect(made: Made, as_json: bool) -> None:
    made.federation.json_userinfo = as_json
    assert made.enter().status_code == 200
    asked = made.federation.asked
    assert asked["scope"] == "openid email given_name usual_name idp_id" and asked["acr_values"] == "eidas1 eidas2"
    assert json.loads(asked["claims"])["id_token"]["amr"] == {"essential": True}
    with made.desk.office.database.read() as connection:
        assert "oidc fi-1" in connection.scalars(select(AUDIT.c.about)).all()


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "un-autre"}, {"aud": "un-autre-service"}, {"iss": "https://mal.exemple"}, {"exp": 1}, {"exp": None},
        {"sub": None}, {"acr": "eidas0"}, {"amr": ["pwd"]}, {"acr": None}, {"amr": None}, {"amr": "mfa"},
    ],
    ids=str,
)  # fmt: skip
def test_an_id_token_that_cannot_be_trusted(made: Made, lie: dict[str, object]) -> None:
    made.federation.claims |= lie
    made.federation.claims = {name: value for name, value in made.federation.claims.items() if value is not None}
    if lie == {"exp": None}:
        made.federation.claims["exp"] = None
    answer = made.enter()
    assert answer.status_code == 502 and "Recommencez" in answer.text


def test_a_token_signed_by_somebody_else(made: Made) -> None:
    made.federation.signer = ECKey.generate_key("P-256", {"kid": "k1"})
    assert made.enter().status_code == 502


@pytest.mark.parametrize("lie", [{"sub": "sub-2"}, {"aud": "un-autre-service"}], ids=str)
def test_userinfo_of_somebody_else(made: Made, lie: dict[str, str]) -> None:
    made.federation.person |= lie
    assert made.enter().status_code == 502


def test_a_provider_that_refuses_the_code(made: Made) -> None:
    made.federation.down = True
    assert made.enter().status_code == 502


def test_a_discovery_document_of_another_issuer(made: Made) -> None:
    made.federation.address = "https://mal.exemple"
    assert made.desk.browser().get("/desk/entrer/oidc").status_code == 503
