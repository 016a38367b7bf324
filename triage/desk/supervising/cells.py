"""What a table of the dashboard holds: figures as people read them, and as a spreadsheet takes them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt

from triage.dossier.wording import number
from triage.spreadsheets import harmless

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_TWO_SIDED = 1.959964  # of the normal law, for 95 %


@dataclass(frozen=True)
class Lasting:
    """A time that something took, in seconds."""

    seconds: float

    def __str__(self) -> str:
        if self.seconds < _MINUTE:
            return "moins d'une minute"
        minutes = round(self.seconds / _MINUTE)
        if minutes < _HOUR // _MINUTE:
            return f"{minutes} min"
        hours, rest = divmod(minutes, 60)
        if self.seconds < _DAY:
            return f"{hours} h {rest:02d}" if rest else f"{hours} h"
        days, hours = divmod(round(self.seconds / _HOUR), 24)
        return f"{days} j {hours} h" if hours else f"{days} j"


Cell = str | int | Lasting | None


@dataclass(frozen=True)
class Bar:
    """A bar of a chart: its label, how long it is, what is written after it; `mark` stands further on the same line."""

    label: str
    value: float
    text: str
    mark: float = 0.0


@dataclass(frozen=True)
class Chart:
    """Bars under a title. `value`, `mark`: what the bar and its mark stand for."""

    title: str
    bars: tuple[Bar, ...]
    value: str
    mark: str = ""

    @property
    def most(self) -> float:
        """The longest."""
        return max((max(bar.value, bar.mark) for bar in self.bars), default=0) or 1


@dataclass(frozen=True)
class Section:
    """A table of the dashboard, what it says, and its charts."""

    id: str
    title: str
    help: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    charts: tuple[Chart, ...] = field(default=())


def shown(cell: Cell) -> str:
    """A cell as people read it."""
    if cell is None:
        return "–"
    return number(cell) if isinstance(cell, int) else str(cell)


def as_csv(section: Section) -> str:
    """The table as CSV, times in minutes; no cell can be taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    timed = {i for row in section.rows for i, cell in enumerate(row) if isinstance(cell, Lasting)}
    writer.writerow([f"{name} (minutes)" if i in timed else name for i, name in enumerate(section.head)])
    writer.writerows([_plain(cell) for cell in row] for row in section.rows)
    return out.getvalue()


def share(part: int, whole: int, small: int) -> tuple[int, int, str, str]:
    """How many of how many, the share, and its interval at 95 % (Wilson, 1927); few cases are said to be few."""
    if not whole:
        return 0, 0, "–", "aucun cas"
    low, high = wilson(part, whole)
    few = " (peu de cas)" if whole < small else ""
    return part, whole, percent(part / whole), f"{percent(low)} à {percent(high)}{few}"


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The interval of a proportion at 95 %, which holds for small counts too."""
    rate, square = part / whole, _TWO_SIDED**2
    middle = (rate + square / (2 * whole)) / (1 + square / whole)
    half = _TWO_SIDED / (1 + square / whole) * sqrt(rate * (1 - rate) / whole + square / (4 * whole**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def percent(rate: float) -> str:
    """« 12,5 % »."""
    return f"{100 * rate:.1f} %".replace(".", ",")


def ranked(values: Sequence[int], hundredths: int) -> int:
    """The nearest-rank percentile of `values`."""
    return sorted(values)[max(0, -(-len(values) * hundredths // 100) - 1)]


def _plain(cell: Cell) -> str:
    if isinstance(cell, Lasting):
        return f"{cell.seconds / _MINUTE:.1f}".replace(".", ",")
    return harmless("" if cell is None else str(cell))
