"""One worker at a time does a job; what one that is killed held is free for the next."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from triage.jobs.alone import alone_with
from triage.jobs.queue import FILES, make_queue, register
from triage.settings import Settings

HOLDING = """
import sys
from pathlib import Path
from triage.jobs.alone import alone_with
from triage.settings import Settings
with alone_with(Settings(data=Path(sys.argv[1]), database=sys.argv[2]))("read_files") as mine:
    print(mine, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def settings(tmp_path: Path, store_address: str) -> Settings:
    return Settings(data=tmp_path, database=store_address)


def test_what_a_killed_worker_held_is_free_for_the_next(settings: Settings) -> None:
    alone = alone_with(settings)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(settings.data), settings.database],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout and other.stdout.readline() == "True\n"
        with alone(FILES) as mine, alone("alerts") as another:
            assert (mine, another) == (False, True)
        other.kill()
    with alone(FILES) as mine, alone(FILES) as again:
        assert (mine, again) == (True, False)


def test_a_job_that_goes_on_elsewhere_is_not_done_twice(settings: Settings) -> None:
    queue, done, alone = make_queue(settings), list[str](), alone_with(settings)
    read, *_ = register(queue, lambda: done.append(FILES), lambda: None, alone)
    with closing(queue.storage):
        with alone(FILES):
            read()
            queue.execute(queue.dequeue())
            assert done == []
        for _ in range(2):
            read()
            queue.execute(queue.dequeue())
        assert done == [FILES, FILES]


def test_a_store_that_is_down_keeps_a_job_waiting(tmp_path: Path) -> None:
    nowhere = Settings(data=tmp_path, database="postgresql+psycopg://127.0.0.1:9/rien")
    with alone_with(nowhere)(FILES) as mine:
        assert not mine
