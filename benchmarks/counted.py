"""The work that `counts.py` counts: gets ready, says so, waits, reads a few reports and ends.

The parts come one after the other: loading under valgrind takes longer than all of them.
"""

from __future__ import annotations

import gc
import os

from benchmarks.side_by_side.contenders import NOW, Work, ours, vectoriser
from benchmarks.texts import reports
from triage.bootstrap import build_engine
from triage.engine import Engine
from triage.intake.report import Report
from triage.settings import Settings
from triage.signals.matching import search

WARM_UP, COUNTED = 20, 20


def parts(engine: Engine) -> dict[str, Work]:
    """What is counted, as functions of a text."""
    return {
        "floor": lambda text: (engine.reader.tokenizer(text), vectoriser(engine)(text)),
        "search": lambda text: search(engine.reader.read(Report(text), NOW), engine.catalogue),
        "assess": ours(engine),
    }


def main() -> None:
    texts = reports(WARM_UP + COUNTED)
    works = parts(build_engine(Settings()))
    for work in works.values():
        for text in texts[:WARM_UP]:
            work(text)
    gc.disable()  # when it collects depends on all that was made before
    for name, work in works.items():
        _say(f"{name} ready")
        for text in texts[WARM_UP:]:
            work(text)
        _say(f"{name} done")


def _say(word: str) -> None:
    """Says where one is, and waits to be told to go on."""
    os.write(1, f"{word}\n".encode())
    os.read(0, 1)


if __name__ == "__main__":
    main()
