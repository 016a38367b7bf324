"""What was assessed a moment ago, for a person who turns the pages of their case: the same text says the same again.

It is in the memory of the process alone, few at a time: what is older than minutes goes at the next reading.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from triage.assessment.triaged import Triaged
from triage.engine import Engine
from triage.intake.moment import in_paris
from triage.intake.report import Report

_MOST, _SECONDS = 64, 300.0
_Key = tuple[int, Report, tuple[tuple[str, str], ...]]
_kept: OrderedDict[_Key, tuple[float, Engine, Triaged]] = OrderedDict()
_lock = threading.Lock()


def assess(engine: Engine, report: Report, now: datetime, answers: Mapping[str, str]) -> Triaged:
    """What `engine.assess` answers, read again only when it has to be. Raises IntakeError.

    A report that has its own moment says the same whatever the time: only `now` is told anew.
    """
    if report.received_at is None:
        return engine.assess(report, now, answers)
    key = id(engine), report, tuple(sorted(answers.items()))
    clock = time.monotonic()
    with _lock:
        while _kept and clock - next(iter(_kept.values()))[0] > _SECONDS:
            _kept.popitem(last=False)
        found = _kept.get(key)
    if found:
        return replace(found[2], now=in_paris(now))
    triaged = engine.assess(report, now, answers)
    with _lock:
        _kept[key] = clock, engine, triaged  # the engine too: its number is not given to another one meanwhile
        _kept.move_to_end(key)  # the oldest first, whoever read the same at once
        if len(_kept) > _MOST:
            _kept.popitem(last=False)
    return triaged
