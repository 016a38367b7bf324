"""What the API answers when it cannot do what was asked: problem details (RFC 9457), in French."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from triage.desk.office import DeskError
from triage.desk.submit import KeyReusedError
from triage.errors import IntakeError, TriageError
from triage.store.cases import UnknownCaseError
from triage.store.database import StoreError
from triage.store.keys import KeyRingError
from triage.web.faults import Fault, faults
from triage.web.openapi import PROBLEM_TYPE, describe

PageError = Callable[[Request, int, str], Response]

_OURS = ("/api/", "/healthz", "/readyz", "/openapi.json")
_TITLES = {
    400: "Demande incorrecte",
    401: "Code du dossier absent ou inconnu",
    403: "Demande refusée",
    404: "Introuvable",
    405: "Méthode non permise",
    408: "Envoi trop lent",
    409: "Demande impossible en l'état",
    413: "Contenu trop grand",
    415: "Type de contenu non pris en charge",
    429: "Trop de demandes",
    500: "Erreur interne",
    503: "Service indisponible pour le moment",
}
# Those whose detail the framework gives in English.
_DETAILS = {
    400: "La demande n'a pas pu être lue. Vérifiez son contenu et son en-tête « Content-Type ».",
    404: "Cette adresse n'existe pas.",
    405: "Cette adresse existe, mais pas avec cette méthode.",
    500: "Une erreur est survenue. Réessayez ; si elle se répète, prévenez l'opérateur du service.",
}
# The same, for people.
_TOLD = {
    400: "La demande n'a pas pu être lue. Revenez à la page d'avant et recommencez.",
    405: "Cette page ne s'ouvre pas ainsi. Reprenez depuis l'accueil ou depuis votre dossier.",
}
_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_REFUSED = "La demande n'a pas été acceptée : un champ ou plusieurs sont à corriger."
_RETRY = {"Retry-After": "60"}
_STATUSES: Sequence[tuple[type[TriageError], int]] = (
    (IntakeError, 400),
    (UnknownCaseError, 404),
    (KeyRingError, 503),
    (DeskError, 409),
)
KEY_REUSED, NOT_SAVED = "urn:triage:cle-reutilisee", "urn:triage:non-enregistre"


class ProblemDetails(BaseModel):
    """What went wrong."""

    model_config = ConfigDict(
        json_schema_extra={"description": "Pourquoi la demande n'a pas abouti (RFC 9457), en français."}
    )

    type: str = Field(
        description=f"« about:blank » : le statut HTTP dit tout ; sinon « {KEY_REUSED} » ou « {NOT_SAVED} ».",
        examples=["about:blank"],
    )
    title: str = Field(description="Le problème en quelques mots.", examples=["Demande incorrecte"])
    status: int = Field(description="Le statut HTTP.", examples=[400])
    detail: str = Field(description="Ce qui ne va pas, et comment y remédier.", examples=[_REFUSED])
    instance: str = Field(description="Le chemin demandé.", examples=["/api/v1/triage"])
    fields: list[Fault] = Field(description="Les champs à corriger ; vide si le problème est ailleurs.")


class ApiError(HTTPException):
    """A request that the API refuses, in its own words."""


class FieldError(IntakeError):
    """A field that cannot be accepted."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(what)
        self.field = field


def problem(
    request: Request,
    status: int,
    detail: str,
    wrong: Sequence[Fault] = (),
    type_: str = "about:blank",
    headers: Mapping[str, str] | None = None,
    **more: Any,  # noqa: ANN401 (extension members are JSON)
) -> JSONResponse:
    """The answer that tells a problem; `more` are extension members."""
    content = {
        "type": type_,
        "title": _TITLES.get(status, _TITLES[400] if status < 500 else _TITLES[500]),
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        "fields": [one.model_dump() for one in wrong],
        **more,
    }
    return JSONResponse(content, status, headers, PROBLEM_TYPE)


def is_api(request: Request) -> bool:
    """Whether a machine asks: problems are then told as JSON."""
    return request.url.path.startswith(_OURS)


def from_error(request: Request, error: Exception) -> JSONResponse:
    """The problem that `error` is."""
    if isinstance(error, RequestValidationError):
        return problem(request, 400, _REFUSED, faults(error.errors()))
    if isinstance(error, StoreError):
        return problem(request, 503, store_down(request), headers=_RETRY)
    if isinstance(error, TriageError):
        wrong = [Fault(field=error.field, what=str(error))] if isinstance(error, FieldError) else []
        kind = KEY_REUSED if isinstance(error, KeyReusedError) else "about:blank"
        return problem(request, _status(error), str(error), wrong, kind)
    if isinstance(error, HTTPException):
        return problem(request, error.status_code, _detail(error), headers=_headers(request, error))
    return problem(request, 500, _DETAILS[500])


def install(app: FastAPI, page_error: PageError) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Tells errors as problems to machines, and with `page_error` (request, status, sentence) to people.

    The OpenAPI description then says so. Gives what tells them.
    """

    async def handle(request: Request, error: Exception) -> Response:
        told = from_error(request, error)
        if is_api(request):
            return told
        response = page_error(request, *_for_people(error, told.status_code))
        response.headers.update({k: v for k, v in told.headers.items() if k in ("allow", "retry-after")})
        return response

    for kind in (RequestValidationError, HTTPException, TriageError, Exception):
        app.add_exception_handler(kind, handle)
    describe(app)
    return handle


def store_down(request: Request) -> str:
    """What is said when the store does not answer: what was sent is not kept, if anything was."""
    alert = request.app.state.office.service.alert
    said: str = alert.away if request.method == "GET" else alert.down
    return said


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What an operation declares of its problems."""
    told = {401: _header("WWW-Authenticate", "« Bearer »."), 429: _header("Retry-After", "Secondes à attendre.")}
    return {
        status: {"model": ProblemDetails, "description": _TITLES[status], **told.get(status, {})}
        for status in sorted(statuses)
    }


def _header(name: str, description: str) -> dict[str, Any]:
    return {"headers": {name: {"description": description, "schema": {"type": "string"}}}}


def _status(error: TriageError) -> int:
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)


def _for_people(error: Exception, status: int) -> tuple[int, str]:
    if isinstance(error, TriageError):
        return status, str(error)
    if status in _TOLD:
        return status, _TOLD[status]
    return status, _detail(error) if isinstance(error, HTTPException) else _DETAILS[500]


def _detail(error: HTTPException) -> str:
    if isinstance(error, ApiError):
        return str(error.detail)
    return _DETAILS.get(error.status_code, str(error.detail))


def _headers(request: Request, error: HTTPException) -> Mapping[str, str] | None:
    """Those of the error; a refused method is told all those that would do, whichever route has them."""
    if error.status_code != 405:
        return error.headers
    return {"Allow": ", ".join(_methods(request))}


def _methods(request: Request) -> Iterator[str]:
    for method in _METHODS:
        asked = {**request.scope, "method": method}
        if any(route.matches(asked)[0] is Match.FULL for route in request.app.routes):
            yield method
