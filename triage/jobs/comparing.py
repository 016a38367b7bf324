"""Compares each case that came or changed with the others, as they come: no answer to a report waits for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

from triage.desk.campaigns import finding
from triage.desk.office import Office
from triage.jobs.alone import Alone

_LOG = logging.getLogger(__name__)
# Seconds between two looks: a campaign is found that long after its report, at most; and after a look that failed.
_PACE, _AGAIN = 1.0, 60.0


def compare_as_they_come(
    office: Callable[[], Office],
    alone: Alone,
    stopping: Callable[[], bool],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Compares what waits, and looks again, until the worker is `stopping`. One worker compares at a time."""
    while not stopping():
        sleep(_PACE if compare(office(), alone, stopping) else _AGAIN)


def compare(office: Office, alone: Alone, stopping: Callable[[], bool]) -> bool:
    """One look; false when it is no use to look again at once, because what waits cannot be compared."""
    try:
        if finding.none_waits(office):
            return True
        with alone("campaigns") as mine:
            return not mine or finding.catch_up(office, _now, stopping) > 0
    except Exception:  # whatever it is, what waits is found the next time
        _LOG.warning("cases wait to be compared", exc_info=True)
        return False


def _now() -> datetime:
    return datetime.now(UTC)
