"""What a process asks of the system's memory, and of Python's collector."""

from __future__ import annotations

import ctypes
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# A collection of the whole heap that stops the service for longer, in seconds, has looked at too much that stays.
_LONG = 0.02
# How often what stays is left alone for good. Each time, what a few requests in flight hold in circles may be left too.
_MOST = 64


def give_back() -> None:
    """Gives back to the system what was only needed for a while, where its C library can (glibc)."""
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


class Sparing:
    """Told of each collection (`gc.callbacks`): what a long one has looked at, and kept, is not looked at again.

    The automaton grows with the words that are read, to hundreds of thousands of objects that all stay; walking through
    them takes a fifth of a second, during which nobody is answered.
    """

    def __init__(self, long: float = _LONG, most: int = _MOST) -> None:
        self._long, self._left, self._began = long, most, 0.0

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        """`phase` and `info` as the collector tells them."""
        if phase == "start":
            self._began = time.perf_counter()
        elif info["generation"] == 2 and self._left and time.perf_counter() - self._began > self._long:
            self._left -= 1
            gc.freeze()


@contextmanager
def spared() -> Iterator[None]:
    """While it lasts, the collector spares this process long stops."""
    sparing = Sparing()
    gc.callbacks.append(sparing)
    try:
        yield
    finally:
        gc.callbacks.remove(sparing)
