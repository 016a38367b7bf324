"""Work that nobody waits for, done once for all that asked for it meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_PAUSE = 0.5  # seconds


def soon(work: Callable[[], None]) -> Callable[[], None]:
    """What asks for `work`: it is done in a thread of its own, after the last time that it is asked for, twice a second
    at the most. `work` must not fail."""
    wanted, starting = threading.Event(), threading.Lock()
    threads: list[threading.Thread] = []

    def go_on() -> None:
        while True:
            wanted.wait()
            wanted.clear()
            work()
            time.sleep(_PAUSE)

    def ask() -> None:
        wanted.set()
        with starting:
            if not threads:
                threads.append(threading.Thread(target=go_on, daemon=True))
                threads[0].start()

    return ask
