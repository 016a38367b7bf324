"""The OpenAPI description as it is served: problems under their own media type, and the values that the rules allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from triage.desk.office import Office

PROBLEM_TYPE = "application/problem+json"
# Marks, in the models, what depends on the rules.
CHOICES = "x-choices"
_TAGS = [
    {"name": "tri", "description": "Trier un récit sans rien conserver."},
    {"name": "récits", "description": "Déposer un récit, conservé jusqu'à son effacement."},
    {"name": "dossier", "description": "Suivre un dossier, avec le code reçu à son dépôt."},
    {"name": "service", "description": "L'état du service."},
]
_UNUSED = ("HTTPValidationError", "ValidationError")


def describe(app: FastAPI) -> None:
    """Completes what `app` says of itself, once its office is there."""
    described = app.openapi

    def completed() -> dict[str, Any]:
        if app.openapi_schema is None:
            choices = _choices(app.state.office)
            app.openapi_schema = _filled(_corrected(described()), choices) | {"tags": _TAGS}
        return app.openapi_schema

    app.openapi = completed  # type: ignore[method-assign]  # as FastAPI documents it


def _choices(office: Office) -> Mapping[str, dict[str, Any]]:
    """The values that each mark stands for."""
    assessor, composer = office.engine.assessor, office.engine.composer
    answers = {one.id: {"enum": ["", *(answer.id for answer in one.answers)]} for one in assessor.questions}
    return {
        "answers": {"properties": answers, "additionalProperties": False},
        "situation": {"enum": [trait for one in composer.observer.dimensions.values() for trait in one.traits]},
        "departement": {"enum": ["", *office.service.departements]},
        "measure": {"enum": sorted(office.service.askable)},
    }


def _filled(schema: Any, choices: Mapping[str, dict[str, Any]]) -> Any:  # noqa: ANN401 (any part of a JSON document)
    """`schema`, what the rules allow in place of each mark."""
    if isinstance(schema, list):
        return [_filled(one, choices) for one in schema]
    if not isinstance(schema, dict):
        return schema
    filled = {name: _filled(value, choices) for name, value in schema.items() if name != CHOICES}
    return filled | choices[schema[CHOICES]] if CHOICES in schema else filled


def _corrected(schema: dict[str, Any]) -> dict[str, Any]:
    for operation in (one for item in schema["paths"].values() for one in item.values()):
        operation["responses"].pop("422", None)  # answered as 400
        for response in operation["responses"].values():
            response["description"] = response["description"].replace("Successful Response", "La demande a abouti.")
        for status, response in operation["responses"].items():
            if status >= "400" and "content" in response:
                response["content"] = {PROBLEM_TYPE: next(iter(response["content"].values()))}
    for name in _UNUSED:
        schema.get("components", {}).get("schemas", {}).pop(name, None)
    return schema
