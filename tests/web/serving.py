"""The pages served for real, and a real browser to look at them."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import ROOT
from triage.bootstrap import build_office
from triage.engine import Engine
from triage.settings import Settings
from triage.web import about, case_pages, fiches, module, pages, proof
from triage.web.limits import make_limiter

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
VENDOR = ROOT / "triage" / "web" / "static" / "vendor"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def missing(what: str, how: str) -> None:
    """Skips the test, loudly; fails it where everything is to be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} : {how}")
    pytest.skip(f"{what.upper()} : {how}")


def guichet(engine: Engine, data: Path, **set_: Any) -> FastAPI:
    """The guichet on a store of its own, under the policy of the service."""
    app = FastAPI()
    app.state.settings = Settings(data=data, per_minute=10_000, **set_)
    app.state.engine, app.state.office = engine, build_office(app.state.settings, engine)
    app.state.office.database.upgrade()
    app.state.limiter, app.state.wake = make_limiter(), lambda: None
    for part in (pages, case_pages, fiches, module, about, proof):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=ROOT / "triage" / "web" / "static"))

    @app.middleware("http")
    async def protect(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers.setdefault("Content-Security-Policy", CSP)
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return app


@contextmanager
def served(app: FastAPI) -> Iterator[int]:
    """The port of 127.0.0.1 on which `app` answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1)
        )  # streams left open
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.02)
        try:
            yield listener.getsockname()[1]
        finally:  # whatever happened: a server left running keeps the tests from ending
            server.should_exit = True
            thread.join(10)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A real browser, or a test that is skipped."""
    if CHROMIUM is None:
        missing("Chromium est absent", "lancez « make system »")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def faults(page: Page) -> list[str]:
    """What axe-core finds on `page`, shadow trees included."""
    if not AXE.is_file():
        missing("axe-core est absent", "lancez « scripts/front.py --with-dev »")
    page.wait_for_load_state("load")  # without its style sheet a page has faults of its own
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)["violations"]
    return [f"{page.url} {one['id']} {one['nodes'][0]['html'][:120]}" for one in found]


def complaints(page: Page) -> list[str]:
    """A list that fills with what the browser complains of: policies broken, scripts that fail."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said
