"""Minimum counts: what too few cases share is made wider step by step, then emptied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from triage.desk.extraction import YEAR, ExtractionPolicy

Row = dict[str, Any]


def guard(rows: Sequence[Row], policy: ExtractionPolicy, least: int) -> int:
    """Changes `rows` so that each combination of guarded columns is shared by `least` of them at least, or empty.

    All the rows of a rare combination change together (local recoding; Sweeney, 2002: k-anonymity). How many changed.
    """
    changed: set[int] = set()
    for cell in policy.cells:
        for step in cell.steps:
            for place in _rare(rows, cell.columns, least):
                changed.add(place)
                for column, table in step.items():
                    rows[place][column] = _wider(policy, table, str(rows[place][column]))
        for place in _rare(rows, cell.columns, least):
            changed.add(place)
            rows[place].update(dict.fromkeys(cell.columns, ""))
    return len(changed)


def _rare(rows: Sequence[Row], columns: Sequence[str], least: int) -> list[int]:
    """The places of the rows whose combination says something and is shared by too few."""
    told = [tuple(str(row[column]) for column in columns) for row in rows]
    counts = Counter(told)
    return [place for place, one in enumerate(told) if any(one) and counts[one] < least]


def _wider(policy: ExtractionPolicy, table: str, value: str) -> str:
    if not table or not value:
        return ""
    if table == YEAR:
        return value[:4]
    known = policy.table(table)
    return value if value in policy.wider[table] else known.get(value, "")
