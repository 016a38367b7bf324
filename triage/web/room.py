"""Bounds the memory that evidence being sent takes: what is sent stays in memory, never in clear on a disk."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from triage.web import problems
from triage.web.access import office_of
from triage.web.limits import network_of

# Bytes that may be on their way at once, beside bodies that are small: a report alone never waits for evidence.
MOST_AT_ONCE = 640 * 2**20
SMALL = 4 * 2**20
FROM_ONE = 6  # large bodies that one address may have on their way at once
PATIENCE = 60.0  # seconds that a body waits for room, and that a silent sender is waited for


class Room:
    """The middleware: lets large bodies in while there is room for them, in turn; 503 for one that waited too long."""

    def __init__(self, app: ASGIApp, most: int = MOST_AT_ONCE, patience: float = PATIENCE) -> None:
        self._app = app
        self._free, self._patience = most, patience
        self._theirs: Counter[str] = Counter()
        self._changed = asyncio.Condition()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on once there is room for it."""
        size = _size(scope)
        if size <= SMALL:
            await self._app(scope, receive, send)
            return
        patient, who = self._patient(receive), network_of(Request(scope))
        if not await self._entered(size, who):
            await _drained(patient)
            await _refusal(Request(scope))(scope, receive, send)
            return
        try:
            await self._app(scope, patient, send)
        finally:
            async with self._changed:
                self._free += size
                self._theirs -= Counter([who])
                self._changed.notify_all()

    async def _entered(self, size: int, who: str) -> bool:
        """Takes `size` of the room; whether there was some in time, and for one who has not much of it already."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience), self._changed:
                await self._changed.wait_for(lambda: self._free >= size and self._theirs[who] < FROM_ONE)
                self._free -= size
                self._theirs[who] += 1
                return True
        return False

    def _patient(self, receive: Receive) -> Receive:
        """`receive`, for which a sender that falls silent in the middle of a body has left."""
        more = True

        async def received() -> Message:
            nonlocal more
            try:
                async with asyncio.timeout(self._patience if more else None):
                    message = await receive()
            except TimeoutError:
                return {"type": "http.disconnect"}
            more = bool(message.get("more_body"))
            return message

        return received


def _size(scope: Scope) -> int:
    if scope["type"] != "http":
        return 0
    told: str = dict(scope["headers"]).get(b"content-length", b"0").decode("latin-1")
    return int(told) if told.isdecimal() else 0


async def _drained(receive: Receive) -> None:
    """Reads the body and keeps nothing of it: a browser listens to the answer once it has sent all."""
    while (await receive()).get("more_body"):
        pass


def _refusal(request: Request) -> Response:
    said, headers = office_of(request).service.alert.full, {"Retry-After": "60"}
    if problems.is_api(request):
        return problems.problem(request, 503, said, headers=headers)
    return PlainTextResponse(said, 503, headers)
