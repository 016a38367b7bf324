"""Processes of this machine. One builds the engine; where the system can fork, the others share its memory."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, Pipe, wait
from multiprocessing.process import BaseProcess
from pickle import UnpicklingError
from typing import Literal, cast

from triage.batch.rows import BatchError, Chunk
from triage.batch.sorting import Identity, Job, Sorted, identity_of, sort_chunk
from triage.engine import Engine
from triage.errors import DataError, Problem

_Method = Literal["fork", "spawn"]
_METHOD: _Method = "fork" if sys.platform == "linux" else "spawn"
_MOST_STARTS = 3
_LOST = (EOFError, OSError, UnpicklingError)  # what a process that was killed leaves in its pipe


@dataclass(frozen=True)
class _Ready:
    """What a process says first: what it sorts with, or why it cannot."""

    identity: Identity | None
    warning: str | None = None
    problems: tuple[Problem, ...] = ()


class LocalCrew:
    """`workers` processes, each with one chunk at a time. A chunk whose process is killed goes to another one.

    `build` makes the engine, in the first process (in each of them where nothing forks: it must then be picklable).
    Start it before anything that starts threads. Raises DataError when the rules cannot be used.
    """

    def __init__(self, build: Callable[[], Engine], workers: int, method: _Method = _METHOD) -> None:
        self._context = get_context("fork") if method == "fork" else get_context("spawn")
        self._forks = method == "fork"
        self._build = build
        self._workers = workers
        self._starts = 0
        self._firsts: list[BaseProcess] = []
        self._idle: list[Connection] = []
        self._busy: dict[Connection, Chunk] = {}
        try:
            self.identity, self.warning = self._start()
        except BaseException:  # Ctrl-C too: processes that wait for work would keep this one from ending
            self.close()
            raise

    def sort(self, chunks: Iterable[Chunk], job: Job) -> Iterator[Sorted]:
        """See `Crew`. At most one chunk per process is under way."""
        supply, again = iter(chunks), list[Chunk]()
        self._give(supply, again, job)
        while self._busy:
            for connection in cast(list[Connection], wait(list(self._busy))):
                chunk = self._busy.pop(connection)
                try:
                    done: Sorted | None = connection.recv()
                except _LOST:
                    done = None
                    again.append(chunk)
                    connection.close()
                else:
                    self._idle.append(connection)
                self._give(supply, again, job)
                if done is not None:
                    yield done

    def close(self) -> None:
        """See `Crew`."""
        for connection in (*self._idle, *self._busy):
            connection.close()
        self._idle.clear()
        self._busy.clear()
        for process in self._firsts:
            process.terminate()  # the others end with the first
            process.join()
        self._firsts.clear()

    def _give(self, supply: Iterator[Chunk], again: list[Chunk], job: Job) -> None:
        """A chunk to every process that has none, those of killed processes first."""
        if again and not self._idle and not self._busy:
            self._start_again()
        while self._idle and (chunk := again.pop() if again else next(supply, None)):
            connection = self._idle.pop()
            try:
                connection.send((chunk, job))
            except OSError:
                again.append(chunk)
                connection.close()
                if not self._idle and not self._busy:
                    self._start_again()
            else:
                self._busy[connection] = chunk

    def _start_again(self) -> None:
        if self._starts == _MOST_STARTS:
            raise BatchError(
                "Les processus de tri ont été arrêtés par le système, sans doute faute de mémoire. Ce qui est fait est "
                "gardé : relancez la même commande, avec moins de --workers."
            )
        self.close()
        if self._start()[0] != self.identity:
            raise BatchError("Les règles ou le modèle ont changé pendant le tri : relancez la commande.")

    def _start(self) -> tuple[Identity, str | None]:
        self._starts += 1
        pairs = [Pipe() for _ in range(self._workers)]
        self._idle = [ours for ours, _ in pairs]
        theirs = [end for _, end in pairs]
        gc.freeze()  # what is shared stays shared: the collector writes to all that it looks at
        groups = [theirs] if self._forks else [[end] for end in theirs]
        ours = self._idle if self._forks else []
        for group in groups:
            first = self._context.Process(target=_first, args=(self._build, group, ours))
            first.start()
            self._firsts.append(first)
        for end in theirs:
            end.close()
        ready = [self._heard(connection) for connection in self._idle]
        if len({one.identity for one in ready}) > 1:
            self.close()
            raise BatchError("Les règles ou le modèle ont changé pendant le démarrage : relancez la commande.")
        found = ready[0]
        if found.identity is None:
            self.close()
            raise DataError(list(found.problems))
        return found.identity, found.warning

    def _heard(self, connection: Connection) -> _Ready:
        try:
            return cast(_Ready, connection.recv())
        except _LOST as error:
            self.close()
            raise BatchError("Un processus de tri s'est arrêté en démarrant, sans doute faute de mémoire.") from error


def _first(build: Callable[[], Engine], ends: Sequence[Connection], not_ours: Sequence[Connection]) -> None:
    """Builds the engine, forks a process for each of `ends` but the first, and works as they do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that writes; it ends this one
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for connection in not_ours:
        connection.close()
    mine, *others = ends
    try:
        engine = build()
    except DataError as error:
        for end in ends:
            end.send(_Ready(None, problems=tuple(error.problems)))
        return
    _give_back_memory()
    ready = _Ready(identity_of(engine), engine.warning)
    for i, end in enumerate(others):
        get_context("fork").Process(target=_work, args=(engine, ready, end, (mine, *others[i + 1 :]))).start()
        end.close()
    _work(engine, ready, mine, ())


def _work(engine: Engine, ready: _Ready, end: Connection, not_ours: Sequence[Connection]) -> None:
    """Sorts what comes through `end`, until it closes."""
    for connection in not_ours:
        connection.close()
    _end_with_parent()
    assert ready.identity is not None
    with suppress(*_LOST):
        end.send(ready)
        while True:
            chunk, job = end.recv()
            end.send(sort_chunk(engine, ready.identity, chunk, job))
            _give_back_memory()


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _give_back_memory() -> None:
    """What was used and freed goes back to the system (70 MB with glibc once the engine is built)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
