"""Stands before all the rest: gives each request a number, times it, counts it and writes one line of it in the log.

Neither its path nor anything that came with it is kept: only the template of its route.
"""

from __future__ import annotations

import logging
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from triage.web.counting import Metrics

_LOG = logging.getLogger("triage.requests")
# What browsers and machines ask for without anybody behind.
_COMMON = ("/static", "/healthz", "/readyz", "/metrics")
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_ID = b"x-request-id"


class Observed:
    """The middleware."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, and tells how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number, began = secrets.token_hex(8), time.perf_counter()
        status, answered = 0, began

        async def noted(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], time.perf_counter()
                message.setdefault("headers", [])
                message["headers"] = [*message["headers"], (_ID, number.encode())]
            await send(message)

        with bound_contextvars(request=number):
            try:
                await self._app(scope, receive, noted)
            finally:
                self._tell(scope, status, (answered if status else time.perf_counter()) - began, began)

    def _tell(self, scope: Scope, status: int, seconds: float, began: float) -> None:
        route, method = template_of(scope), scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.count(route, method, status, seconds)
        level = logging.WARNING if status >= 500 else logging.DEBUG if route in _COMMON else logging.INFO
        ms = round((time.perf_counter() - began) * 1000, 1)
        _LOG.log(level, "request", extra={"method": method, "route": route, "status": status, "ms": ms})


def template_of(scope: Scope) -> str:
    """The path of the route as it is declared, « /suivi/pieces/{number} »; « none » where nothing answers."""
    declared = getattr(scope.get("route"), "path", None)
    if isinstance(declared, str):
        return declared
    return "/static" if scope["path"].startswith("/static/") else "none"
