"""An export of as many comments as are allowed: read, sorted on two processes, judged.

make bench
"""

from __future__ import annotations

import json
import os
import time
from datetime import datetime

import pytest

from tests.comments.exports import ORDINARY, as_csv, export_of, joined, mixed
from triage.bootstrap import build_engine
from triage.comments.comment import Export
from triage.comments.parsing import MAX_COMMENTS, parse
from triage.comments.running import Progress, run
from triage.comments.verdict import verdict
from triage.engine import Engine
from triage.intake.report import Report
from triage.settings import Settings

NOW = datetime(2026, 3, 18, 22, 30)
MOST_SECONDS = 180
CORES = 2
HOSTILE = 800
SAMPLE = 300


@pytest.fixture(scope="module")
def engine() -> Engine:
    return build_engine(Settings())


@pytest.fixture(scope="module")
def content() -> bytes:
    """An ordinary discussion of three days, a raid in it; four comments in five are like no other."""
    ordinary = export_of(mixed(ORDINARY, MAX_COMMENTS - HOSTILE), 9_000, 72)
    return as_csv(joined(ordinary, export_of(mixed({"insults": 8, "threats": 1, "hate": 1}, HOSTILE), 300, 6)))


def test_a_whole_export(engine: Engine, content: bytes) -> None:
    """50,000 comments in under 3 minutes on two cores, reading and judging included.

    What two cores do in 3 minutes is asserted, in seconds of processor: the machine may be busy with something else.
    """
    start, spent = time.perf_counter(), processor()
    export = parse(content)
    read = time.perf_counter()
    saved: list[int] = []
    done = run(engine, export, NOW, b"key", Progress(), lambda one: saved.append(one.position), workers=CORES)
    sorted_ = time.perf_counter()
    found = verdict(done.kept, done.tally)
    judged = time.perf_counter()
    distinct = len({comment.text for comment in export.comments})
    spent = processor() - spent
    print(
        f"\n{len(export.comments)} comments ({distinct} texts, {len(content) / 1e6:.1f} MB): "
        f"read in {read - start:.1f} s, sorted in {sorted_ - read:.0f} s, judged in {judged - sorted_:.2f} s; "
        f"{spent:.0f} s of processor; one text alone: {alone(engine, export):.2f} ms; "
        f"{len(done.kept)} kept, {len(json.dumps(done.as_json())) / 1e6:.1f} MB stored"
    )
    assert saved[-1] == len(export.comments) == MAX_COMMENTS
    assert found.level == "urgent"
    assert found.raid
    assert spent < MOST_SECONDS * CORES


def processor() -> float:
    """Seconds of processor spent by this process and those that it waited for."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def alone(engine: Engine, export: Export) -> float:
    """Milliseconds that one comment takes the engine, alone in this process."""
    step = len(export.comments) // SAMPLE
    texts = [comment.text for comment in export.comments[::step]]
    start = time.perf_counter()
    for text in texts:
        engine.assess(Report(text, "message"), NOW)
    return (time.perf_counter() - start) / len(texts) * 1000


@pytest.mark.parametrize("form", ["json", "html"])
def test_reading_other_forms(form: str) -> None:
    """As many comments in JSON or in a page are read in seconds."""
    export = export_of(mixed(ORDINARY, MAX_COMMENTS), 9_000, 72)
    if form == "json":
        content = json.dumps([{"user": c.author, "text": c.text, "date": str(c.when)} for c in export.comments])
    else:
        blocks = (
            f'<div class="c"><b class="author">{c.author}</b><time datetime="{c.when}"></time><p>{c.text}</p></div>'
            for c in export.comments
        )
        content = f"<html><body>{''.join(blocks)}</body></html>"
    start = time.perf_counter()
    read = parse(content.encode())
    took = time.perf_counter() - start
    print(f"\n{form}, {len(content) / 1e6:.1f} MB: {took:.1f} s")
    assert len(read.comments) == MAX_COMMENTS
    assert all(comment.when for comment in read.comments)
    assert took < 20
