"""Who sorts: processes of this machine or a Dask cluster, behind one interface."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from triage.batch.rows import Chunk
from triage.batch.sorting import Identity, Job, Sorted


class Crew(Protocol):
    """Sorts chunks. Raises BatchError when nobody is left to do it."""

    identity: Identity
    warning: str | None

    def sort(self, chunks: Iterable[Chunk], job: Job) -> Iterator[Sorted]:
        """Each of `chunks` once, sorted, in the order in which they are ready; few are asked for ahead."""

    def close(self) -> None:
        """Sends everybody home, work under way included."""
