"""What happens, told to every connected desk at once (SSE). A stream ends with its session, or with the server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from anyio import Event
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sse_starlette import EventSourceResponse, ServerSentEvent

from triage.desk.office import Office
from triage.desk.people import sessions
from triage.desk.people.rights import Right, may
from triage.desk.people.sessions import Session
from triage.store.news import News
from triage.store.people import Person
from triage.store.records import reference_of
from triage.web.access import office_of
from triage.web.desk.door import Entered, token_of
from triage.web.desk.hub import Hub, Inbox

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
BEAT = 15.0  # seconds between two looks at the session, each told to the browser
GRACE = 3.0  # seconds that a stream has to end by itself when the server stops
OVER = "event: fin\ndata: \n\n"  # the whole stream of who has no session any more
AGAIN = 2_000  # milliseconds after which a browser that lost the stream asks for it again


@router.get("/desk/flux")
async def stream(request: Request, person: Entered) -> Response:
    """The stream of news for one browser."""
    office, token, stopping = office_of(request), token_of(request), Event()
    return EventSourceResponse(
        _events(_hub(request), office, token, stopping),
        ping=0,
        headers={"X-Accel-Buffering": "no"},
        shutdown_event=stopping,
        shutdown_grace_period=GRACE,
    )


def _hub(request: Request) -> Hub:
    """The reader of this process, made with the first stream."""
    state = request.app.state
    if not hasattr(state, "hub"):
        state.hub = Hub(state.office)
    hub: Hub = state.hub
    return hub


async def _events(hub: Hub, office: Office, token: str, stopping: Event) -> AsyncIterator[ServerSentEvent]:
    """The news of whoever has the session, until it is over. A server that stops says nothing: browsers come back."""
    async with hub.listening() as inbox:
        session = await asyncio.to_thread(_alive, office, token)
        yield ServerSentEvent("", event="bonjour", retry=AGAIN)
        while session:
            async for one in _heard(inbox, session.person, stopping):
                yield ServerSentEvent(_told(office, one, session.person), event="nouvelle")
            if stopping.is_set():
                return
            session = await asyncio.to_thread(_alive, office, token)
            yield ServerSentEvent("", event="battement")
    yield ServerSentEvent("", event="fin")


async def _heard(inbox: Inbox, person: Person, stopping: Event) -> AsyncIterator[News]:
    """The news for `person`, until the session is to be looked at: at each beat, or at once when it has changed."""
    clock = asyncio.get_running_loop()
    beat = clock.time() + BEAT
    while one := await _next(inbox, stopping, beat - clock.time()):
        if one.kind == sessions.CHANGED:
            if one.about == person.id:
                return
        elif may(person, Right.HANDLE) and one.reaches(person):
            yield one


async def _next(inbox: Inbox, stopping: Event, seconds: float) -> News | None:
    """The next of the news; None when none came in that time, or when the server stops."""
    news, stop = asyncio.ensure_future(inbox.get()), asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait((news, stop), timeout=max(seconds, 0), return_when=asyncio.FIRST_COMPLETED)
        return news.result() if news.done() else None
    finally:
        news.cancel()
        stop.cancel()


def _alive(office: Office, token: str) -> Session | None:
    """The session, if it still is one; it is noted that somebody is there."""
    now = datetime.now(UTC)
    session = sessions.current(office, token, now, acts=False)
    if session:
        with office.database.write() as connection:
            sessions.alive(connection, session.id, now)
    return session


def _told(office: Office, one: News, person: Person) -> str:
    """One of the news as the script reads it: ids and levels, nothing of what was told."""
    mine = person.id in (one.holder, one.about)
    told = {"kind": one.kind, "case": one.case_id, "level": one.level, "departement": one.departement, "mine": mine}
    if one.case_id:
        told["reference"] = reference_of(one.case_id)
    if one.kind == "alert":
        told["text"] = one.about
    return json.dumps(told, ensure_ascii=False)
