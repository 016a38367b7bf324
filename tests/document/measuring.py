"""How long walls of signs take to read, in a process of their own: `python -m tests.document.measuring`, as JSON."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime

from triage.bootstrap import build_engine
from triage.engine import Engine
from triage.intake.report import Report
from triage.settings import Settings

NOW = datetime(2026, 3, 18, 22, 30, tzinfo=UTC)
SIGNS = ("!", "😂", "«", "l'", "%41", "–", "[", "?!", "1,")
SHORT, LONG = 1_000, 4_000


def seconds(engine: Engine, text: str) -> float:
    """The shortest of three readings, in this process's own time: a busy machine does not count."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        engine.assess(Report(text), NOW)
        taken.append(time.process_time() - began)
    return min(taken)


if __name__ == "__main__":
    made = build_engine(Settings())
    json.dump({sign: [seconds(made, sign * size) for size in (SHORT, LONG)] for sign in SIGNS}, sys.stdout)
