"""When the comments came: by the hour, or by the day when they came over a long time."""

from __future__ import annotations

from datetime import datetime, timedelta

from triage.comments.tally import Tally

Peak = tuple[datetime, int, int]

BY_THE_HOUR = timedelta(days=4)  # as many bars as a page can show


def peaks_of(tally: Tally) -> tuple[Peak, ...]:
    """(beginning, all comments, hostile ones) of every hour or day that has any, in order."""
    if tally.first is None or tally.last is None:
        return ()
    by_day = tally.last - tally.first > BY_THE_HOUR
    sums: dict[datetime, tuple[int, int]] = {}
    for hour, (total, hostile) in sorted(tally.hours.items()):
        begin = hour.replace(hour=0) if by_day else hour
        before = sums.get(begin, (0, 0))
        sums[begin] = (before[0] + total, before[1] + hostile)
    return tuple((begin, total, hostile) for begin, (total, hostile) in sums.items())
