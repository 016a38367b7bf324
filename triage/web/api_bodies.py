"""Bodies that come with files: JSON alone, or a form whose part « report » is that JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from triage.desk.evidence import MOST_FILES, File
from triage.web.api_models import ReportIn
from triage.web.forms import files_of
from triage.web.problems import ApiError, FieldError

JSON, FORM = "application/json", "multipart/form-data"
_LARGEST_JSON = 2**20
_MOST_PARTS = MOST_FILES + 20
_FILES = {
    "type": "array",
    "items": {"type": "string", "format": "binary"},
    "description": "Les pièces : captures, PDF, courriels, exports de discussions ou de commentaires.",
}


@dataclass(frozen=True)
class Sent:
    """A report and the files that came with it."""

    report: ReportIn
    files: tuple[File, ...] = ()


def kind_of(request: Request) -> str:
    """The media type of the body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def json_only(request: Request) -> None:
    """Refuses a body that does not say that it is JSON."""
    if kind_of(request) != JSON:
        raise ApiError(415, f"Envoyez du JSON, avec l'en-tête « Content-Type: {JSON} ».")


async def report_sent(request: Request) -> Sent:
    """The report, from either kind of body. Raises ApiError, FieldError, RequestValidationError."""
    kind = kind_of(request)
    if kind == JSON:
        return Sent(_report(await _json(request)))
    if kind != FORM:
        raise ApiError(415, f"Envoyez du JSON (« {JSON} ») ou un formulaire avec des pièces (« {FORM} »).")
    form, files = await _form(request, "report", "files")
    part = form.get("report")
    if part is None:
        raise FieldError("report", "Ce champ est obligatoire : le récit en JSON.")
    return Sent(_report(part), files)


async def files_sent(request: Request) -> tuple[File, ...]:
    """The files of a form. Raises ApiError, FieldError."""
    if kind_of(request) != FORM:
        raise ApiError(415, f"Envoyez un formulaire avec des pièces (« {FORM} »).")
    _, files = await _form(request, "files")
    if not files:
        raise FieldError("files", "Aucune pièce n'a été reçue.")
    return files


TheReport = Annotated[Sent, Depends(report_sent)]
TheFiles = Annotated[tuple[File, ...], Depends(files_sent)]


def report_body() -> dict[str, Any]:
    """How OpenAPI describes the body of a report."""
    report = ReportIn.model_json_schema()
    form = {
        "type": "object",
        "required": ["report"],
        "properties": {"report": report, "files": _FILES},
        "additionalProperties": False,
    }
    encoding = {"report": {"contentType": JSON}}
    content = {JSON: {"schema": report}, FORM: {"schema": form, "encoding": encoding}}
    return {"requestBody": {"required": True, "content": content}}


def files_body() -> dict[str, Any]:
    """How OpenAPI describes a body of files."""
    form = {
        "type": "object",
        "required": ["files"],
        "properties": {"files": {**_FILES, "minItems": 1}},
        "additionalProperties": False,
    }
    return {"requestBody": {"required": True, "content": {FORM: {"schema": form}}}}


def _report(content: str | bytes) -> ReportIn:
    try:
        return ReportIn.model_validate_json(content)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None


async def _json(request: Request) -> bytes:
    """The body, no more of it than is allowed: its length may not have been told."""
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > _LARGEST_JSON:
            raise ApiError(413, "Ce récit dépasse 1 Mo. Gardez l'essentiel et joignez le reste comme pièce.")
    return content


async def _form(request: Request, *names: str) -> tuple[dict[str, str | bytes], tuple[File, ...]]:
    """The fields and the files of a form that has none but those `names`."""
    try:
        async with request.form(max_files=_MOST_PARTS, max_part_size=_LARGEST_JSON) as form:
            return await _fields(form, names), tuple(await files_of(form))
    except HTTPException as error:
        raise ApiError(400, "Ce formulaire n'a pas pu être lu : vérifiez ses parties et leur nombre.") from error


async def _fields(form: FormData, names: tuple[str, ...]) -> dict[str, str | bytes]:
    found: dict[str, str | bytes] = {}
    for name, value in form.multi_items():
        if name not in names:
            raise FieldError(name[:100] or "corps", "Ce champ n'existe pas.")
        if name == "files" and not (isinstance(value, UploadFile) and value.filename):
            raise FieldError("files", "Une pièce est un fichier, avec son nom.")
        if name in found:
            raise FieldError(name, "Ce champ est donné plusieurs fois.")
        if name != "files":
            found[name] = await value.read(_LARGEST_JSON + 1) if isinstance(value, UploadFile) else value
    return found
