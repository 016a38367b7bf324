"""What a threshold costs, and how many agents it takes."""

from __future__ import annotations

import altair as alt
import pandas as pd

from triage.learning.charts.theme import ACCENT, DARK, FAINT, LIGHT, MIDDLE, WIDTH, Figure
from triage.learning.charts.writing import number, percent

_ACROSS = WIDTH + 60


def cost(table: pd.DataFrame, chosen: float, level: str, miss_cost: float) -> Figure:
    """What 1,000 reports cost as the threshold moves, the cheapest threshold and the one that serves."""
    best = table.iloc[int(table["cost"].to_numpy().argmin())]
    title = f"Le moins coûteux : un seuil de {number(best['threshold'], 2)} ; celui qui sert : {number(chosen, 2)}"
    subtitle = f"Niveau « {level} ». Un récit manqué compte autant que {number(miss_cost)} envoyé(s) en trop."
    base = alt.Chart(table).encode(x=_threshold())
    return alt.layer(
        base.mark_line(point=True).encode(y=alt.Y("cost:Q", title="coût de 1 000 récits", axis=alt.Axis(grid=True))),
        _served(chosen),
    ).properties(title=alt.Title(title, subtitle=subtitle), width=_ACROSS, height=200)


def agents(table: pd.DataFrame, chosen: float, level: str, scenario: str) -> Figure:
    """Agents needed and urgencies missed in a day, on the same thresholds; the dashed line is the one that serves."""
    at = table.iloc[(table["threshold"] - chosen).abs().argmin()]
    title = f"{scenario} : {number(at['agents'])} agents en permanence, {number(at['missed_day'], 1)} manqués par jour"
    subtitle = f"Seuil du niveau « {level} ». Bande : intervalle à 95 %. Trait : le seuil qui sert."
    base = alt.Chart(table).encode(x=_threshold())
    above = alt.layer(
        base.mark_line(interpolate="step-after").encode(y=alt.Y("agents:Q", title="agents", axis=_whole())),
        base.mark_point(size=30).encode(y="agents:Q"),
        _served(chosen),
    ).properties(width=_ACROSS, height=130)
    below = alt.layer(
        base.mark_area(opacity=0.18, color=DARK).encode(
            y=alt.Y("low_day:Q", title="manqués par jour", axis=alt.Axis(grid=True)), y2="high_day:Q"
        ),
        base.mark_line(strokeDash=[6, 2]).encode(y="missed_day:Q"),
        _served(chosen, label=False),
    ).properties(width=_ACROSS, height=130)
    return alt.vconcat(above, below).properties(title=alt.Title(title, subtitle=subtitle))


def scenarios(table: pd.DataFrame) -> Figure:
    """Each scenario: agents needed, urgencies missed in a day with their interval."""
    order = table["scenario"].tolist()
    most = table.iloc[int(table["agents"].to_numpy().argmax())]
    base = alt.Chart(table)
    name = alt.Y("scenario:N", sort=order, title=None)
    agents = alt.layer(
        base.mark_bar(color=LIGHT).encode(y=name, x=alt.X("agents:Q", title="agents en permanence", axis=_whole())),
        base.mark_text(align="left", dx=4).encode(y=name, x="agents:Q", text="agents:Q"),
    )
    missed = alt.layer(
        base.mark_rule(color=MIDDLE, strokeWidth=3).encode(
            y=alt.Y("scenario:N", sort=order, title=None, axis=None),
            x=alt.X("low_day:Q", title="urgences envoyées plus bas, par jour", scale=alt.Scale(domainMin=0)),
            x2="high_day:Q",
        ),
        base.mark_point().encode(y=alt.Y("scenario:N", sort=order, axis=None), x="missed_day:Q"),
    )
    title = f"« {most['scenario']} » demande le plus d'agents : {number(most['agents'])}"
    sizes = {"width": 215, "height": alt.Step(30)}
    return alt.hconcat(agents.properties(**sizes), missed.properties(**sizes)).properties(title=title)


def mixes(table: pd.DataFrame, names: dict[str, str], scenario: str, most: int = 12) -> Figure:
    """The share of each type in a scenario: as it is (bar), counted from answers, estimated from scores."""
    kinds = {"counted": "compté d'après les types donnés", "estimated": "estimé d'après les probabilités"}
    shown = table.head(most).assign(name=[names[one] for one in table.head(most)["type"]])
    long = shown.melt(["name", "true"], ["counted", "estimated"], "how", "share").replace({"how": kinds})
    gaps = {how: float((table[how] - table["true"]).abs().sum() / 2) for how in kinds}
    gap, better = percent(gaps["counted"], 1), percent(gaps["estimated"], 1)
    title = f"Écart au vrai mélange : {gap} en comptant, {better} en estimant"
    order = shown["name"].tolist()
    y = alt.Y("name:N", sort=order, title=None)
    points = alt.Chart(long).mark_point(size=60, filled=True)
    shape = alt.Shape("how:N", title=None, scale=alt.Scale(domain=list(kinds.values()), range=["circle", "diamond"]))
    color = alt.Color("how:N", title=None, scale=alt.Scale(domain=list(kinds.values()), range=[DARK, ACCENT]))
    return alt.layer(
        alt.Chart(shown)
        .mark_bar(color=LIGHT)
        .encode(y=y, x=alt.X("true:Q", title="part des récits", axis=alt.Axis(format=".0%"))),
        points.encode(y=y, x="share:Q", shape=shape, color=color),
    ).properties(
        title=alt.Title(title, subtitle=f"{scenario}. Barre : la vraie part"), width=WIDTH, height=alt.Step(20)
    )


def _threshold() -> alt.X:
    return alt.X("threshold:Q", title="seuil", axis=alt.Axis(format=".2f"), scale=alt.Scale(domain=[0, 1]))


def _whole() -> alt.Axis:
    return alt.Axis(format="d", tickMinStep=1, grid=True)


def _served(chosen: float, label: bool = True) -> alt.LayerChart:
    base = alt.Chart(pd.DataFrame({"threshold": [chosen], "label": [f"sert : {number(chosen, 2)}"]}))
    line = base.mark_rule(strokeDash=[4, 3], color=FAINT).encode(x="threshold:Q")
    said = base.mark_text(align="left", dx=5, baseline="top", color=FAINT).encode(
        x="threshold:Q", y=alt.value(2), text="label:N"
    )
    made: alt.LayerChart = alt.layer(line, said) if label else alt.layer(line)  # type: ignore[assignment]
    return made
