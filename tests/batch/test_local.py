"""Processes of this machine: the same answers as a loop, and none lost when one of them is killed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.batch.conftest import Alone, expected, jsonl, reports, told
from tests.conftest import NOW
from triage.batch.local import LocalCrew
from triage.batch.reading import open_source
from triage.batch.rows import CHUNK, BatchError, Chunk, Row
from triage.batch.running import Outcome, run
from triage.batch.sorting import Job, identity_of
from triage.bootstrap import build_engine
from triage.engine import Engine
from triage.errors import DataError
from triage.intake.report import Report
from triage.settings import Settings

SMALL = tuple(Row(i, Report("Il m'a écrit « je vais te tuer ».")) for i in range(5))


def small(count: int) -> Iterator[Chunk]:
    return (Chunk(i, SMALL) for i in range(count))


def processes(crew: LocalCrew) -> list[psutil.Process]:
    """Those of a crew, the one that built the engine first."""
    firsts = [psutil.Process(process.pid) for process in crew._firsts]
    return [*firsts, *(child for first in firsts for child in first.children())]


@pytest.fixture
def no_process_is_left() -> Iterator[None]:
    before = set(psutil.Process().children(recursive=True))
    yield
    left = set(psutil.Process().children(recursive=True)) - before
    assert [one for one in left if "resource_tracker" not in " ".join(one.cmdline())] == []


def test_two_processes_say_what_a_loop_says(crew: LocalCrew, engine: Engine, tmp_path: Path) -> None:
    source, output = jsonl(tmp_path / "a.jsonl", reports(3 * CHUNK)), tmp_path / "b.parquet"
    assert run(open_source(source), output, crew, False, lambda _: None) == Outcome(3 * CHUNK, 0)
    assert told(output) == expected(engine, reports(3 * CHUNK))
    assert crew.identity == identity_of(engine)


def test_few_chunks_are_asked_for_ahead(crew: LocalCrew) -> None:
    asked: list[int] = []

    def supply() -> Iterator[Chunk]:
        for chunk in small(20):
            asked.append(chunk.index)
            yield chunk

    for done, _ in enumerate(crew.sort(supply(), Job(NOW)), 1):
        assert len(asked) - done <= 2


@pytest.mark.usefixtures("no_process_is_left")
@pytest.mark.parametrize("victim", [0, 1], ids=["celui qui a construit le moteur", "son frère"])
def test_the_chunk_of_a_killed_process_is_done_elsewhere(engine: Engine, victim: int) -> None:
    made = LocalCrew(lambda: engine, 2)
    victims, done = processes(made), []
    for one in made.sort(small(12), Job(NOW)):
        if not done:
            victims[victim].kill()
        done.append(one.index)
    made.close()
    assert sorted(done) == list(range(12))


@pytest.mark.usefixtures("no_process_is_left")
def test_processes_that_are_always_killed_are_told(engine: Engine) -> None:
    made = LocalCrew(lambda: engine, 1)

    def killing() -> Iterator[Chunk]:
        for chunk in small(9):
            processes(made)[0].kill()
            yield chunk

    with pytest.raises(BatchError, match=r"arrêtés par le système.*moins de --workers"):
        list(made.sort(killing(), Job(NOW)))
    made.close()


@pytest.mark.usefixtures("no_process_is_left")
def test_rules_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        LocalCrew(partial(build_engine, Settings(rules=tmp_path)), 2)


@pytest.mark.whole
def test_where_nothing_forks_each_process_builds_its_own(settings: Settings, engine: Engine) -> None:
    made = LocalCrew(partial(build_engine, settings), 1, "spawn")
    job = Job(NOW)
    assert list(made.sort(small(2), job)) == [Alone(engine).one(chunk, job) for chunk in small(2)]
    made.close()
