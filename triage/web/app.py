"""The HTTP application: the pages, the API, and what every answer carries."""

from __future__ import annotations

import multiprocessing
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.formparsers import MultiPartParser

from triage import __version__, logs
from triage.archive import keep_apart
from triage.bootstrap import build_engine, build_office, model_shelves
from triage.desk.office import DeskError
from triage.desk.serving import Follower
from triage.dossier.texts import load_dossier_texts
from triage.ending import end_after
from triage.engine import Engine
from triage.errors import IntakeError
from triage.jobs.queue import waker
from triage.jobs.soon import soon
from triage.memory import spared
from triage.settings import Settings
from triage.store.cases import UnknownCaseError
from triage.store.database import StoreError
from triage.web import (
    about,
    api,
    api_reports,
    case_more,
    case_pages,
    case_readings,
    fiches,
    guided,
    health,
    leaving,
    metrics,
    module,
    pages,
    problems,
    proof,
    pwa,
)
from triage.web.access import NoCaseError
from triage.web.counting import Metrics
from triage.web.desk import parts as desk_parts
from triage.web.desk.door import HOME as DESK
from triage.web.forms import text_of
from triage.web.guard import MAX_UPLOAD, Guard
from triage.web.limits import make_limiter
from triage.web.observing import Observed
from triage.web.room import Room
from triage.web.signing import STALE, StalePageError
from triage.web.slow import Hurry
from triage.web.templating import templates
from triage.web.threads import few_at_once

_HERE = Path(__file__).parent
# The fields of the forms of a case in which people write at length.
_WRITTEN = ("message", "more", "comment", "addresses")
_PARTS = (
    api,
    api_reports,
    pages,
    guided,
    case_pages,
    case_more,
    case_readings,
    fiches,
    pwa,
    module,
    about,
    leaving,
    proof,
    health,
    metrics,
)
# What is sent stays in memory, whatever its size: nothing of it is written in clear to a temporary file.
MultiPartParser.spool_max_size = MAX_UPLOAD


def create_app(settings: Settings, engine: Engine | None = None) -> FastAPI:
    """The application, with `engine` or the one that `settings` describe, which follows the model put into service.

    Raises DataError when the rules cannot be used, KeyRingError when the keys cannot be.
    """
    follower = Follower(model_shelves(settings))
    app = FastAPI(
        title="triage",
        version=__version__,
        description="Trie les récits d'atteintes numériques visant les élus, et garde ceux qu'on lui confie.",
        docs_url=None,
        redoc_url=None,
        lifespan=_following(follower),
    )
    engine = engine or build_engine(settings)
    app.state.settings = settings
    app.state.engine = engine
    app.state.office = build_office(settings, engine)
    app.state.dossier_texts = load_dossier_texts(settings.rules)
    app.state.limiter = make_limiter(app.state.office.database)
    app.state.wake = soon(waker(settings))  # no answer waits for the queue
    app.state.metrics = Metrics()
    templates.env.globals["operator"] = settings.operator
    for part in _PARTS:
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    failed = problems.install(app, page_error)
    app.add_middleware(Room)
    app.add_middleware(Hurry)
    app.add_middleware(Guard, failed=failed, secure=settings.address.startswith("https:"))
    app.add_middleware(Observed, metrics=app.state.metrics)
    _install_pages(app)
    desk_parts.install(app)
    return app


def _following(follower: Follower) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """While the application answers, its engine is the one that is put into service."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        def swap(engine: Engine) -> None:
            app.state.engine, app.state.office = engine, replace(app.state.office, engine=engine)
            keep_apart(app.state.settings, engine)

        keep_apart(app.state.settings, app.state.engine)
        async with few_at_once():
            with spared(), follower.following(app.state.engine, swap):
                yield

    return lifespan


def from_environment() -> FastAPI:
    """The application as the environment sets it: what each of several processes calls."""
    settings = Settings()
    logs.configure(settings, "serve")
    if parent := multiprocessing.parent_process():
        end_after(parent.join, settings.grace)
    return create_app(settings)


def page_error(request: Request, status: int, text: str, written: str = "") -> Response:
    """A page that says what went wrong, and where to go on; with what was `written` and could not be kept."""
    if request.url.path.startswith(DESK):
        return desk_parts.error_page(request, status, text)
    context = {"text": text, "status": status, "written": written}
    return templates.page(request, "error.html", context, status=status)


async def _written(request: Request) -> str:
    """What the person wrote in a form of a case, for them to keep."""
    if request.method != "POST" or "urlencoded" not in request.headers.get("content-type", ""):
        return ""
    form = await request.form()
    return "\n\n".join(filter(None, (text_of(form, name) for name in _WRITTEN)))


def _install_pages(app: FastAPI) -> None:
    @app.exception_handler(NoCaseError)
    def _no_case(request: Request, error: NoCaseError) -> Response:
        if request.method == "GET" and request.url.path == case_pages.HOME:
            return case_pages.code_page(request)
        return RedirectResponse(case_pages.HOME, status_code=303)

    @app.exception_handler(StalePageError)
    async def _stale(request: Request, error: StalePageError) -> Response:
        if request.url.path == case_pages.HOME:
            return case_pages.code_page(request, STALE, 403)
        if "hx-request" in request.headers and request.url.path.startswith(case_pages.HOME):
            return Response(status_code=204, headers={"HX-Redirect": case_pages.HOME})
        return page_error(request, 403, STALE, await _written(request))

    @app.exception_handler(DeskError)
    @app.exception_handler(IntakeError)
    def _refused(request: Request, error: DeskError | IntakeError) -> Response:
        if request.url.path.startswith("/api/"):
            return problems.from_error(request, error)
        if request.method == "POST" and request.url.path.startswith(case_pages.HOME):
            return case_pages.refused_page(request, error)
        return page_error(request, 400, str(error))

    @app.exception_handler(UnknownCaseError)
    def _unknown(request: Request, error: UnknownCaseError) -> Response:
        if request.url.path.startswith("/api/"):
            return problems.from_error(request, error)
        return page_error(request, 404, str(error))

    @app.exception_handler(StoreError)
    async def _down(request: Request, error: StoreError) -> Response:
        if request.url.path.startswith("/api/"):
            return problems.from_error(request, error)
        return page_error(request, 503, problems.store_down(request), await _written(request))
