"""The HTTP interface: the contract's JSON, errors in French, nothing without its protective headers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from triage.settings import Settings
from triage.web.app import MAX_BODY, create_app

THREAT = "Un inconnu m'a écrit sur Instagram : « je vais te tuer, toi et tes enfants »."


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings)) as client:
        yield client


def test_a_report_is_sorted(client: TestClient) -> None:
    answer = client.post("/api/v1/triage", json={"text": THREAT, "id": "r1"}).json()
    assert (answer["id"], answer["primary"], answer["escalated"]) == ("r1", "menace", True)
    assert answer["disposition"] in ("urgent", "immediate")
    assert answer["diagnostic"]["steps"]["now"]
    assert {"confidence", "sources", "checked_on", "uncertain"} <= answer["diagnostic"]["law"][0].keys()
    assert "n'est pas une plainte" in answer["diagnostic"]["warnings"][0]
    for threat in answer["threats"]:
        for quote in threat["evidence"]:
            assert THREAT[quote["start"] : quote["end"]] == quote["text"]
            assert ("rule" in quote) != ("model" in quote)


def test_the_situation_may_be_told_apart(client: TestClient) -> None:
    told = {"text": THREAT, "situation": ["lieu:la_reunion", "role:maire"]}
    situation = client.post("/api/v1/triage", json=told).json()["diagnostic"]["situation"]
    assert {"lieu:la_reunion", "role:maire", "role:elu"} <= set(situation)
    wrong = client.post("/api/v1/triage", json={"text": THREAT, "situation": ["role:mairesse"]})
    assert wrong.status_code == 400
    assert wrong.json()["fields"] == ["situation"]
    assert wrong.json()["error"].startswith("Situation inconnue : role:mairesse. Essayez par exemple : role:maire,")


def test_a_message_is_the_attackers_words(client: TestClient) -> None:
    answer = client.post("/api/v1/triage", json={"text": "je vais te tuer", "kind": "message"}).json()
    assert answer["primary"] == "menace"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": "   "},
        {"text": "x", "kind": "lettre"},
        {"text": "a" * 50_001},
        {"text": "x", "autre": 1},
        [],
        None,
    ],
)
def test_wrong_requests_say_what_is_wrong(client: TestClient, body: object) -> None:
    response = client.post("/api/v1/triage", json=body)
    assert response.status_code == 400
    assert response.json()["error"]


def test_broken_json(client: TestClient) -> None:
    response = client.post("/api/v1/triage", content=b"{", headers={"content-type": "application/json"})
    assert response.status_code == 400


def test_too_large_a_body_is_not_read(client: TestClient) -> None:
    response = client.post("/api/v1/triage", content=b"x" * (MAX_BODY + 1))
    assert response.status_code == 413


def test_answers_are_taken(client: TestClient) -> None:
    text = "La page Facebook de la mairie a été piratée ce week-end."
    held = client.post("/api/v1/triage", json={"text": text, "answers": {"compte": "non"}}).json()
    assert held["facts"]["controle_attaquant"] == "oui"
    assert "compte" not in {question["id"] for question in held["questions"]}


def test_health_and_openapi(client: TestClient) -> None:
    health = client.get("/healthz").json()
    assert health["status"] == "ok"
    assert health["degraded"] is False
    assert "/api/v1/triage" in client.get("/openapi.json").json()["paths"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/static/triage.css", "/nulle-part"])
def test_protective_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_the_page_shows_the_diagnostic(client: TestClient) -> None:
    page = client.post("/diagnostic", data={"text": THREAT}).text
    assert "Menace de mort ou de violence" in page
    assert "<mark" in page
    assert "n&#39;est pas une plainte" in page
    assert 'href="tel:17"' in page


def test_what_was_written_comes_back_with_the_error(client: TestClient) -> None:
    response = client.post("/diagnostic", data={"text": "\x00\x01" * 300})
    assert response.status_code == 400
    assert 'role="alert"' in response.text


def test_the_page_escapes_what_people_write(client: TestClient) -> None:
    page = client.post(
        "/diagnostic", data={"text": "<script>alert(1)</script> il me menace de mort <b>ce soir</b>"}
    ).text
    assert "<script>" not in page
    assert "<b>ce soir" not in page


def test_an_unknown_page_is_a_french_page(client: TestClient) -> None:
    response = client.get("/nulle-part", headers={"accept": "text/html"})
    assert response.status_code == 404
    assert "n&#39;existe pas" in response.text
