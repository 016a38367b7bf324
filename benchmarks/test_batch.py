"""Big batches: what a second process adds, what the batch costs beside a loop, and the memory that all takes together.

make bench; on a machine where nothing else runs:
BATCH_REPORTS=100000 .venv/bin/python -m pytest benchmarks/test_batch.py -s

Rates are compared in reports per second of clock, on the same reports, in turns; another program that runs meanwhile
spoils them. The cost of a report is compared in seconds of processor, which is less easily disturbed.
"""

from __future__ import annotations

import itertools
import json
import logging
import os
import random
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median

import psutil
import pytest
from distributed import LocalCluster

from triage.batch.cluster import ClusterCrew
from triage.batch.crew import Crew
from triage.batch.local import LocalCrew
from triage.batch.reading import open_source
from triage.batch.rows import CHUNK, Chunk, Row
from triage.batch.running import run
from triage.batch.sorting import Job
from triage.bootstrap import build_engine
from triage.engine import Engine
from triage.intake.report import Report
from triage.settings import Settings

NOW = datetime(2026, 3, 18, 22, 30)
WORDS = 120
REPORTS = int(os.environ.get("BATCH_REPORTS", "4000"))  # of the file whose memory is measured
RATED = int(os.environ.get("BATCH_RATED", "3000"))  # reports by which rates are compared, in each turn
TURNS = 3
LEAST_TWO = 1.8
LEAST_TWO_DASK = 1.6
MOST_DEARER = 1.15
MOST_BYTES = 1_000_000_000
CORPUS = Settings().models / "corpus"
BUILD = partial(build_engine, Settings())
WARM_UP = 5  # chunks


def texts() -> Iterator[str]:
    """Different texts of 120 words without end, made of the corpus's sentences in any order."""
    sentences = [
        sentence.split()
        for path in sorted(CORPUS.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        for sentence in re.split(r"(?<=[.!?])\s+", json.loads(line)["text"])
    ]
    chance = random.Random(7)
    while True:
        words: list[str] = []
        while len(words) < WORDS:
            words += chance.choice(sentences)
        yield " ".join(words[:WORDS])


def chunks(count: int) -> list[Chunk]:
    told = texts()
    return [
        Chunk(i, tuple(Row(j, Report(next(told), received_at=NOW)) for j in range(CHUNK)))
        for i in range(max(2, count // CHUNK))
    ]


def spent(process: psutil.Process) -> float:
    """Seconds of processor of `process` and of those it started."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def took(crew: Crew, work: list[Chunk]) -> float:
    """Seconds that `crew` takes for `work`."""
    start = time.perf_counter()
    assert sum(1 for _ in crew.sort(work, Job(NOW))) == len(work)
    return time.perf_counter() - start


def gain(one: Crew, two: Crew) -> float:
    """How many times faster `two` is than `one`, at the median of turns taken one after the other."""
    work = chunks(RATED)
    for crew in (one, two):
        took(crew, (work * WARM_UP)[: 2 * WARM_UP])
    return median(took(one, work) / took(two, work) for _ in range(TURNS))


def test_two_processes_against_one() -> None:
    """Two processes sort at least 1.8 times what one sorts."""
    with closing(LocalCrew(BUILD, 1)) as one, closing(LocalCrew(BUILD, 2)) as two:
        found = gain(one, two)
    print(f"\ndeux processus : {found:.2f} fois un seul")
    assert found >= LEAST_TWO


@contextmanager
def dask(workers: int) -> Iterator[ClusterCrew]:
    with (
        LocalCluster(
            processes=True,
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=":0",
            memory_limit=0,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        closing(ClusterCrew(cluster.scheduler_address, patience=120)) as crew,
    ):
        yield crew


def test_two_dask_workers_against_one() -> None:
    """Two Dask workers of one machine sort at least 1.6 times what one sorts."""
    with dask(1) as one, dask(2) as two:
        found = gain(one, two)
    print(f"\ndeux processus Dask : {found:.2f} fois un seul")
    assert found >= LEAST_TWO_DASK


def test_a_batch_against_a_loop(tmp_path: Path) -> None:
    """From the file to the output, a report costs at most 15 % more processor than `engine.assess` in a loop.

    Both begin with an engine that has read other reports: its automaton's states are made as texts ask for them.
    """
    work = chunks(RATED)
    read = [row.report for chunk in work for row in chunk.rows if isinstance(row, Row)]
    source = tmp_path / "a.jsonl"
    write(source, (report.text for report in read))
    opened = open_source(source)
    engine = BUILD()
    loop(engine, read)
    ratios = []
    with closing(LocalCrew(BUILD, 1)) as crew:
        took(crew, work)
        me = psutil.Process()
        for turn in range(TURNS):
            start = time.process_time()
            loop(engine, read)
            alone, start = time.process_time() - start, spent(me)
            run(opened, tmp_path / f"{turn}.parquet", crew, False, lambda _: None)
            ratios.append((spent(me) - start) / alone)
    print(f"\nun lot coûte {median(ratios):.3f} fois une boucle ({len(read) / alone:.0f} récits/s de processeur)")
    assert median(ratios) <= MOST_DEARER


def loop(engine: Engine, read: list[Report]) -> None:
    for report in read:
        engine.assess(report, NOW)


def write(path: Path, told: Iterator[str] | itertools.islice[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(told):
            record = {"id": str(number), "text": text, "received_at": NOW.isoformat()}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


class Memory:
    """The most that a command and all its processes took at one time, each shared page counted once (PSS)."""

    def __init__(self, process: psutil.Popen) -> None:
        self.most = 0
        self._process = process
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look)
        self._watch.start()

    def _look(self) -> None:
        while not self._over.wait(0.5):
            total = 0
            for one in (self._process, *self._process.children(recursive=True)):
                try:
                    total += one.memory_full_info().pss
                except psutil.Error:
                    continue
            self.most = max(self.most, total)

    def close(self) -> None:
        self._over.set()
        self._watch.join()


COMMAND = "from typer import run; from triage.cli.batch import batch; run(batch)"


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="la mémoire partagée n'est mesurée que sous Linux")
def test_memory(tmp_path: Path) -> None:
    """The command, with two processes, takes less than 1 GB in all, however long the file."""
    source, output = tmp_path / "a.jsonl", tmp_path / "b.parquet"
    write(source, itertools.islice(texts(), REPORTS))
    start = time.perf_counter()
    process = psutil.Popen([sys.executable, "-c", COMMAND, str(source), str(output), "--workers", "2"])
    with closing(Memory(process)) as memory:
        assert process.wait() == 0
    seconds = time.perf_counter() - start
    print(f"\n{REPORTS} récits : {memory.most / 1e6:.0f} Mo au plus, {seconds:.0f} s, {REPORTS / seconds:.0f} récits/s")
    assert memory.most < MOST_BYTES
