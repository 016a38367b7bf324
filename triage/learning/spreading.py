"""Many small pieces of work over the processes of this machine, which share what is in memory."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, TypeVar

from triage.errors import TriageError

T = TypeVar("T")
Progress = Callable[[int], None]
# Fewer pieces than this in a process take less time than starting it.
_LEAST = 150
_CHUNK = 40
_work: Callable[[int], Any] | None = None


class LostError(TriageError):
    """The system ended a process, for want of memory most likely."""


def spread(do: Callable[[int], T], size: int, workers: int = 0, progress: Progress = lambda _: None) -> list[T]:
    """`do(0)`, `do(1)`… up to `size`, in that order; `workers` 0: as many as there are cores.

    Where the system cannot fork, and for few pieces, this process does all. Nothing that `do` holds is copied; what it
    gives must be picklable. `progress` hears how many are done. Raises LostError.
    """
    workers = min(workers or len(os.sched_getaffinity(0)), size // _LEAST) if sys.platform == "linux" else 1
    done: list[T] = []
    for part in _parts(do, size, workers) if workers > 1 else ([do(i)] for i in range(size)):
        done += part
        progress(len(done))
    return done


def _parts(do: Callable[[int], T], size: int, workers: int) -> Iterator[list[T]]:
    chunks = [range(start, min(start + _CHUNK, size)) for start in range(0, size, _CHUNK)]
    with ProcessPoolExecutor(workers, get_context("fork"), _begin, (do,)) as pool:
        try:
            yield from pool.map(_some, chunks)
        except BrokenProcessPool:
            raise LostError(
                "Un processus a été arrêté, sans doute faute de mémoire : prenez moins de textes."
            ) from None
        except BaseException:  # Ctrl-C: what waits is not begun
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _begin(do: Callable[[int], Any]) -> None:
    global _work
    _work = do


def _some(places: range) -> list[Any]:
    assert _work is not None
    return [_work(i) for i in places]
