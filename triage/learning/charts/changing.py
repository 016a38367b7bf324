"""What a change does: of rules, of models."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from triage.learning.charts.theme import ACCENT, DARK, FAINT, MIDDLE, Figure
from triage.learning.charts.writing import number
from triage.learning.impact import LEVEL

Names = Mapping[str, str]
_MOST_TYPES = 30


def moves(table: pd.DataFrame, names: Names, levels: list[str], size: int) -> Figure:
    """The reports whose level changes, by the level before and after; dark ones go up."""
    shown = table.assign(
        pair=[f"{names[a]} → {names[b]}" for a, b in zip(table["before"], table["after"], strict=True)],
        way=[
            "monte" if levels.index(b) > levels.index(a) else "descend"
            for a, b in zip(table["before"], table["after"], strict=True)
        ],
    )
    up, down = (int(shown.loc[shown["way"] == way, "count"].sum()) for way in ("monte", "descend"))
    title = f"Sur {number(size)} textes, {number(up)} montent et {number(down)} descendent"
    color = alt.Color("way:N", title=None, scale=alt.Scale(domain=["monte", "descend"], range=[DARK, ACCENT]))
    base = alt.Chart(shown).encode(y=alt.Y("pair:N", sort=shown["pair"].tolist(), title=None))
    x = alt.X("count:Q", title="textes", axis=alt.Axis(format="d", tickMinStep=1))
    return alt.layer(
        base.mark_bar().encode(x=x, color=color),
        base.mark_text(align="left", dx=4).encode(x="count:Q", text="count:Q"),
    ).properties(title=title, width=330, height=alt.Step(22))


def mistakes(table: pd.DataFrame) -> Figure:
    """Mistakes that readers' labels tell: made no more on the left, made anew on the right."""
    long = pd.concat(
        [
            pd.DataFrame({"mistake": table["mistake"], "count": -table["lost"], "way": "corrigées"}),
            pd.DataFrame({"mistake": table["mistake"], "count": table["gained"], "way": "nouvelles"}),
        ]
    )
    long = long[long["count"] != 0].assign(label=lambda rows: rows["count"].abs())
    level = table[table["mistake"] == LEVEL]  # one line speaks for all: a text may stand in several
    gained, lost = int(level["gained"].sum()), int(level["lost"].sum())
    title = f"Niveaux qui ne sont plus justes : {number(gained)} ; qui le deviennent : {number(lost)}"
    reach = int(max(1, long["label"].max() if len(long) else 1))
    x = alt.X(
        "count:Q",
        title="textes",
        scale=alt.Scale(domain=[-reach * 1.15, reach * 1.15]),
        axis=alt.Axis(labelExpr="format(abs(datum.value), 'd')", tickMinStep=1),
    )
    color = alt.Color("way:N", title=None, scale=alt.Scale(domain=["corrigées", "nouvelles"], range=[MIDDLE, ACCENT]))
    base = alt.Chart(long).encode(y=alt.Y("mistake:N", sort=table["mistake"].tolist(), title=None))
    return alt.layer(
        base.mark_bar().encode(x=x, color=color),
        base.transform_filter("datum.count > 0").mark_text(align="left", dx=4).encode(x="count:Q", text="label:Q"),
        base.transform_filter("datum.count < 0").mark_text(align="right", dx=-4).encode(x="count:Q", text="label:Q"),
    ).properties(title=title, width=330, height=alt.Step(22))


def differences(table: pd.DataFrame, names: Names, title: str) -> Figure:
    """The difference of each figure (candidate minus served) and its interval; right of the line, it is better."""
    known = table.dropna(subset=["low", "high"])
    shown = known.assign(
        name=[_named(of, figure, names) for of, figure in zip(known["of"], known["figure"], strict=True)],
        gap=known["after"] - known["before"],
    ).head(_MOST_TYPES)
    y = alt.Y("name:N", sort=shown["name"].tolist(), title=None)
    base = alt.Chart(shown)
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=FAINT, strokeDash=[4, 3]).encode(x="x:Q")
    x = alt.X("low:Q", title="candidat moins modèle servi, en points", axis=alt.Axis(format="+.0%"))
    return alt.layer(
        zero,
        base.mark_rule(color=MIDDLE, strokeWidth=3).encode(y=y, x=x, x2="high:Q"),
        base.mark_point().encode(y=y, x="gap:Q"),
    ).properties(title=title, width=330, height=alt.Step(18))


def _named(of: str, figure: str, names: Names) -> str:
    kinds = {"report": "récits", "message": "messages"}
    return f"{figure} ({kinds[of]})" if of in kinds else names.get(of, of)
