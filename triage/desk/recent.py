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

from triage.assessment.triaged import Triaged
from triage.engine import Engine
from triage.intake.moment import in_paris
from triage.intake.report import Report

_MOST, _SECONDS = 128, 300.0
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
        for old in [one for one, (since, _, _) in _kept.items() if clock - since > _SECONDS]:
            del _kept[old]
        found = _kept.get(key)
        if found:
            _kept.move_to_end(key)
    if found:
        return replace(found[2], now=in_paris(now))
    triaged = engine.assess(report, now, answers)
    with _lock:
        _kept[key] = clock, engine, triaged  # the engine too: its number is not given to another one meanwhile
        _kept.move_to_end(key)
        if len(_kept) > _MOST:
            _kept.popitem(last=False)
    return triaged
