"""Cuts whoever holds a connection open by saying or reading next to nothing, and never whoever has a poor network."""

from __future__ import annotations

import asyncio

import h11
from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from triage.web import problems

# Seconds to say what one comes for, all headers together.
HEADERS = 20.0
# A body has so many seconds, and as many more as what has come already is worth at this pace (bytes a second): a phone
# at the edge of a network sends four times as fast.
GRACE, PACE = 30.0, 2_000
# An answer that is not read at that pace either, looked at so often (seconds), is given up.
READING = 60.0
_TOO_SLOW = "L'envoi a été interrompu : il est arrivé trop lentement. Réessayez ; sans pièce, un récit passe partout."
_LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Prompt(H11Protocol):
    """uvicorn's own, which waits for headers and for readers without end."""

    _deadline: asyncio.TimerHandle | None = None
    _reader: asyncio.TimerHandle | None = None
    _spoken = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection opens: what it is for has to be said in time."""
        super().connection_made(transport)
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        """Headers that have begun have to end; the time of a body is counted elsewhere."""
        super().data_received(data)
        self._spoken = True
        self._expect_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        for timer in (self._deadline, self._reader):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """What was answered is not read as fast as it was written."""
        super().pause_writing()
        if self._reader is None:
            self._reader = self.loop.call_later(READING, self._look, self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """It was read."""
        super().resume_writing()
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None

    def _expect_headers(self) -> None:
        waiting = self.conn.their_state is h11.IDLE
        if waiting and self._deadline is None:
            self._deadline = self.loop.call_later(HEADERS, self._late)
        elif not waiting and self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self._deadline = None
        if self.transport.is_closing():
            return
        if self._spoken:  # browsers open connections that they may never use
            self.transport.write(_LATE)
        self.transport.close()

    def _look(self, before: int) -> None:
        left = self.transport.get_write_buffer_size()
        if before - left < PACE * READING / 2:
            self.transport.abort()
        else:
            self._reader = self.loop.call_later(READING, self._look, left)


class Hurry:
    """The middleware: a body that falls silent, or drips, is cut with 408."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, whose body has to come at a pace; only what is waited for here counts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(receive)
        begun = False

        async def told(message: Message) -> None:
            nonlocal begun
            if not body.late or begun:
                begun = True
                await send(message)

        try:
            await self._app(scope, body.received, told)
        except Exception:
            if not body.late:
                raise
        if body.late and not begun:
            await _refusal(Request(scope))(scope, receive, send)


class _Body:
    """What has come of a body, and the time that it took."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._more = receive, True
        self._came, self._waited, self.late = 0, 0.0, False

    async def received(self) -> Message:
        """The next part. A sender that is late has left, for the application."""
        if self.late:
            return {"type": "http.disconnect"}
        if not self._more:
            return await self._receive()
        clock = asyncio.get_running_loop().time
        began, left = clock(), GRACE + self._came / PACE - self._waited
        try:
            async with asyncio.timeout(max(left, 0)):
                message = await self._receive()
        except TimeoutError:
            self.late = True
            return {"type": "http.disconnect"}
        self._waited += clock() - began
        self._came += len(message.get("body", b""))
        self._more = bool(message.get("more_body"))
        return message


def _refusal(request: Request) -> Response:
    headers = {"Connection": "close"}
    if problems.is_api(request):
        return problems.problem(request, 408, _TOO_SLOW, headers=headers)
    return PlainTextResponse(_TOO_SLOW, 408, headers)
