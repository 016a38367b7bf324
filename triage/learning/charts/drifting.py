"""What changes over time."""

from __future__ import annotations

import altair as alt
import pandas as pd

from triage.learning.charts.theme import ACCENT, DARK, FAINT, INK, LIGHT, MIDDLE, WIDTH, Figure
from triage.learning.charts.writing import number, percent

_SURE = 0.05


def inputs(table: pd.DataFrame, what: str) -> Figure:
    """How far recent texts are from the others, as many times as chance alone would put them; 1 is chance."""
    shown = table.assign(
        times=table["distance"] / table["chance_level"].where(table["chance_level"] > 0, 1e-6),
        label=[_p(p) for p in table["adjusted"]],
    )
    moved = table[table["adjusted"] < _SURE]["what"].tolist()
    changed = f"{what} diffère : {', '.join(moved).lower()}"
    title = changed if moved else f"{what} : rien que le hasard n'explique"
    most = 1.2 * max(1.0, float(shown["times"].max()))
    y = alt.Y("what:N", sort=shown["what"].tolist(), title=None)
    base = alt.Chart(shown)
    x = alt.X("times:Q", title="distance, en nombre de fois ce que donne le hasard", scale=alt.Scale(domain=[0, most]))
    one = alt.Chart(pd.DataFrame({"times": [1]})).mark_rule(strokeDash=[4, 3], color=INK)
    return alt.layer(
        base.mark_bar(color=LIGHT).encode(y=y, x=x),
        one.encode(x="times:Q"),
        base.mark_text(align="left", dx=5).encode(y=y, x="times:Q", text="label:N"),
    ).properties(title=title, width=WIDTH, height=alt.Step(24))


def corrections(table: pd.DataFrame, subtitle: str) -> Figure:
    """The share of decisions corrected each week, its interval, the mean and the limits of what chance explains."""
    out = table[(table["share"] > table["alarm"]) | (table["share"] < table["alarm_low"])]
    title = f"Les agents corrigent {percent(float(table['mean'].iloc[0]))} des réponses ; " + (
        f"{number(len(out))} semaine(s) hors des limites" if len(out) else "aucune semaine hors des limites"
    )
    base = alt.Chart(table).encode(x=alt.X("when:T", title=None, axis=alt.Axis(format="%e %b", labelAngle=0)))
    y = alt.Y(
        "alarm_low:Q", title="part corrigée", axis=alt.Axis(format=".0%", grid=True), scale=alt.Scale(domainMin=0)
    )
    return alt.layer(
        base.mark_area(color=LIGHT, opacity=0.5).encode(y=y, y2="alarm:Q"),
        base.mark_line(strokeDash=[4, 3], color=FAINT, strokeWidth=1).encode(y="mean:Q"),
        base.mark_rule(color=MIDDLE).encode(y="low:Q", y2="high:Q"),
        base.mark_line(strokeWidth=1).encode(y="share:Q"),
        base.mark_point(size=40).encode(y="share:Q"),
        alt.Chart(out).mark_point(size=140, color=ACCENT, shape="diamond").encode(x="when:T", y="share:Q"),
    ).properties(title=alt.Title(title, subtitle=subtitle), width=WIDTH + 80, height=220)


def themes(table: pd.DataFrame) -> Figure:
    """The themes of unsure reports, named by their words: before (light), lately (dark)."""
    shown = table
    order = shown["words"].tolist()
    kinds = {"before": "avant", "now": "récents"}
    long = shown.melt(["words", "count"], list(kinds), "time", "texts").replace({"time": kinds})
    y = alt.Y("words:N", sort=order, title=None, axis=alt.Axis(labelLimit=380))
    title = f"{number(shown['count'].sum())} récits peu sûrs, rangés en {number(len(shown))} thèmes"
    color = alt.Color("time:N", title=None, scale=alt.Scale(domain=list(kinds.values()), range=[LIGHT, DARK]))
    return alt.layer(
        alt.Chart(long)
        .mark_bar()
        .encode(y=y, x=alt.X("texts:Q", title="récits"), color=color, order=alt.Order("time:N")),
        alt.Chart(shown).mark_text(align="left", dx=4).encode(y=y, x="count:Q", text="count:Q"),
    ).properties(title=title, width=230, height=alt.Step(22))


def scores(before: pd.DataFrame, now: pd.DataFrame, column: str = "engine_chance") -> Figure:
    """How sure the engine is of the type that it gives: shares of texts by tenth of probability, before and lately."""
    rows = []
    for name, frame in (("avant", before), ("récents", now)):
        place = (frame[column] * 10).clip(0, 9.999).astype(int)
        found = place.value_counts(normalize=True)
        rows += [
            (name, f"{i / 10:.1f}–{(i + 1) / 10:.1f}".replace(".", ","), float(found.get(i, 0))) for i in range(10)
        ]
    shown = pd.DataFrame(rows, columns=["time", "bin", "share"])
    gap = float(now[column].mean() - before[column].mean())
    was, is_now = (number(float(one[column].mean()), 2) for one in (before, now))
    title = f"La probabilité moyenne du type donné passe de {was} à {is_now}"
    made: Figure = (
        alt.Chart(shown)
        .mark_line(point={"size": 60, "filled": True})
        .encode(
            x=alt.X("bin:O", title="probabilité du type donné", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("share:Q", title="part des récits", axis=alt.Axis(format=".0%", grid=True)),
            color=alt.Color("time:N", title=None, scale=alt.Scale(domain=["avant", "récents"], range=[MIDDLE, DARK])),
            strokeDash=alt.StrokeDash(
                "time:N", title=None, scale=alt.Scale(domain=["avant", "récents"], range=[[5, 3], [1, 0]])
            ),
        )
        .properties(title=alt.Title(title, subtitle=f"Écart : {number(gap, 3)}"), width=WIDTH, height=200)
    )
    return made


def _p(p: float) -> str:
    return "p < 0,01" if p < 0.01 else f"p = {number(p, 2)}"
