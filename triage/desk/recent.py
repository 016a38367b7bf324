"""What was assessed a moment ago, for a person who turns the pages of their case: the same text says the same again.

It is in the memory of the process alone, few at a time: what was read minutes ago goes at the next reading, and what
nobody asks for any more makes room for what comes.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Generic, TypeVar

from triage.assessment.triaged import Triaged
from triage.diagnostic.diagnostic import Diagnostic
from triage.engine import Engine
from triage.intake.moment import in_paris
from triage.intake.report import Report

_MOST, _SECONDS = 128, 300.0
Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """The values asked for last, none kept for longer than minutes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, tuple[float, Value]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Value | None:
        """The value kept under `key`, if any; those that are too old go."""
        clock = time.monotonic()
        with self._lock:
            for old in [one for one, (since, _) in self._kept.items() if clock - since > _SECONDS]:
                del self._kept[old]
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[1]

    def put(self, key: Key, value: Value) -> None:
        """Keeps `value`, in place of the one that was not asked for for longest where there are too many."""
        with self._lock:
            self._kept[key] = time.monotonic(), value
            self._kept.move_to_end(key)
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)

    def values(self) -> list[Value]:
        """All that is kept."""
        with self._lock:
            return [value for _, value in self._kept.values()]

    def clear(self) -> None:
        """Forgets all."""
        with self._lock:
            self._kept.clear()


# With the engine, and what numbers stand for: a number is not given to something else as long as it is kept.
ASSESSED: Recent[tuple[int, Report, tuple[tuple[str, str], ...]], tuple[Engine, Triaged]] = Recent()
COMPOSED: Recent[tuple[int, int, int, datetime], tuple[Engine, Triaged, Diagnostic]] = Recent()


def assess(engine: Engine, report: Report, now: datetime, answers: Mapping[str, str]) -> Triaged:
    """What `engine.assess` answers, read again only when it has to be. Raises IntakeError.

    A report that has its own moment says the same whatever the time: only `now` is told anew.
    """
    if report.received_at is None:
        return engine.assess(report, now, answers)
    key = id(engine), report, tuple(sorted(answers.items()))
    found = ASSESSED.get(key)
    if found:
        return replace(found[1], now=in_paris(now))
    triaged = engine.assess(report, now, answers)
    ASSESSED.put(key, (engine, triaged))
    return triaged


def compose(engine: Engine, triaged: Triaged) -> Diagnostic:
    """What `engine.composer.make` answers, to be shown: as of the same minute, for delays are not told to the second.

    What is kept in the store is composed anew: it is to be found the same again from what it was made from.
    """
    minute = triaged.now.replace(second=0, microsecond=0)
    key = id(engine), id(triaged.document), id(triaged.assessment), minute
    found = COMPOSED.get(key)
    if found is None:
        found = engine, triaged, engine.composer.make(triaged)
        COMPOSED.put(key, found)
    return found[2]
