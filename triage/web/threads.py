"""How many answers a process makes at once: few, and what takes long is not counted among them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from anyio import to_thread

# Python runs one thread at a time: more of them only take the processor from one another, and everybody waits.
THREADS = 3
# Those that work for longer than this hold up nobody: as many more are let in, within bounds.
SLOW, MOST = 0.25, 16  # seconds, threads


@asynccontextmanager
async def few_at_once() -> AsyncIterator[None]:
    """Bounds the threads of the running loop that answer, until the context is left."""
    looking = asyncio.create_task(_look())
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


async def _look() -> None:
    limiter = to_thread.current_default_thread_limiter()
    before: set[object] = set()
    while True:
        held = {*limiter.statistics().borrowers}
        limiter.total_tokens = min(MOST, THREADS + len(held & before))
        before = held
        await asyncio.sleep(SLOW)
