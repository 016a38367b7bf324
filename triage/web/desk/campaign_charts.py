"""The drawings of a campaign: cases by day, and by département on a grid; each with its figures beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from triage.desk.campaigns.policy import Cell
from triage.diagnostic.wording import plain_day

_MOST_BARS = 40
_BAR, _GAP, _HIGH = 16, 4, 100
_CELL = 40
_STEPS = (1, 2, 5, 10)  # from how many cases a square is drawn denser


@dataclass(frozen=True)
class Bar:
    """A day, or a few: where it is drawn, and what it says."""

    x: int
    y: float
    height: float
    label: str
    count: int


@dataclass(frozen=True)
class Timeline:
    """The bars, and the size of the drawing."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    days: int

    @property
    def told(self) -> list[Bar]:
        """The bars that say something, for the table."""
        return [bar for bar in self.bars if bar.count]

    @property
    def most(self) -> int:
        """The highest count."""
        return max((bar.count for bar in self.bars), default=0)


@dataclass(frozen=True)
class Square:
    """A département: where it is drawn, how many cases, and how densely from 0."""

    x: int
    y: int
    code: str
    name: str
    count: int
    density: int


@dataclass(frozen=True)
class Grid:
    """The squares, and the size of the drawing; `unknown`: cases whose département is not known."""

    squares: tuple[Square, ...]
    width: int
    height: int
    unknown: int

    @property
    def told(self) -> list[Square]:
        """The départements that have a case, most first."""
        return sorted((one for one in self.squares if one.count), key=lambda one: (-one.count, one.code))


def timeline(days: Mapping[date, int]) -> Timeline:
    """Cases by day; by several days at a time when there are many."""
    first, last = min(days), max(days)
    together = -(-((last - first).days + 1) // _MOST_BARS)
    starts = [first + timedelta(days=i) for i in range(0, (last - first).days + 1, together)]
    counts = [sum(days.get(start + timedelta(days=i), 0) for i in range(together)) for start in starts]
    most = max(counts)
    bars = [
        Bar(i * (_BAR + _GAP), _HIGH * (1 - count / most), _HIGH * count / most, _label(start, together, last), count)
        for i, (start, count) in enumerate(zip(starts, counts, strict=True))
    ]
    return Timeline(tuple(bars), len(bars) * (_BAR + _GAP), _HIGH, together)


def grid(cells: Mapping[str, Cell], places: Mapping[str, int], names: Mapping[str, str]) -> Grid:
    """Cases by département."""
    squares = [
        Square(x * _CELL, y * _CELL, code, names.get(code, code), places.get(code, 0), _density(places.get(code, 0)))
        for code, (x, y) in cells.items()
    ]
    width, height = (max(cell[axis] for cell in cells.values()) * _CELL + _CELL for axis in (0, 1))
    return Grid(tuple(squares), width, height, sum(n for code, n in places.items() if code not in cells))


def _label(start: date, together: int, last: date) -> str:
    end = min(start + timedelta(days=together - 1), last)
    return plain_day(start) if end == start else f"du {plain_day(start)} au {plain_day(end)}"


def _density(count: int) -> int:
    return sum(count >= step for step in _STEPS)
