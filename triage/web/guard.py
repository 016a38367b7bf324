"""Stands before the application: refuses what is too large before it is read, and protects every answer."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from python_multipart.multipart import parse_options_header
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from triage.desk.evidence import MAX_CASE
from triage.errors import traced
from triage.web import problems
from triage.web.observing import template_of

# 50,000 characters of four bytes, percent-encoded by a form, and the optional facts.
MAX_BODY = 50_000 * 4 * 3 + 200_000
# Where files are sent: the limit of a case, and what multipart adds.
MAX_UPLOAD = MAX_CASE + 2**20
_UPLOADS = (
    "/signalement",
    "/suivi/pieces",
    "/api/v1/reports",
    "/api/v1/reports/me/evidence",
    "/desk/annuaire/unites",
    "/desk/annuaire/communes",
)
_MESSAGE = re.compile(r"/desk/dossiers/[0-9a-f]{32}/messages")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_LOG = logging.getLogger(__name__)
_HSTS = ("Strict-Transport-Security", "max-age=31536000")


class Guard:
    """The middleware; `secure` says that the public address is an https one, `failed` what is said of a failure."""

    def __init__(
        self, app: ASGIApp, failed: Callable[[Request, Exception], Awaitable[Response]], secure: bool = False
    ) -> None:
        self._app, self._failed = app, failed
        self._headers = dict([*_HEADERS.items(), *([_HSTS] if secure else [])])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers itself what is too large and what fails; adds its headers to all answers, but those they have."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        static, begun = scope["path"].startswith("/static/"), False

        async def protected(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if static:  # of nobody: the module's page, which has no origin of its own, loads its styles
                    headers["Cache-Control"] = "public, no-cache"
                    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            await send(message)

        request = Request(scope)
        try:
            answer = _refusal(request) if _too_large(request) else _unread(request) if _encoded(request) else self._app
            await answer(scope, receive, protected)
        except ClientDisconnect:
            return  # nobody is there to be answered
        except Exception as error:
            if begun:
                raise
            _LOG.error("%s %s: %s\n%s", scope["method"], template_of(scope), type(error).__name__, traced(error))
            await (await self._failed(request, error))(scope, receive, protected)


def _too_large(request: Request) -> bool:
    """Whether the body is larger than may be, or does not say how large it is.

    One that is sent in chunks says nothing of it, whatever length it gives beside: a proxy would go by the one, the
    server by the other, and what follows would be taken for another request.
    """
    if "transfer-encoding" in request.headers:
        return True
    length = request.headers.get("content-length")
    if length is None:
        return request.method == "POST"
    uploads = request.url.path in _UPLOADS or _MESSAGE.fullmatch(request.url.path)
    return not length.isdecimal() or int(length) > (MAX_UPLOAD if uploads else MAX_BODY)


def _encoded(request: Request) -> bool:
    """Whether the parts of a form are said to be in another encoding than that of our pages.

    Python knows some that fail on any text (« undefined ») or make half characters of it.
    """
    kind, parameters = parse_options_header(request.headers.get("content-type"))
    return kind.startswith(b"multipart/") and parameters.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8")


def _unread(request: Request) -> Response:
    text = "Ce formulaire n'est pas en UTF-8 : il n'a pas pu être lu."
    if request.url.path.startswith("/api/"):
        return problems.problem(request, 415, text)
    return PlainTextResponse(text, 415)


def _refusal(request: Request) -> Response:
    text = "L'envoi est trop lourd. Envoyez vos pièces en plusieurs fois, ou raccourcissez le récit."
    headers = {"Connection": "close"}
    if request.url.path.startswith("/api/"):
        return problems.problem(request, 413, text, headers=headers)
    return PlainTextResponse(text, 413, headers)
