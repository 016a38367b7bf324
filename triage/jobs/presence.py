"""Whether a worker is there: it says so in the queue of jobs at each of its turns, wherever it runs."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from huey import Huey

from triage.jobs.queue import make_queue
from triage.settings import Settings

_KEY = "worker"


@dataclass(frozen=True)
class Presence:
    """The last turn of any worker, if there was one, and how many jobs wait in the queue."""

    turn: datetime | None
    jobs: int


def beat(queue: Huey) -> None:
    """A worker has come to this turn."""
    queue.storage.put_data(_KEY, datetime.now(UTC).isoformat().encode())


def presence(settings: Settings) -> Presence:
    """What the queue of jobs knows. Raises what its driver raises when it does not answer."""
    queue = make_queue(settings)
    with closing(queue.storage):
        told = queue.storage.peek_data(_KEY)
        turn = datetime.fromisoformat(bytes(told).decode()) if isinstance(told, bytes | memoryview) else None
        return Presence(turn, queue.storage.queue_size())
