"""Many inputs to one reader, each timed: what is answered, what is not an answer, and the memory that it takes.

`make fuzz` tries 100,000 of them; the ordinary tests some hundreds. The seed is told, and replays a run: `FUZZ_SEED`.
"""

from __future__ import annotations

import gc
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TypeVar

import psutil
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

# « full », or the percentage of it that there is time for.
_ASKED = os.environ.get("FUZZ", "")
PART = 1.0 if _ASKED == "full" else float(_ASKED or 0) / 100
# The ordinary tests try the same inputs each time: a fault is looked for by `make fuzz`, not met by whoever runs them.
SEED = int(os.environ.get("FUZZ_SEED") or (random.SystemRandom().randrange(2**32) if "FUZZ" in os.environ else 7))
KEPT = Path(tempfile.gettempdir()) / "triage-fuzz"
SLOW = 5.0  # seconds of processor (of the clock where another process reads): a loaded machine proves nothing
HANG = 30.0  # seconds of the clock after which nothing is waited for any more
GROWTH = 50 * 2**20  # bytes for each 10,000 inputs, once warm
_STEADY = 30 * 2**20  # bytes below which the second half of a run may grow as much as the first
_CHUNK = 200  # hypothesis remembers all the examples of a run
T = TypeVar("T")


class HangError(BaseException):
    """An input that is never done with; no reader may take it for an ordinary error."""


def chance(name: str, index: int) -> random.Random:
    """The same numbers each time for one input of one target."""
    return random.Random(f"{SEED} {name} {index}")


def drawn(strategy: SearchStrategy[T], size: int, name: str) -> Iterator[T]:
    """`size` examples of `strategy`."""
    chunk = 0
    while size > 0:
        chunk += 1
        some = _examples(strategy, min(size, _CHUNK), chance(name, chunk).randrange(2**32))[:size]
        yield from some
        size -= len(some)


def _examples(strategy: SearchStrategy[T], most: int, number: int) -> list[T]:
    found: list[T] = []

    @seed(number)
    @settings(
        max_examples=most,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(one: T) -> None:
        found.append(one)

    collect()
    return found


class Target:
    """One reader under test: `short` inputs in the ordinary tests, `full` by `make fuzz`."""

    def __init__(self, name: str, short: int, full: int, clock: Callable[[], float] = time.process_time) -> None:
        self.name, self.size, self._clock = name, max(short, round(full * PART)), clock
        self.answers: Counter[str] = Counter()
        self.faults: dict[str, tuple[int, str]] = {}
        self.done, self.seconds, self.slowest = 0, 0.0, (0.0, "")
        self.memory = 0
        self._held: list[int] = []  # after a fifth of the inputs, after three fifths, at the end

    def made(self, make: Callable[[random.Random], T]) -> Iterator[T]:
        """The inputs that `make` gives."""
        return (make(chance(self.name, index)) for index in range(self.size))

    def drawn(self, strategy: SearchStrategy[T]) -> Iterator[T]:
        """The inputs that a strategy gives."""
        return drawn(strategy, self.size, self.name)

    def tries(self, inputs: Iterable[T], read: Callable[[T], str], memory: Callable[[], int] = lambda: 0) -> None:
        """Reads each of the `inputs`; `read` tells which answer it got, and fails for what is none.

        `memory` is what another process holds, where it is that one which reads.
        """
        for one in inputs:
            began, clock = time.monotonic(), self._clock()
            try:
                with watched():
                    answer = read(one)
            except (Exception, HangError) as error:
                self.failed(where(error), one)
                answer = "FAULT"
            self.note(answer, one, self._clock() - clock, time.monotonic() - began, memory())

    def note(self, answer: str, one: object, took: float, waited: float, memory: int = 0) -> None:
        """One input more, its answer, the time that it took on the clock of the target and on the wall.

        `memory` is what is held by the process that read it, where it is another one.
        """
        self.answers[answer] += 1
        self.seconds += waited
        self.done += 1
        if took > self.slowest[0]:
            self.slowest = (took, f"{one!r}"[:60])
        if took > SLOW:
            self.failed(f"{took:.1f} s", one)
        self.memory = memory
        if self.done in (self.size // 5, self.size * 3 // 5, self.size):
            gc.collect()
            self._held.append(memory or psutil.Process().memory_info().rss)

    def failed(self, what: str, one: object) -> None:
        """Something that is not an answer; the first input that gives it is kept in a file."""
        count, kept = self.faults.get(what, (0, ""))
        self.faults[what] = count + 1, kept or _kept(self.name, one)

    def check(self, through: str, share: float, *, steady: bool = True) -> None:
        """Tells the figures; then every input was answered in time, and a `share` of them got as far as `through`.

        `steady`: memory does not grow on and on. It may where each input is of another kind.
        """
        answers = ", ".join(f"{name} {count}" for name, count in self.answers.most_common(12))
        warm, half, end = self._held
        told = f"{self.name}: {self.done} inputs, {self.seconds:.0f} s, slowest {self.slowest[0]:.2f} s"
        memory = f"memory {warm >> 20} → {half >> 20} → {end >> 20} MiB"
        sys.stdout.write(f"\n{told}, {memory}, seed {SEED}\n  {answers}\n  slowest: {self.slowest[1]}\n")
        for what, (count, kept) in self.faults.items():
            sys.stdout.write(f"  FAULT × {count}: {what}\n    {kept}\n")
        assert not self.faults, f"{self.name}: {list(self.faults)}, seed {SEED}"
        assert self.done >= self.size
        got = sum(count for name, count in self.answers.items() if name.startswith(through))
        assert got >= share * self.done, f"{self.name}: {got} of {self.done} inputs reach « {through} »"
        assert not steady or end - warm <= GROWTH * max(1, self.size / 10_000), f"{self.name}: {memory}"
        assert not steady or end - half <= max(_STEADY, (half - warm) // 2), f"{self.name} grows all the time: {memory}"


def where(error: BaseException) -> str:
    """The class of an error and the lines that it went through: the same fault is told once."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [one for one in frames if "/triage/" in one.filename] or frames
    place = " < ".join(f"{Path(one.filename).name}:{one.lineno}" for one in reversed(ours[-3:]))
    text = str(error) if isinstance(error, AssertionError) else ""
    return f"{type(error).__name__} {text[:200]} {place}"


@contextmanager
def watched() -> Iterator[None]:
    """Breaks off what takes for ever, code in C between two of its steps excepted."""

    def broken(number: int, frame: FrameType | None) -> None:
        raise HangError

    before = signal.signal(signal.SIGALRM, broken)
    signal.setitimer(signal.ITIMER_REAL, HANG)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _kept(name: str, one: object) -> str:
    """Where an input is kept, to be looked at."""
    KEPT.mkdir(exist_ok=True)
    content = one if isinstance(one, bytes) else repr(one).encode("utf-8", "backslashreplace")
    path = KEPT / f"{name.replace(' ', '-')}-{time.monotonic_ns()}"
    path.write_bytes(content)
    return str(path)
