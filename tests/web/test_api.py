"""The HTTP interface: the contract's JSON, problems told in French, nothing without its protective headers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.web.api_app import THREAT, api_app, refused
from triage.engine import Engine
from triage.web.api_models import Contract
from triage.web.guard import MAX_BODY

TRIAGE = "/api/v1/triage"


@pytest.fixture(scope="module")
def client(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = api_app(engine, tmp_path_factory.mktemp("service"))
    with TestClient(app) as client:
        yield client
    app.state.office.database.close()


def test_a_report_is_sorted(client: TestClient) -> None:
    answer = client.post(TRIAGE, json={"text": THREAT, "id": "r1"}).json()
    assert (answer["id"], answer["primary"], answer["escalated"]) == ("r1", "menace", True)
    assert answer["disposition"] in ("urgent", "immediate")
    assert answer["diagnostic"]["steps"]["now"]
    assert {"confidence", "sources", "checked_on", "uncertain"} <= answer["diagnostic"]["law"][0].keys()
    assert "n'est pas une plainte" in answer["diagnostic"]["warnings"][0]
    for threat in answer["threats"]:
        for quote in threat["evidence"]:
            assert THREAT[quote["start"] : quote["end"]] == quote["text"]
            assert ("rule" in quote) != ("model" in quote)


def test_the_answer_is_the_contract_and_nothing_else(client: TestClient) -> None:
    answer = client.post(TRIAGE, json={"text": THREAT}).json()
    assert answer.keys() == Contract.model_fields.keys()
    assert Contract.model_validate(answer, strict=True).primary == "menace"


def test_the_situation_may_be_told_apart(client: TestClient) -> None:
    told = {"text": THREAT, "situation": ["lieu:la_reunion", "role:maire"]}
    situation = client.post(TRIAGE, json=told).json()["diagnostic"]["situation"]
    assert {"lieu:la_reunion", "role:maire", "role:elu"} <= set(situation)


def test_the_moment_of_the_report_counts(client: TestClient) -> None:
    told = {"text": "Hier, quelqu'un a publié « gros porc » sur ma page.", "received_at": "2026-03-18T22:30:00+01:00"}
    answer = client.post(TRIAGE, json=told)
    assert answer.status_code == 200
    starts = {clock["start"] for clock in answer.json()["diagnostic"]["clocks"] if clock["start"]}
    assert all(start.startswith("2026-03-17") for start in starts)


def test_a_message_is_the_attackers_words(client: TestClient) -> None:
    answer = client.post(TRIAGE, json={"text": "je vais te tuer", "kind": "message"}).json()
    assert answer["primary"] == "menace"


def test_answers_are_taken(client: TestClient) -> None:
    text = "La page Facebook de la mairie a été piratée ce week-end."
    held = client.post(TRIAGE, json={"text": text, "answers": {"compte": "non"}}).json()
    assert held["facts"]["controle_attaquant"] == "oui"
    assert "compte" not in {question["id"] for question in held["questions"]}


@pytest.mark.parametrize(
    ("body", "field", "what"),
    [
        ({}, "text", "Ce champ est obligatoire."),
        ({"text": ""}, "text", "Ce texte compte au moins 1 caractère(s)."),
        ({"text": "   "}, "text", "Le récit est vide."),
        ({"text": "\x01\x02" * 50}, "text", "Ce contenu n'est pas un texte lisible."),
        ({"text": 12}, "text", "Un texte est attendu."),
        ({"text": "x", "kind": "lettre"}, "kind", "Valeurs possibles : report ou message."),
        ({"text": "a" * 50_001}, "text", "Ce texte compte au plus 50000 caractères."),
        ({"text": "x", "autre": 1}, "autre", "Ce champ n'existe pas."),
        ({"text": "x", "situation": "role:maire"}, "situation", "Une liste est attendue."),
        ({"text": THREAT, "situation": ["role:mairesse"]}, "situation", "Situation inconnue : role:mairesse. Essayez"),
        ({"text": THREAT, "answers": {"colis": "non"}}, "answers", "Question inconnue : colis."),
        ({"text": THREAT, "answers": {"compte": "bleu"}}, "answers.compte", "Réponse inconnue : bleu."),
        ({"text": "x", "received_at": 12}, "received_at", "Une date est attendue"),
        ({"text": "x", "received_at": "1700000000"}, "received_at", "Une date est attendue"),
        ({"text": "x", "received_at": "demain"}, "received_at", "Une date est attendue"),
        ({"text": "x", "received_at": "9999-12-31T23:59:59-12:00"}, "received_at", "Une date est attendue"),
        ({"text": "x", "received_at": "0001-01-01T00:00:00+14:00"}, "received_at", "Une date est attendue"),
        ([], "corps", "Un objet JSON est attendu"),
    ],
)
def test_wrong_requests_say_which_field_is_wrong_and_how_to_mend_it(
    client: TestClient, body: object, field: str, what: str
) -> None:
    (fault,) = refused(client.post(TRIAGE, json=body), 400)["fields"]
    assert fault["field"] == field
    assert fault["what"].startswith(what)


def test_every_wrong_field_is_told_at_once(client: TestClient) -> None:
    told = refused(client.post(TRIAGE, json={"kind": "lettre", "autre": 1}), 400)
    assert [fault["field"] for fault in told["fields"]] == ["text", "kind", "autre"]


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe\x00", b'{"text": "\\ud800"}', b'{"\\ud800": 1}', b"[" * 100_000])
@pytest.mark.parametrize("path", [TRIAGE, "/api/v1/reports"])
def test_broken_json_is_told(client: TestClient, path: str, content: bytes) -> None:
    refused(client.post(path, content=content, headers={"content-type": "application/json"}), 400)


@pytest.mark.parametrize(
    "path", [TRIAGE, "/api/v1/reports", "/api/v1/reports/me/messages", "/api/v1/reports/me/evidence"]
)
def test_only_the_declared_kinds_of_bodies_are_read(client: TestClient, path: str) -> None:
    receipt = client.post("/api/v1/reports", json={"text": THREAT}).json()["receipt"]
    headers = {"content-type": "text/plain", "authorization": f"Bearer {receipt}"}
    told = refused(client.post(path, content=b"bonjour", headers=headers), 415)
    assert ("multipart/form-data" if path.endswith("evidence") else "application/json") in told["detail"]


def test_too_large_a_body_is_not_read(client: TestClient) -> None:
    refused(client.post(TRIAGE, content=b"x" * (MAX_BODY + 1)), 413)


def test_a_report_in_json_of_more_than_a_million_octets_is_refused(client: TestClient) -> None:
    sent = client.post("/api/v1/reports", json={"text": "a" * 2**20})
    assert "1 Mo" in refused(sent, 413)["detail"]


def test_an_unknown_address_and_an_unknown_method_are_problems(client: TestClient) -> None:
    refused(client.get("/api/v1/nulle-part"), 404)
    answer = client.put("/api/v1/reports/me")
    refused(answer, 405)
    assert answer.headers["allow"] == "DELETE, GET"


def test_whoever_sends_too_much_waits_a_minute(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> None:
    slow = TestClient(api_app(engine, tmp_path_factory.mktemp("slow"), per_minute=3))
    answers = [slow.post(TRIAGE, json={"text": THREAT}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    refused(answers[-1], 429)
    assert answers[-1].headers["retry-after"] == "60"


def test_a_failure_that_nobody_foresaw_is_a_problem_too(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    app = api_app(engine, tmp_path_factory.mktemp("broken"))
    app.state.engine = None
    broken = TestClient(app, raise_server_exceptions=False)
    refused(broken.post(TRIAGE, json={"text": THREAT}), 500)


def test_health(client: TestClient) -> None:
    health = client.get("/healthz").json()
    assert health.keys() == {"status", "rules", "model", "degraded"}
    assert (health["status"], health["degraded"]) == ("ok", False)


@pytest.mark.parametrize("path", ["/", "/healthz", "/static/triage.css", "/nulle-part", TRIAGE, "/api/v1/reports/me"])
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
    assert "<script>alert" not in page
    assert "<b>ce soir" not in page


def test_an_unknown_page_is_a_french_page(client: TestClient) -> None:
    response = client.get("/nulle-part", headers={"accept": "text/html"})
    assert response.status_code == 404
    assert "n&#39;existe pas" in response.text
