"""The OpenAPI description is true: whatever is sent, the answer is one that it tells, and the service never breaks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from schemathesis.engine import events, from_schema

from tests.web.api_app import api_app, bearer, deposit
from triage.engine import Engine
from triage.web import api, api_case, api_models, api_reports, api_views, faults, problems

pytestmark = pytest.mark.whole

Asgi = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]
OPERATIONS = {
    "triage",
    "health",
    "createReport",
    "getCase",
    "eraseCase",
    "listMessages",
    "writeMessage",
    "answerQuestions",
    "askForMeasure",
    "listEvidence",
    "addEvidence",
    "getEvidence",
}


@pytest.fixture(scope="module")
def app(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    made = api_app(engine, tmp_path_factory.mktemp("api"))
    yield made
    made.state.office.database.close()


@pytest.fixture(scope="module")
def described(app: FastAPI) -> dict[str, Any]:
    return TestClient(app).get("/openapi.json").json()


def operations(described: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for item in described["paths"].values() for operation in item.values()]


def texts(part: Any) -> Iterator[str]:
    """Every description in the document."""
    if isinstance(part, dict):
        yield from (part[name] for name in ("description", "summary") if isinstance(part.get(name), str))
    for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from texts(one)


def docstrings() -> set[str]:
    """What is written for those who read the code, in English."""
    modules = (api, api_case, api_models, api_reports, api_views, faults, problems)
    return {one.__doc__ for module in modules for one in vars(module).values() if isinstance(one.__doc__, str)}


def test_every_operation_is_described_in_french_and_named(described: dict[str, Any]) -> None:
    found = operations(described)
    assert {one["operationId"] for one in found} == OPERATIONS
    assert all(one["summary"] and one["tags"] for one in found)
    said = {text for text in texts(described) if len(text.split()) > 1}
    assert said & docstrings() == set()
    assert not any("Response" in text for text in said)
    assert {tag for one in found for tag in one["tags"]} == {tag["name"] for tag in described["tags"]}
    assert all(path.startswith("/api/v1/") or path == "/healthz" for path in described["paths"])


def test_every_problem_is_described_as_one(described: dict[str, Any]) -> None:
    for operation in operations(described):
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], operation["operationId"]
    assert "HTTPValidationError" not in described["components"]["schemas"]


def test_every_field_that_is_sent_is_described_with_an_example(described: dict[str, Any]) -> None:
    models = described["components"]["schemas"]
    report = described["paths"]["/api/v1/reports"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    for model in (report, *(models[name] for name in ("TriageIn", "MessageIn", "AnswersIn", "MeasureIn"))):
        assert model["additionalProperties"] is False
        for name, field in model["properties"].items():
            assert field["description"], name
            assert field.get("examples") or field.get("enum"), name


def test_the_values_that_the_rules_allow_are_listed(described: dict[str, Any]) -> None:
    models = described["components"]["schemas"]
    assert "role:maire" in models["TriageIn"]["properties"]["situation"]["items"]["enum"]
    assert models["TriageIn"]["properties"]["answers"]["properties"]["compte"]["enum"] == ["", "non", "utilise", "oui"]
    assert "referent" in models["MeasureIn"]["properties"]["measure"]["enum"]
    assert "x-choices" not in str(described)


def test_whatever_is_sent_the_answer_is_one_that_is_described(app: FastAPI) -> None:
    """Schemathesis, as a client who holds the code of a case so pressing that asking to erase it erases nothing."""
    receipt = deposit(TestClient(app))["receipt"]
    config = schemathesis.Config.from_dict(
        {
            "seed": 1,
            "headers": bearer(receipt),
            "continue-on-failure": True,
            "generation": {"max-examples": 6, "deterministic": True},
            "operations": [
                {  # no schema tells which files are evidence
                    "include-operation-id": "addEvidence",
                    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", 400]}},
                },
                {  # every value of every fact, each kept twice, would take half a minute
                    "include-operation-id": "createReport",
                    "phases": {"coverage": {"enabled": False}},
                    "generation": {"max-examples": 50},
                },
            ],
        }
    )
    schema = schemathesis.openapi.from_asgi("/openapi.json", fresh_keys(app), config=config)
    failures, checked = [], 0
    for event in from_schema(schema).execute():
        assert not isinstance(event, events.NonFatalError | events.FatalError), event
        if isinstance(event, events.ScenarioFinished):
            checks = [check for checks in event.recorder.checks.values() for check in checks]
            failures += [(event.recorder.label, str(one.failure_info.failure)) for one in checks if one.failure_info]
            checked += len(checks)
    assert failures == []
    assert checked > 5_000


def fresh_keys(app: Asgi) -> Asgi:
    """`app`, sent another idempotency key each time: the same one again would be refused whatever is sent with it."""

    async def fresh(scope: MutableMapping[str, Any], receive: object, send: object) -> None:
        headers = [(name, _fresh(name, value)) for name, value in scope.get("headers", ())]
        await app({**scope, "headers": headers}, receive, send)

    return fresh


def _fresh(name: bytes, value: bytes) -> bytes:
    return uuid4().hex.encode() if name.lower() == b"idempotency-key" and 16 <= len(value) <= 200 else value
