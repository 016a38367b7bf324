"""Rows for a French spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from triage.spreadsheets import harmless


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """`rows` as CSV, their head first; no cell is taken for a formula."""
    made = io.StringIO()
    csv.writer(made, delimiter=";", lineterminator="\r\n").writerows([harmless(cell) for cell in row] for row in rows)
    return made.getvalue().encode("utf-8-sig", errors="replace")
