"""Few answers are made at once, and those that take long hold up nobody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine

import pytest
from anyio import to_thread

from triage.web import threads
from triage.web.threads import MOST, THREADS, few_at_once


def tokens() -> float:
    return to_thread.current_default_thread_limiter().total_tokens


async def until(there: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not there():
            await asyncio.sleep(0.01)


def held(slow: int, then: Callable[[], Coroutine[object, object, None]]) -> None:
    """Does `then` while that many threads work and do not end."""
    over = threading.Event()

    async def run() -> None:
        async with few_at_once():
            await until(lambda: tokens() == THREADS)
            working = [asyncio.create_task(to_thread.run_sync(over.wait, 30)) for _ in range(slow)]
            try:
                await then()
            finally:
                over.set()
                await asyncio.gather(*working)
            await until(lambda: tokens() == THREADS)

    asyncio.run(run())


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "SLOW", 0.05)


def test_a_page_does_not_wait_for_those_that_take_long(soon: None) -> None:
    async def page() -> None:
        async with asyncio.timeout(10):
            assert await to_thread.run_sync(lambda: "Bonjour") == "Bonjour"

    held(THREADS, page)


def test_there_is_a_bound_all_the_same(soon: None) -> None:
    async def many() -> None:
        await until(lambda: tokens() == MOST)
        assert to_thread.current_default_thread_limiter().statistics().borrowed_tokens <= MOST

    held(MOST + 5, many)


def test_short_ones_wait_for_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many come: a thread more would only take the processor from the others."""
    monkeypatch.setattr(threads, "SLOW", 30)  # none of them is, however slow the machine
    most, now, lock = [0], [0], threading.Lock()

    def work() -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        threading.Event().wait(0.001)
        with lock:
            now[0] -= 1

    async def run() -> None:
        async with few_at_once():
            await until(lambda: tokens() == THREADS)
            await asyncio.gather(*(to_thread.run_sync(work) for _ in range(200)))

    asyncio.run(run())
    assert most == [THREADS]
