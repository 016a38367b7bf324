"""A long sorting can be stopped, killed and taken up again, and gives the same however it was made."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from tests.comments.conftest import KEY
from tests.comments.exports import ORDINARY, export_of, joined, of, plain
from tests.conftest import NOW, ROOT
from triage.comments.comment import Export
from triage.comments.policy import CommentsPolicy
from triage.comments.running import BATCH, Progress, run
from triage.comments.verdict import verdict
from triage.engine import Engine


@pytest.fixture(scope="module")
def export() -> Export:
    return joined(export_of(plain(ORDINARY, 3 * BATCH), 300, 48), export_of(of("threats", 20), 9, 40))


@pytest.fixture(scope="module")
def whole(engine: Engine, export: Export) -> Progress:
    return run(engine, export, NOW, KEY, Progress(), lambda _: None, workers=1)


def test_saved_after_each_batch_in_order(engine: Engine, export: Export, whole: Progress) -> None:
    saved: list[Progress] = []
    done = run(engine, export, NOW, KEY, Progress(), saved.append, workers=2)
    assert [one.position for one in saved] == [BATCH, 2 * BATCH, 3 * BATCH, len(export.comments)]
    assert saved[-1] == done == whole
    assert [one.number for one in done.kept] == sorted(one.number for one in done.kept)


class Stopped(Exception):
    pass


@pytest.mark.whole
@pytest.mark.parametrize("workers", [1, 2])
def test_taken_up_after_a_restart(engine: Engine, export: Export, whole: Progress, workers: int) -> None:
    """Ce qui a été enregistré en JSON suffit à finir, à l'identique."""
    stored: list[str] = []

    def save(progress: Progress) -> None:
        if len(stored) == 2:
            raise Stopped
        stored.append(json.dumps(progress.as_json()))

    with pytest.raises(Stopped):
        run(engine, export, NOW, KEY, Progress(), save, workers)
    half = Progress.from_json(json.loads(stored[-1]))
    assert half.position == 2 * BATCH
    positions: list[int] = []
    done = run(engine, export, NOW, KEY, half, lambda one: positions.append(one.position), workers)
    assert positions == [3 * BATCH, len(export.comments)]
    assert done == whole


def test_nothing_is_left_running(engine: Engine, export: Export) -> None:
    before = set(psutil.Process().children(recursive=True))  # what other tests left, if any
    run(engine, export, NOW, KEY, Progress(), lambda _: None, workers=2)
    assert set(psutil.Process().children(recursive=True)) <= before


def test_what_is_done_is_not_done_again(engine: Engine, export: Export, whole: Progress) -> None:
    def never(_: Progress) -> None:
        raise AssertionError

    assert run(engine, export, NOW, KEY, whole, never) == whole


def test_harmless_comments_leave_nothing_but_a_count(whole: Progress, policy: CommentsPolicy) -> None:
    stored = json.dumps(whole.as_json(), ensure_ascii=False)
    assert "Très belle cérémonie" not in stored
    assert "porte-drapeaux" not in stored
    found = verdict(whole.kept, whole.tally, policy)
    assert found.harmless + len(whole.kept) == found.total
    harmless_authors = {one.author for one in whole.kept}
    assert len(harmless_authors) < found.authors


SCRIPT = """
import time
from tests.comments.exports import export_of
from tests.conftest import NOW
from triage.comments.running import Progress, run
from triage.errors import IntakeError

class Slow:
    def assess(self, *_):
        time.sleep(0.002)
        raise IntakeError

export = export_of([f"texte {i}" for i in range(40_000)], 300, 48)
run(Slow(), export, NOW, b"key", Progress(), lambda one: print(one.position, flush=True))
"""


@pytest.mark.whole
def test_workers_end_with_a_killed_parent() -> None:
    """Un arrêt brutal ne laisse pas de processus derrière lui."""
    parent = subprocess.Popen([sys.executable, "-c", SCRIPT], cwd=ROOT, stdout=subprocess.PIPE, env=os.environ)
    with parent:
        assert parent.stdout is not None
        assert parent.stdout.readline().strip() == str(BATCH).encode()
        workers = psutil.Process(parent.pid).children(recursive=True)
        assert len(workers) == 2
        parent.send_signal(signal.SIGKILL)
    until = time.monotonic() + 20
    while any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in workers):
        assert time.monotonic() < until, "des processus sont restés"
        time.sleep(0.1)
