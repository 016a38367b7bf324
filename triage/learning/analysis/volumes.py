"""How many texts of what: counts, shares with their interval, crossings, months, places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from triage.learning.intervals import clopper_pearson


def counts(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """value, count, share, low, high (95 %, exact), the most frequent first; a text counts once for each of a list."""
    found = frame[column].explode().dropna().value_counts()
    total = len(frame)
    rows = [(str(v), int(n), n / total, *clopper_pearson(int(n), total)) for v, n in found.items() if v != ""]
    return pd.DataFrame(rows, columns=["value", "count", "share", "low", "high"])


def crossed(frame: pd.DataFrame, row: str, column: str) -> pd.DataFrame:
    """row, column, count, share (of the row): how two columns go together."""
    table = frame[[row, column]].explode(row).explode(column).value_counts().rename("count").reset_index()
    table.columns = pd.Index(["row", "column", "count"])
    table["share"] = table["count"] / table.groupby("row")["count"].transform("sum")
    return table.sort_values(["row", "column"], ignore_index=True)


def over_time(frame: pd.DataFrame, column: str, step: str = "W-SUN") -> pd.DataFrame:
    """when, value, count: texts by week (or another pandas frequency) of `received_at` and by `column`."""
    when = frame["received_at"].dt.to_period(step).dt.start_time
    table = pd.DataFrame({"count": pd.crosstab(when, frame[column]).stack()}).reset_index()
    table.columns = pd.Index(["when", "value", "count"])
    return table


def by_place(frame: pd.DataFrame, cells: Mapping[str, Sequence[int]], names: Mapping[str, str]) -> pd.DataFrame:
    """code, name, column, row, count: one row a département, those from where nothing came too."""
    found = frame["departement"].value_counts()
    rows = [(c, names.get(c, c), x, y, int(found.get(c, 0))) for c, (x, y) in sorted(cells.items())]
    return pd.DataFrame(rows, columns=["code", "name", "column", "row", "count"])


def lengths(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """value, low, median, high: the words of the texts of each value (tenth, half, nine tenths of them are shorter)."""
    grouped = frame.explode(column).groupby(column)["words"]
    found = {name: grouped.quantile(q) for name, q in (("low", 0.1), ("median", 0.5), ("high", 0.9))}
    made = pd.DataFrame(found).rename_axis("value").reset_index()
    return made.sort_values("median", ignore_index=True)
