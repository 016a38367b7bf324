"""The queue wakes the worker, and nothing that is written in it ever runs."""

from __future__ import annotations

import pickle
from contextlib import closing
from pathlib import Path

import pytest
from huey import Huey

from triage.jobs.queue import FILES, make_queue, register
from triage.settings import Settings


class Trap:
    """What, once unpickled, leaves a trace in the current folder."""

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, ("trace", "w")


def queue_of(where: Settings, done: list[str]) -> Huey:
    queue = make_queue(where)
    register(queue, lambda: done.append(FILES), lambda: None)
    return queue


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A service, with its queue beside its store."""
    database = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    return Settings(data=tmp_path, database=database)


def test_a_job_goes_through_the_queue_and_is_done(where: Settings) -> None:
    done: list[str] = []
    queue = queue_of(where, done)
    with closing(queue.storage):
        register_again = make_queue(where)
        with closing(register_again.storage):
            for job in register(register_again, lambda: None, lambda: None)[:1]:
                job()
        task = queue.dequeue()
        assert task is not None
        queue.execute(task)
    assert done == [FILES]


def test_a_pickle_in_the_queue_is_refused(where: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    queue = queue_of(where, [])
    with closing(queue.storage):
        queue.storage.enqueue(pickle.dumps(Trap()))
        with pytest.raises(ValueError):
            queue.dequeue()
        assert queue.dequeue() is None  # what cannot be read is gone, and keeps nothing waiting
    assert not Path("trace").exists()
