"""What came: types, levels, words, weeks, places."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from triage.learning.charts.theme import DARK, INK, LEVELS, LIGHT, MIDDLE, WIDTH, Figure
from triage.learning.charts.writing import number, percent

Names = Mapping[str, str]


def bars(counts: pd.DataFrame, names: Names, what: str) -> Figure:
    """Each value with how many texts have it; the thin line is the 95 % interval of its share. `what` they are."""
    shown = counts.assign(
        name=[names.get(value, value) for value in counts["value"]],
        label=[f"{number(n)}  ({percent(share)})" for n, share in zip(counts["count"], counts["share"], strict=True)],
    )
    first = shown.iloc[0]
    title = f"« {first['name']} » vient en tête : {percent(first['share'])} des {what}"
    order = shown["name"].tolist()
    y = alt.Y("name:N", sort=order, title=None)
    base = alt.Chart(shown)
    top = float(shown["high"].max())
    x = alt.X(
        "share:Q",
        title=f"part des {what}",
        axis=alt.Axis(format=".0%", tickCount=4),
        scale=alt.Scale(domain=[0, top * 1.25]),
    )
    return alt.layer(
        base.mark_bar(color=LIGHT).encode(y=y, x=x),
        base.mark_rule(color=DARK).encode(y=y, x="low:Q", x2="high:Q"),
        base.mark_text(align="left", dx=5).encode(y=y, x="high:Q", text="label:N"),
    ).properties(title=title, width=WIDTH, height=alt.Step(17))


def heat(crossed: pd.DataFrame, names: Names, columns: list[str], title: str, what: str) -> Figure:
    """Rows by columns: the darker, the larger share of the row; the figure is a percentage of the row."""
    shown = crossed.assign(
        row=[names.get(value, value) for value in crossed["row"]],
        column=[names.get(value, value) for value in crossed["column"]],
        label=[number(100 * share) if share >= 0.005 else "" for share in crossed["share"]],
    )
    given = [names.get(one, one) for one in columns]
    found = set(shown["row"])
    rows = [one for one in given if one in found] if found <= set(given) else sorted(found)
    base = alt.Chart(shown).encode(
        y=alt.Y("row:N", title=None, sort=rows),
        x=alt.X(
            "column:N",
            title=what,
            sort=given,
            axis=alt.Axis(orient="top", labelAngle=0 if len(columns) < 8 else -55, labelLimit=130),
        ),
    )
    return alt.layer(
        base.mark_rect().encode(
            color=alt.Color("share:Q", legend=None, scale=alt.Scale(range=["#f3f5f8", DARK], domain=[0, 1]))
        ),
        base.mark_text(fontSize=10).encode(
            text="label:N", color=alt.condition("datum.share > 0.45", alt.value("white"), alt.value(INK))
        ),
    ).properties(title=title, width=max(WIDTH if len(columns) < 8 else 0, 21 * len(columns)), height=alt.Step(17))


def words(telling: pd.DataFrame, names: Names, columns: int = 3) -> Figure:
    """The words of each group, the most its own on top; the bar is z."""
    shown = telling.assign(name=[names.get(group, group) for group in telling["group"]])
    shown["rank"] = shown.groupby("group").cumcount()
    base = alt.Chart(shown)
    y = alt.Y("rank:O", axis=None)
    layered = alt.layer(
        base.mark_bar(color=LIGHT).encode(y=y, x=alt.X("z:Q", title="z", axis=alt.Axis(grid=False, tickCount=3))),
        base.mark_text(align="left", dx=4).encode(y=y, x=alt.value(0), text="word:N"),
    ).properties(width=172, height=alt.Step(16))
    made = layered.facet(alt.Facet("name:N", header=alt.Header(labelLimit=190, labelFontSize=10)), columns=columns)
    return made.properties(title="Les mots qui distinguent chaque type de tous les autres")


def timeline(table: pd.DataFrame, names: Names, levels: list[str], subtitle: str) -> Figure:
    """Texts by week, the levels piled up, the highest below."""
    total = table.groupby("when")["count"].sum()
    order = {names[level]: rank for rank, level in enumerate(levels)}
    shown = table.assign(name=[names[value] for value in table["value"]])
    shown["rank"] = [-order[name] for name in shown["name"]]
    title = f"Environ {number(total.median())} récits par semaine"
    made: Figure = (
        alt.Chart(shown)
        .mark_bar(stroke="white", strokeWidth=0.4)
        .encode(
            x=alt.X(
                "yearmonthdate(when):O", title=None, axis=alt.Axis(format="%e %b", labelOverlap=True, labelAngle=0)
            ),
            y=alt.Y("count:Q", title="récits", axis=alt.Axis(grid=True)),
            color=alt.Color("name:N", title=None, sort=list(order), scale=alt.Scale(domain=list(order), range=LEVELS)),
            order=alt.Order("rank:Q"),
        )
        .properties(title=alt.Title(title, subtitle=subtitle), width=WIDTH + 130, height=200)
    )
    return made


def tiles(places: pd.DataFrame, subtitle: str) -> Figure:
    """A square a département, about where it is, the darker the more came from there; overseas on the last row."""
    most = places.iloc[int(places["count"].to_numpy().argmax())]
    middle = float(places["count"].max()) * 0.55
    base = alt.Chart(places).encode(
        x=alt.X("column:O", axis=None, scale=alt.Scale(paddingInner=0.06)),
        y=alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0.06)),
        color=alt.condition(f"datum.count > {middle}", alt.value("white"), alt.value(INK)),
    )
    title = f"{most['name']} : {number(most['count'])} récits, le plus grand nombre"
    return alt.layer(
        base.mark_rect().encode(
            color=alt.Color("count:Q", legend=None, scale=alt.Scale(range=["#f0f2f5", DARK], domainMin=0))
        ),
        base.mark_text(dy=-5, fontSize=9).encode(text="code:N"),
        base.mark_text(dy=6, fontSize=10, fontWeight="bold").encode(text="count:Q"),
    ).properties(title=alt.Title(title, subtitle=subtitle), width=alt.Step(31), height=alt.Step(28))


def lengths(table: pd.DataFrame, names: Names) -> Figure:
    """For each value the words of its texts: the line from the first to the ninth tenth, the point at the median."""
    shown = table.assign(name=[names.get(value, value) for value in table["value"]])
    last = shown.iloc[-1]
    base = alt.Chart(shown).encode(y=alt.Y("name:N", title=None, sort=shown["name"].tolist()))
    title = f"« {last['name']} » se raconte le plus longuement : médiane de {number(last['median'])} mots"
    return alt.layer(
        base.mark_rule(color=MIDDLE, strokeWidth=3).encode(x=alt.X("low:Q", title="mots"), x2="high:Q"),
        base.mark_point().encode(x="median:Q"),
    ).properties(title=title, width=WIDTH, height=alt.Step(16))
