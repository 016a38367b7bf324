"""The HTTP application: the API, the page, and what every answer carries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from triage import __version__
from triage.bootstrap import build_engine
from triage.settings import Settings
from triage.web import api, pages

_HERE = Path(__file__).parent
# 50,000 characters of four bytes, percent-encoded by a form.
MAX_BODY = 50_000 * 4 * 3 + 10_000
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Next = Callable[[Request], Awaitable[Response]]


def create_app(settings: Settings) -> FastAPI:
    """The application, with its engine loaded. Raises DataError when the rules cannot be used."""
    app = FastAPI(
        title="triage",
        version=__version__,
        description="Trie les récits d'atteintes numériques visant les élus. Rien n'est conservé.",
        docs_url=None,
        redoc_url=None,
    )
    app.state.engine = build_engine(settings)
    app.include_router(api.router)
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    app.middleware("http")(_guard)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http_error)
    return app


async def _guard(request: Request, call_next: Next) -> Response:
    """Refuses bodies that are too large before they are read, and adds the protective headers."""
    length = request.headers.get("content-length")
    chunked = request.method == "POST" and length is None
    if chunked or (length is not None and (not length.isdigit() or int(length) > MAX_BODY)):
        response: Response = PlainTextResponse("Le récit est trop long.", status_code=413)
    else:
        response = await call_next(request)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _wants_page(request: Request) -> bool:
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if _wants_page(request):
        return pages.home(
            request, error="Le récit n'a pas été reçu. Écrivez-le dans le cadre, puis validez.", status=400
        )
    fields = [".".join(str(part) for part in issue["loc"][1:]) for issue in error.errors()]
    return JSONResponse({"error": "Demande incorrecte.", "fields": fields}, status_code=400)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if _wants_page(request):
        known = error.status_code == 404
        text = "Cette page n'existe pas." if known else "La demande n'a pas pu être traitée."
        return pages.home(request, error=text, status=error.status_code)
    return JSONResponse({"error": str(error.detail)}, status_code=error.status_code, headers=error.headers)
