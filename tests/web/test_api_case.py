"""A case, for a machine that holds its code: read, completed, erased; nothing for whoever does not hold it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.web.api_app import CALM, THREAT, api_app, bearer, deposit, refused
from triage.desk import erasing, evidence, follow_up
from triage.desk.case import open_by
from triage.desk.office import Office, new_receipt
from triage.desk.sorting import sort_export
from triage.engine import Engine
from triage.intake.moment import in_paris
from triage.store.keys import open_ring
from triage.web.api_views import CaseView

ME = "/api/v1/reports/me"
NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
SMS = "Demain à 18 h devant la mairie, tu es mort.".encode()


@pytest.fixture(scope="module")
def client(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = api_app(engine, tmp_path_factory.mktemp("service"))
    with TestClient(app) as client:
        yield client
    app.state.office.database.close()


@pytest.fixture(scope="module")
def office(client: TestClient) -> Office:
    return client.app.state.office


@pytest.fixture
def receipt(client: TestClient) -> str:
    return deposit(client)["receipt"]


@pytest.fixture
def case_id(office: Office, receipt: str) -> str:
    return open_by(office, receipt) or ""


@pytest.fixture
def key(receipt: str) -> dict[str, str]:
    return bearer(receipt)


def view(client: TestClient, key: dict[str, str]) -> CaseView:
    """The case as it is answered, checked."""
    answer = client.get(ME, headers=key)
    assert answer.status_code == 200
    assert answer.json().keys() == CaseView.model_fields.keys()
    return CaseView.model_validate_json(answer.content)


def set_state(office: Office, case_id: str, state: Any) -> None:
    with office.database.write() as connection:
        office.cases.set_state(connection, case_id, state, NOW)


def test_the_case_is_told_with_the_diagnostic_of_today(client: TestClient, key: dict[str, str]) -> None:
    case = view(client, key)
    assert (case.state, case.claimed, case.primary, case.id) == ("open", False, "menace", case.reference)
    assert [event.kind for event in case.events] == ["received"]
    assert (case.exhibits, case.comments, case.requests, case.unread) == ([], [], [], 0)
    assert case.diagnostic["now"][:10] == in_paris(datetime.now(UTC)).date().isoformat()


def test_the_code_may_be_typed_in_groups(client: TestClient, receipt: str) -> None:
    grouped = " ".join(receipt[i : i + 4] for i in range(0, 16, 4))
    assert client.get(ME, headers=bearer(grouped)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({}, "Donnez le code du dossier"),
        ({"Authorization": "Basic YTpi"}, "Donnez le code du dossier"),
        (bearer("1234"), "Le code compte 16 chiffres ; 4 ont été lus."),
        (bearer("7924286489618060"), "Ce code contient une faute de frappe."),
        (bearer(new_receipt()), "Aucun dossier ne s'ouvre avec ce code."),
    ],
)
@pytest.mark.parametrize("path", ["", "/messages", "/evidence", "/evidence/1"])
def test_nothing_is_told_without_the_code(client: TestClient, headers: dict[str, str], why: str, path: str) -> None:
    answer = client.get(ME + path, headers=headers)
    assert refused(answer, 401)["detail"].startswith(why)
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_whoever_tries_codes_is_slowed_down_sooner_than_whoever_has_one(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    client = TestClient(api_app(engine, tmp_path_factory.mktemp("guessed"), per_minute=60))
    right = bearer(deposit(client)["receipt"])
    assert [client.get(ME, headers=right).status_code for _ in range(10)] == [200] * 10
    tries = [client.get(ME, headers=bearer(new_receipt())).status_code for _ in range(8)]
    assert tries == [401] * 4 + [429] * 4


def test_messages_go_both_ways_and_are_read_once_listed(
    client: TestClient, office: Office, case_id: str, key: dict[str, str]
) -> None:
    sent = client.post(f"{ME}/messages", json={"text": "Il a recommencé ce matin."}, headers=key)
    assert sent.status_code == 201
    follow_up.write(office, case_id, "agent", "Nous vous appelons à 18 h.", NOW)
    assert view(client, key).unread == 1
    told = client.get(f"{ME}/messages", headers=key).json()["messages"]
    assert [(one["by"], one["text"]) for one in sorted(told, key=lambda one: one["by"])] == [
        ("agent", "Nous vous appelons à 18 h."),
        ("official", "Il a recommencé ce matin."),
    ]
    assert view(client, key).unread == 0


def test_an_empty_message_is_not_sent(client: TestClient, key: dict[str, str]) -> None:
    told = refused(client.post(f"{ME}/messages", json={"text": "  "}, headers=key), 400)
    assert told["fields"] == [{"field": "text", "what": "Le message est vide."}]


def test_an_answer_assesses_the_case_anew(client: TestClient) -> None:
    key = bearer(deposit(client, "La page Facebook de la mairie a été piratée ce week-end.")["receipt"])
    assert "compte" in {question.id for question in view(client, key).questions}
    answered = client.post(f"{ME}/answers", json={"answers": {"compte": "non"}}, headers=key)
    assert answered.status_code == 200
    assert answered.json()["facts"]["controle_attaquant"] == "oui"
    assert "compte" not in {question.id for question in view(client, key).questions}
    refused(client.post(f"{ME}/answers", json={"answers": {"colis": "non"}}, headers=key), 400)
    refused(client.post(f"{ME}/answers", json={"answers": {}}, headers=key), 400)


def test_a_measure_is_asked_for_once(client: TestClient, key: dict[str, str]) -> None:
    for _ in range(2):
        asked = client.post(f"{ME}/measures", json={"measure": "referent"}, headers=key)
        assert [one["kind"] for one in asked.json()["requests"]] == ["referent"]
    told = refused(client.post(f"{ME}/measures", json={"measure": "protection_fonctionnelle"}, headers=key), 400)
    assert "Mesures possibles : bouton_appel, referent, referent_surete." in told["detail"]


def test_evidence_is_added_read_and_given_back_untouched(
    client: TestClient, office: Office, key: dict[str, str]
) -> None:
    client.app.state.woken.clear()
    added = client.post(f"{ME}/evidence", files=[("files", ("sms d'hier.txt", SMS))], headers=key)
    assert added.status_code == 201
    assert client.app.state.woken == [1]
    (exhibit,) = added.json()["exhibits"]
    assert (exhibit["state"], exhibit["sha256"]) == ("pending", hashlib.sha256(SMS).hexdigest())
    for pending in evidence.waiting(office):
        evidence.read_exhibit(office, pending, NOW)
    assert [one.state for one in view(client, key).exhibits] == ["read"]
    original = client.get(f"{ME}/evidence/1", headers=key)
    assert original.content == SMS
    assert original.headers["content-type"] == "application/octet-stream"
    assert original.headers["content-disposition"] == "attachment; filename*=UTF-8''sms%20d%27hier.txt"
    assert original.headers["x-content-type-options"] == "nosniff"
    assert [one["name"] for one in client.get(f"{ME}/evidence", headers=key).json()["exhibits"]] == ["sms d'hier.txt"]


def test_what_cannot_be_evidence_is_told(client: TestClient, key: dict[str, str]) -> None:
    program = ("x.exe", b"MZ\x90\x00" + b"\x00" * 64)
    told = refused(client.post(f"{ME}/evidence", files=[("files", program)], headers=key), 400)
    assert told["fields"][0]["what"].startswith("« x.exe » n'a pas été gardé.")
    both = client.post(f"{ME}/evidence", files=[("files", program), ("files", ("a.txt", SMS))], headers=key)
    assert both.status_code == 201
    assert ([one["name"] for one in both.json()["exhibits"]], len(both.json()["refused"])) == (["a.txt"], 1)
    refused(client.post(f"{ME}/evidence", files=[("autre", ("a.txt", SMS))], headers=key), 400)
    refused(client.get(f"{ME}/evidence/9", headers=key), 404)
    refused(client.get(f"{ME}/evidence/zero", headers=key), 400)


def test_the_sorting_of_an_export_of_comments_is_told(client: TestClient, office: Office, key: dict[str, str]) -> None:
    lines = ["auteur,date,commentaire", *(f"a{n},2026-11-2{n},Bravo pour cette fête numéro {n}" for n in range(1, 8))]
    export = ("commentaires.csv", "\n".join(lines).encode())
    assert client.post(f"{ME}/evidence", files=[("files", export)], headers=key).status_code == 201
    for pending in evidence.waiting(office):
        if pending.kind == "comments":
            sort_export(office, pending, NOW, 1)
    (sorting,) = view(client, key).comments
    assert (sorting.exhibit, sorting.position, sorting.total, sorting.done) == (1, 7, 7, True)
    assert any("7 commentaires" in reason for reason in sorting.reasons)


def test_a_calm_case_is_erased_at_once(client: TestClient) -> None:
    key = bearer(deposit(client, CALM)["receipt"])
    answer = client.delete(ME, headers=key)
    assert (answer.status_code, answer.json()["outcome"]) == (200, "erased")
    assert "effacés" in answer.json()["said"]
    refused(client.get(ME, headers=key), 401)


def test_a_pressing_case_is_erased_by_an_agent(client: TestClient, key: dict[str, str]) -> None:
    answers = [client.delete(ME, headers=key) for _ in range(2)]
    assert [(one.status_code, one.json()["outcome"]) for one in answers] == [(202, "asked")] * 2
    assert [one.kind for one in view(client, key).requests] == [erasing.ERASURE]


def test_a_transmitted_case_is_kept_and_no_longer_changes(
    client: TestClient, office: Office, case_id: str, key: dict[str, str]
) -> None:
    set_state(office, case_id, "transmitted")
    kept = client.delete(ME, headers=key)
    assert (kept.status_code, kept.json()["outcome"]) == (200, "kept")
    writes: list[tuple[str, dict[str, Any]]] = [
        ("messages", {"json": {"text": "Bonjour"}}),
        ("answers", {"json": {"answers": {"en_cours": "oui"}}}),
        ("measures", {"json": {"measure": "referent"}}),
        ("evidence", {"files": [("files", ("a.txt", SMS))]}),
    ]
    for path, content in writes:
        assert "clos" in refused(client.post(f"{ME}/{path}", headers=key, **content), 409)["detail"]
    assert view(client, key).state == "transmitted"


def test_a_case_erased_meanwhile_is_not_found(
    client: TestClient, office: Office, case_id: str, key: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.database.write() as connection:
        office.cases.erase(connection, case_id, NOW)
    monkeypatch.setattr("triage.web.api_case.open_by", lambda *_: case_id)
    refused(client.get(ME, headers=key), 404)


def test_a_case_that_the_keys_no_longer_open_is_not_called_absent(engine: Engine, tmp_path: Path) -> None:
    app = api_app(engine, tmp_path)
    client = TestClient(app)
    key = bearer(deposit(client)["receipt"])
    ring = replace(app.state.office.ring, wrapping=open_ring(tmp_path / "others").wrapping)
    app.state.office = replace(app.state.office, ring=ring)
    assert "clés" in refused(client.get(ME, headers=key), 503)["detail"]
    app.state.office.database.close()


def test_the_answer_never_repeats_the_code(client: TestClient, receipt: str, key: dict[str, str]) -> None:
    assert receipt not in client.get(ME, headers=key).text
    assert receipt not in client.put(ME, headers=key).text
    assert THREAT not in client.get(f"{ME}/evidence", headers=key).text
