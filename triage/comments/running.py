"""Sorts a whole export in batches, on several processes, so that it can be stopped at any moment and taken up again."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import Any

from triage.comments.comment import Comment, Export
from triage.comments.policy import CommentsPolicy, current
from triage.comments.sorting import Batch, Seen, Sorted, sort_batch
from triage.comments.tally import Tally
from triage.engine import Engine

BATCH = 500


@dataclass(frozen=True)
class Progress:
    """How far the sorting has come: comments before `position` are done, the hostile ones are `kept`."""

    position: int = 0
    kept: tuple[Sorted, ...] = ()
    tally: Tally = field(default_factory=Tally)

    def as_json(self) -> dict[str, Any]:
        """For the store."""
        kept = [one.as_json() for one in self.kept]
        return {"position": self.position, "kept": kept, "tally": self.tally.as_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Progress:
        """What `as_json` gave."""
        kept = tuple(Sorted.from_json(one) for one in data["kept"])
        return cls(data["position"], kept, Tally.from_json(data["tally"]))

    def after(self, batch: Batch) -> Progress:
        """This, once the next `batch` is done."""
        return Progress(self.position + batch.tally.total, self.kept + batch.kept, self.tally + batch.tally)


@dataclass(frozen=True)
class _Work:
    """What every process needs, handed over by forking rather than copied."""

    engine: Engine
    comments: Sequence[Comment]
    now: datetime
    author_key: bytes
    policy: CommentsPolicy
    seen: Seen = field(default_factory=dict)

    def batch(self, start: int) -> Batch:
        """The batch that begins at `start`, sorted."""
        part = self.comments[start : start + BATCH]
        return sort_batch(self.engine, part, self.now, self.author_key, self.policy, self.seen)


def run(
    engine: Engine,
    export: Export,
    now: datetime,
    author_key: bytes,
    start: Progress,
    save: Callable[[Progress], None],
    workers: int = 2,
    policy: CommentsPolicy | None = None,
) -> Progress:
    """Sorts what `start` leaves of `export`; `save` is called after each batch, in order. Gives the last progress.

    What `save` raises stops everything: nothing is lost but the batches begun since the last one saved.

    With several `workers` the process is forked, which spares building the engine again and copying it. A fork copies
    the locks of other threads as they stand, never the threads that would open them: call this from a process of its
    own, or one whose other threads do nothing (a worker process of the job queue), or with one worker.
    """
    work = _Work(engine, export.comments, now, author_key, policy or current())
    starts = range(start.position, len(export.comments), BATCH)
    progress = start
    with closing(_batches(work, starts, min(workers, len(starts)))) as batches:
        for batch in batches:
            progress = progress.after(batch)
            save(progress)
    return progress


def _batches(work: _Work, starts: Sequence[int], workers: int) -> Generator[Batch, None, None]:
    """The batches in order, however many processes make them."""
    if workers < 2:
        yield from map(work.batch, starts)
        return
    pool = ProcessPoolExecutor(workers, get_context("fork"), initializer=_begin, initargs=(work,))
    try:
        yield from pool.map(_batch, starts)
    finally:
        pool.shutdown(cancel_futures=True)


_work: _Work | None = None  # in a forked process, what it inherited


def _batch(start: int) -> Batch:
    assert _work is not None
    return _work.batch(start)


def _begin(work: _Work) -> None:
    """Takes the work over in a forked process, which ends with its parent, be that one killed."""
    global _work
    _work = work
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
