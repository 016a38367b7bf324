"""Comments over time, as bars on an even scale: by hour, by day or by more, so that they fit in a page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from triage.dossier.wording import day, moment
from triage.intake.moment import in_paris

MOST_BARS = 60
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STEPS = (HOUR, 3 * HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY)
NAMES = ("heure", "période de 3 heures", "période de 6 heures", "jour", "semaine", "période de 30 jours", "année")

Peaks = Iterable[tuple[datetime, int, int]]


def chart(peaks: Peaks) -> dict[str, Any] | None:
    """The bars (label, all, hostile), the tallest, what a bar stands for, and the same in words; None without dates."""
    told = sorted((in_paris(when), everyone, hostile) for when, everyone, hostile in peaks)
    if not told:
        return None
    step, name = _step(told[-1][0] - told[0][0])
    bars = _bars(told, step)
    words = moment if step < DAY else day
    top = max(bars, key=lambda bar: bar[1])
    return {
        "bars": [{"label": words(when), "all": everyone, "hostile": hostile} for when, everyone, hostile in bars],
        "most": top[1],
        "unit": name,
        "first": words(bars[0][0]),
        "last": words(bars[-1][0]),
        "alt": (
            f"Nombre de commentaires par {name}, du {words(bars[0][0])} au {words(bars[-1][0])}. "
            f"Le plus haut : {top[1]}, dont {top[2]} hostiles, le {words(top[0])}."
        ),
    }


def _step(length: timedelta) -> tuple[timedelta, str]:
    """The finest step that keeps the bars few enough."""
    return next(((s, n) for s, n in zip(STEPS, NAMES, strict=True) if length / s < MOST_BARS), (STEPS[-1], NAMES[-1]))


def _bars(told: list[tuple[datetime, int, int]], step: timedelta) -> list[tuple[datetime, int, int]]:
    """One bar a step, empty ones included; steps of a day or more begin at midnight."""
    first = told[0][0] if step < DAY else told[0][0].replace(hour=0)
    start = first.replace(minute=0, second=0, microsecond=0)
    sums: dict[int, tuple[int, int]] = {}
    for when, everyone, hostile in told:
        place = int((when.astimezone(UTC) - start.astimezone(UTC)) / step)
        before = sums.get(place, (0, 0))
        sums[place] = (before[0] + everyone, before[1] + hostile)
    return [(_after(start, i * step), *sums.get(i, (0, 0))) for i in range(max(sums) + 1)]


def _after(start: datetime, gone: timedelta) -> datetime:
    """Hours are counted as they pass; days by the calendar."""
    return start + gone if gone % DAY == timedelta() else in_paris(start.astimezone(UTC) + gone)
