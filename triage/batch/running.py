"""A whole batch: what is left of it, given to a crew, kept part by part, joined at the end."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from triage.batch.crew import Crew
from triage.batch.parts import Parts, opened
from triage.batch.reading import Source
from triage.batch.rows import CHUNK, BatchError, Chunk, chunks
from triage.batch.sorting import Job


@dataclass(frozen=True)
class Outcome:
    """How many reports were sorted, and how many rows were set aside, over all the starts of a batch."""

    sorted: int
    rejected: int


class _Left:
    """The chunks that have no part yet; `count` is that of all chunks, once they are all read."""

    def __init__(self, source: Source, parts: Parts) -> None:
        self._source = source
        self._parts = parts
        self.count = 0

    def __iter__(self) -> Iterator[Chunk]:
        for chunk in chunks(self._source.rows()):
            self.count = chunk.index + 1
            if chunk.index not in self._parts:
                yield chunk


def run(source: Source, output: Path, crew: Crew, full: bool, show: Callable[[int], None]) -> Outcome:
    """Sorts `source` into `output` with `crew`; `show` is told how many rows are done, those of earlier starts first.

    It can be stopped at any moment: called again, it goes on with the chunks that are not done. Raises BatchError when
    the input, the rules or the model are no longer those of the beginning.
    """
    with opened(output, source, crew.identity, full) as parts:
        show(len(parts) * CHUNK)
        left = _Left(source, parts)
        with closing(_sorted(crew, left, parts, full)) as done:
            for _ in done:
                show(len(parts) * CHUNK)
        source.check_unchanged()
        return Outcome(*parts.finish(left.count))


def _sorted(crew: Crew, left: _Left, parts: Parts, full: bool) -> Generator[None, None, None]:
    """Keeps each chunk as it comes."""
    for done in crew.sort(left, Job(parts.manifest.now, full)):
        if done.identity != crew.identity:
            raise BatchError(
                "Les règles ou le modèle ont changé pendant le tri, ou ne sont pas les mêmes partout. Ce qui est "
                "fait est gardé : remettez ceux du début partout, puis relancez la commande."
            )
        parts.write(done)
        yield
