"""A real Dask cluster of two processes: the same answers, one of them killed midway, and clear words when it fails."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import distributed.utils
import pytest
from distributed import LocalCluster

from tests.batch.conftest import Batch, expected, jsonl, reports, told
from triage.batch.cluster import ClusterCrew
from triage.batch.reading import open_source
from triage.batch.rows import CHUNK, BatchError
from triage.batch.running import Outcome, run
from triage.batch.sorting import identity_of
from triage.engine import Engine


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        processes=True, n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=logging.CRITICAL
    ) as made:
        yield made


@pytest.mark.whole
def test_a_worker_killed_midway_loses_nothing(cluster: LocalCluster, engine: Engine, tmp_path: Path) -> None:
    rows = reports(5 * CHUNK)
    source, output = jsonl(tmp_path / "a.jsonl", rows), tmp_path / "b.parquet"
    crew = ClusterCrew(cluster.scheduler_address, patience=60)
    assert crew.identity == identity_of(engine)
    victim = next(iter(crew._client.run(os.getpid).values()))
    shown: list[int] = []

    def show(done: int) -> None:
        shown.append(done)
        if done == CHUNK:
            os.kill(victim, signal.SIGKILL)

    assert run(open_source(source), output, crew, False, show) == Outcome(5 * CHUNK, 0)
    crew.close()
    assert shown == [done * CHUNK for done in range(6)]
    assert told(output) == expected(engine, rows)


@pytest.mark.whole
def test_an_address_where_nothing_answers(batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage.batch.cluster._PATIENCE", 1)
    source = jsonl(tmp_path / "a.jsonl", reports(1))
    for address in ("tcp://127.0.0.1:9", "n'importe quoi", "127.0.0.1"):
        done = batch(source, tmp_path / "b.parquet", "--cluster", address)
        assert done.returncode == 1
        assert f"La grappe {address} ne répond pas" in done.stderr and "Traceback" not in done.stderr


def test_a_client_that_failed_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python may collect what is left of it in the thread that the next one starts."""
    begun = distributed.utils.asyncio_run

    def collecting(main: Any, **others: Any) -> object:
        gc.collect()
        return begun(main, **others)

    monkeypatch.setattr("distributed.utils.asyncio_run", collecting)
    gc.collect()
    gc.disable()
    try:
        for _ in range(2):
            with pytest.raises(BatchError, match="ne répond pas") as refused:
                ClusterCrew("n'importe quoi", patience=1)
            refused.value.itself = refused.value  # type: ignore[attr-defined]  # only the collector frees it
            del refused
    finally:
        gc.enable()


def test_a_cluster_without_workers() -> None:
    with (
        LocalCluster(processes=True, n_workers=0, dashboard_address=":0", silence_logs=logging.CRITICAL) as empty,
        pytest.raises(BatchError, match="n'a aucun processus de calcul"),
    ):
        ClusterCrew(empty.scheduler_address, patience=1)


def test_the_extra_that_is_missing(batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = batch(jsonl(tmp_path / "a.jsonl", reports(1)), tmp_path / "b.parquet", "--cluster", "tcp://127.0.0.1:8786")
    assert done.returncode == 1
    assert "triage[cluster]" in done.stderr
