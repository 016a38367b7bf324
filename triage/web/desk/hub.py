"""Reads the news once for all the desks connected to this process, and gives them to each."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from triage.desk.office import Office
from triage.store import news
from triage.store.database import StoreError
from triage.store.news import News

PACE = 0.3  # seconds between two readings
# Transactions may end in another order than that of their numbers: each news is looked for that long.
_OVERLAP = 10.0
# At the start, what was kept just before: nobody has missed it, but something older may still appear.
_BEFORE = 500
_MOST_WAITING = 200
_LOG = logging.getLogger(__name__)
Inbox = asyncio.Queue[News]


class Hub:
    """One reader of the news, which works while somebody listens. It belongs to one event loop."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._inboxes: set[Inbox] = set()
        self._reader: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Inbox]:
        """Where the news arrive, from now on. One who does not read them loses the oldest."""
        inbox: Inbox = asyncio.Queue(_MOST_WAITING)
        self._inboxes.add(inbox)
        if self._reader is None or self._reader.done():
            self._ready.clear()
            self._reader = asyncio.create_task(self._read())
        try:
            await self._ready.wait()
            yield inbox
        finally:
            self._inboxes.discard(inbox)
            if not self._inboxes and self._reader:
                self._reader.cancel()
                self._reader = None

    async def _read(self) -> None:
        window = Window()
        while True:
            try:
                for one in window.new(await asyncio.to_thread(self._since, window.floor)):
                    self._give(one)
                self._ready.set()
            except StoreError as error:
                _LOG.warning("the desks hear nothing for now: %s", error)
                await asyncio.sleep(1)
            await asyncio.sleep(PACE)

    def _since(self, floor: int | None) -> Sequence[News]:
        with self._office.database.read() as connection:
            return news.since(connection, max(news.last(connection) - _BEFORE, 0) if floor is None else floor)

    def _give(self, one: News) -> None:
        for inbox in self._inboxes:
            if inbox.full():
                inbox.get_nowait()
            inbox.put_nowait(one)


class Window:
    """What was read lately, so that each news is told once, even one that appears after others of a higher number."""

    def __init__(self) -> None:
        self.floor: int | None = None
        self._seen: set[int] = set()
        self._highest: deque[tuple[float, int]] = deque()

    def new(self, read: Sequence[News]) -> list[News]:
        """Those of `read` that were not read before; none of the first reading, that came before anybody listened."""
        now, first = asyncio.get_running_loop().time(), self.floor is None
        fresh = [one for one in read if one.seq not in self._seen]
        self._seen.update(one.seq for one in fresh)
        top = max(self._seen, default=0)
        if first:
            self.floor = min((one.seq for one in read), default=1) - 1
        self._highest.append((now, top))
        while self._highest and self._highest[0][0] < now - _OVERLAP:
            self.floor = max(self.floor or 0, self._highest.popleft()[1])
        self._seen = {seq for seq in self._seen if seq > (self.floor or 0)} or {top}
        return [] if first else fresh
