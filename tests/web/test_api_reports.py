"""A report sent by a machine: kept before it is acknowledged, once per key, answered even when nothing can be kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from tests.web.api_app import CALM, THREAT, api_app, bearer, deposit, refused
from triage.desk.case import load, open_by
from triage.engine import Engine
from triage.store.database import Database, StoreError
from triage.web import api_reports
from triage.web.api_views import NotSaved, Received

REPORTS = "/api/v1/reports"
PROGRAM = b"MZ\x90\x00" + b"\x00" * 64


@pytest.fixture(scope="module")
def client(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = api_app(engine, tmp_path_factory.mktemp("service"))
    with TestClient(app) as client:
        yield client
    app.state.office.database.close()


def told_in(client: TestClient, receipt: str) -> Any:
    """What the store keeps of what was told."""
    office = client.app.state.office
    return load(office, open_by(office, receipt)).told


def sent_with_files(client: TestClient, report: object, *files: tuple[str, bytes], **headers: str) -> Any:
    parts = [("report", (None, json.dumps(report), "application/json")), *(("files", file) for file in files)]
    return client.post(REPORTS, files=parts, headers=headers)


def test_a_report_is_kept_and_its_code_opens_it(client: TestClient) -> None:
    answer = client.post(REPORTS, json={"text": THREAT})
    assert answer.status_code == 201
    told = Received.model_validate_json(answer.content)
    assert (told.id, told.primary, told.refused) == (told.reference, "menace", [])
    assert told.case is not None
    assert (told.case.state, told.case.claimed, told.case.level) == ("open", False, told.disposition)
    assert answer.headers["location"] == f"{REPORTS}/me"
    assert client.get(answer.headers["location"], headers=bearer(told.receipt)).json()["reference"] == told.reference


def test_all_the_optional_facts_are_kept(client: TestClient) -> None:
    facts = {
        "answers": {"en_cours": "oui"},
        "situation": ["role:maire"],
        "departement": "974",
        "force": "gendarmerie",
        "began": "2026-03-17",
        "addresses": ["https://exemple.fr/publication/1"],
        "contact": "Par la mairie",
        "hours": "Le matin",
        "mail": "elu@exemple.fr",
    }
    told = told_in(client, deposit(client, **facts)["receipt"]).model_dump(mode="json")
    assert told["traits"] == ["role:maire", "lieu:la_reunion", "force:gendarmerie"]
    del facts["situation"]
    assert {name: told[name] for name in facts} == facts


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"departement": "99"}, "departement"),
        ({"force": "armée"}, "force"),
        ({"began": "mardi"}, "began"),
        ({"began": 1}, "began"),
        ({"mail": "elu@exemple.fr\nBcc: tous@exemple.fr"}, "mail"),
        ({"mail": "elu"}, "mail"),
        ({"situation": ["role:mairesse"]}, "situation"),
        ({"answers": {"en_cours": "peut-être"}}, "answers.en_cours"),
        ({"addresses": ["x" * 2_001]}, "addresses.0"),
        ({"kind": "message"}, "kind"),
    ],
)
def test_a_fact_that_does_not_exist_is_told(client: TestClient, facts: dict[str, object], field: str) -> None:
    told = refused(client.post(REPORTS, json={"text": THREAT, **facts}), 400)
    assert [fault["field"] for fault in told["fields"]] == [field]


def test_evidence_comes_with_the_report_and_is_read_later(client: TestClient) -> None:
    client.app.state.woken.clear()
    answer = sent_with_files(client, {"text": THREAT}, ("sms.txt", "je sais où tu habites".encode()))
    assert answer.status_code == 201
    (exhibit,) = answer.json()["case"]["exhibits"]
    assert (exhibit["number"], exhibit["name"], exhibit["state"]) == (1, "sms.txt", "pending")
    assert client.app.state.woken


def test_a_refused_file_never_refuses_the_report(client: TestClient) -> None:
    answer = sent_with_files(client, {"text": THREAT}, ("x.exe", PROGRAM), ("a.txt", b"je te trouverai"))
    assert answer.status_code == 201
    assert [one["name"] for one in answer.json()["case"]["exhibits"]] == ["a.txt"]
    (why,) = answer.json()["refused"]
    assert why.startswith("« x.exe » n'a pas été gardé.")


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ([("files", ("a.txt", b"bonjour"))], "report"),
        ([("report", (None, "{"))], "corps"),
        ([("report", (None, '{"text": ""}'))], "text"),
        ([("report", (None, '{"text": "x"}')), ("autre", (None, "x"))], "autre"),
        ([("report", (None, '{"text": "x"}')), ("files", (None, "un texte"))], "files"),
        ([("report", (None, '{"text": "x"}')), ("report", (None, '{"text": "y"}'))], "report"),
    ],
)
def test_a_form_that_is_not_the_one_described_is_told(client: TestClient, parts: list[Any], field: str) -> None:
    told = refused(client.post(REPORTS, files=parts), 400)
    assert [fault["field"] for fault in told["fields"]] == [field]


def test_a_damaged_form_is_told(client: TestClient) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=a"):
        refused(client.post(REPORTS, content=b"--b\r\n\x00", headers={"content-type": kind}), 400)


def test_the_same_sending_repeated_gives_the_same_code(client: TestClient) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    first = client.post(REPORTS, json={"text": THREAT}, headers=key)
    again = client.post(REPORTS, json={"text": THREAT}, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json()["receipt"], first.json()["reference"]) == (again.json()["receipt"], again.json()["reference"])
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"


def test_a_form_repeated_gives_the_same_code_whatever_its_boundary(client: TestClient) -> None:
    key, file = {"Idempotency-Key": uuid4().hex}, ("a.txt", b"je te trouverai")
    codes = {sent_with_files(client, {"text": THREAT}, file, **key).json()["receipt"] for _ in range(3)}
    assert len(codes) == 1
    other = sent_with_files(client, {"text": THREAT}, ("a.txt", b"autre chose"), **key)
    assert refused(other, 409)["type"] == "urn:triage:cle-reutilisee"


def test_a_key_that_served_for_something_else_is_refused(client: TestClient) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    client.post(REPORTS, json={"text": THREAT}, headers=key)
    told = refused(client.post(REPORTS, json={"text": CALM}, headers=key), 409)
    assert "prenez-en une nouvelle" in told["detail"]


def test_a_key_that_can_be_guessed_is_refused(client: TestClient) -> None:
    told = refused(client.post(REPORTS, json={"text": THREAT}, headers={"Idempotency-Key": "1"}), 400)
    assert told["fields"] == [{"field": "Idempotency-Key", "what": "Ce texte compte au moins 16 caractère(s)."}]


def test_the_same_sending_many_times_at_once_is_one_case(client: TestClient) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    with ThreadPoolExecutor(6) as threads:
        sent = list(threads.map(lambda _: client.post(REPORTS, json={"text": THREAT}, headers=key), range(6)))
    assert sorted(one.status_code for one in sent) == [200] * 5 + [201]
    assert len({one.json()["receipt"] for one in sent}) == 1


def test_when_nothing_can_be_kept_the_diagnostic_is_given_and_says_so(engine: Engine, tmp_path: Path) -> None:
    app = api_app(engine, tmp_path)
    app.state.office = replace(app.state.office, database=Database(f"sqlite:///{tmp_path}/absent/store.sqlite"))
    down = TestClient(app)
    answer = sent_with_files(down, {"text": THREAT}, ("a.txt", b"je te trouverai"))
    told = refused(answer, 503)
    assert told["type"] == "urn:triage:non-enregistre"
    assert told["detail"].startswith("Votre récit n'a pas été enregistré")
    assert (told["saved"], told["lost"]) == (False, ["a.txt"])
    kept = NotSaved.model_validate(told)
    assert kept.assessment is not None
    assert kept.assessment.primary == "menace"
    assert kept.assessment.diagnostic["contacts"]
    assert "receipt" not in told
    assert answer.headers["retry-after"] == "60"
    assert app.state.woken == []
    refused(down.get(f"{REPORTS}/me", headers=bearer("7924286489618069")), 503)


def test_a_store_that_fails_just_after_does_not_take_the_code_back(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise StoreError("Le registre ne répond pas.")

    monkeypatch.setattr(api_reports, "load", fails)
    answer = client.post(REPORTS, json={"text": THREAT})
    assert answer.status_code == 201
    assert (answer.json()["case"], answer.json()["reference"]) == (None, "")
    monkeypatch.undo()
    assert told_in(client, answer.json()["receipt"]).text == THREAT
