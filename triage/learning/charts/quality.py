"""How right the engine is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from triage.learning.calibration import Bin, expected_calibration_error
from triage.learning.charts.theme import ACCENT, DARK, FAINT, INK, MIDDLE, WIDTH, Figure
from triage.learning.charts.writing import between, number, percent

Names = Mapping[str, str]
MEASURES = {
    "precision": "précision",
    "recall": "rappel",
    "primary": "type principal juste",
    "under": "urgences envoyées plus bas",
    "over": "récits calmes envoyés à un agent",
}
AXES = {
    "teller": "qui raconte",
    "gender": "genre de qui raconte",
    "mandate": "mandat",
    "overseas": "lieu",
    "writing": "écriture",
    "voice": "voix",
    "register": "registre",
}
# Fewer reports make no title.
_ENOUGH = 30
_SHARE = alt.Axis(format=".0%", tickCount=5)


def by_type(table: pd.DataFrame, names: Names) -> Figure:
    """Precision and recall of each type with their 95 % interval and the number of texts counted."""
    shown = table.assign(
        name=[names[one] for one in table["type"]],
        measure=[MEASURES[one] for one in table["measure"]],
        label=["n = " + number(n) for n in table["count"]],
    )
    recall = table[table["measure"] == "recall"].sort_values(["share", "type"])
    worst = recall.iloc[0]
    order = [names[one] for one in recall["type"]]
    title = (
        f"Le moins bien retrouvé : « {names[worst['type']]} » "
        f"({percent(worst['share'])}, {between(worst['low'], worst['high'])})"
    )
    y = alt.Y("name:N", sort=order, title=None)
    base = alt.Chart(shown)
    layered = alt.layer(
        base.mark_rule(color=MIDDLE, strokeWidth=3).encode(
            y=y, x=alt.X("low:Q", title=None, axis=_SHARE, scale=alt.Scale(domain=[0, 1.0])), x2="high:Q"
        ),
        base.mark_point().encode(y=y, x="share:Q"),
        base.mark_text(align="left", dx=10, fontSize=9, color=FAINT).encode(y=y, x=alt.value(205), text="label:N"),
    ).properties(width=205, height=alt.Step(16))
    return layered.facet(alt.Facet("measure:N"), columns=2, spacing=50).properties(title=title)


def confusions(table: pd.DataFrame, names: Names, size: int) -> Figure:
    """The main types most often taken for another; of `size` texts."""
    shown = table.assign(pair=[f"{names[a]} → {names[b]}" for a, b in zip(table["truth"], table["said"], strict=True)])
    title = f"Les confusions les plus fréquentes (vrai type → type donné), sur {number(size)} textes"
    base = alt.Chart(shown).encode(
        y=alt.Y("pair:N", sort=shown["pair"].tolist(), title=None, axis=alt.Axis(labelLimit=400))
    )
    made: Figure = (
        alt.layer(
            base.mark_bar(color=MIDDLE).encode(
                x=alt.X("count:Q", title="textes", axis=alt.Axis(tickMinStep=1, format="d"))
            ),
            base.mark_text(align="left", dx=4).encode(x="count:Q", text="count:Q"),
        )
        .properties(title=title, width=300, height=alt.Step(17))
        .configure_axisY(labelLimit=420)
    )
    return made


def reliability(bins: Sequence[Bin]) -> Figure:
    """Of answers given such a probability, the share that is true; on the dotted line, they mean what they say."""
    shown = pd.DataFrame([vars(one) for one in bins])
    shown["label"] = [number(n) for n in shown["count"]]
    gap = expected_calibration_error(list(bins))
    title = f"Les probabilités disent vrai à {number(100 * gap, 1)} point près, en moyenne"
    scale, axis = alt.Scale(domain=[0, 1]), alt.Axis(format=".0%", tickCount=5, grid=True)
    base = alt.Chart(shown)
    line = alt.Chart(pd.DataFrame({"x": [0, 1]})).mark_line(color=FAINT, strokeDash=[3, 3], strokeWidth=1)
    return alt.layer(
        line.encode(
            x=alt.X("x:Q", title="probabilité dite", scale=scale, axis=axis),
            y=alt.Y("x:Q", title="part vraie", scale=scale, axis=axis),
        ),
        base.mark_line().encode(x="said:Q", y="true:Q"),
        base.mark_point().encode(x="said:Q", y="true:Q"),
        base.mark_text(align="left", dx=8, dy=8, fontSize=9).encode(x="said:Q", y="true:Q", text="label:N"),
    ).properties(
        title=alt.Title(title, subtitle="Le nombre près de chaque point : combien de réponses"), width=300, height=300
    )


def triage_curve(table: pd.DataFrame, chosen: float, level: str) -> Figure:
    """Missed against sent too high as the threshold moves, with the interval of misses; the point is the served one."""
    at = table.iloc[(table["threshold"] - chosen).abs().argmin()]
    title = f"Au seuil choisi ({number(chosen, 2)}) : {percent(at['missed'], 1)} manqués, {percent(at['over'])} en trop"
    subtitle = f"Niveau « {level} » et au-dessus. Bande : intervalle à 95 % des manqués."
    base = alt.Chart(table)
    x = alt.X("over:Q", title="part des récits qui ne le méritaient pas, envoyés quand même", axis=_SHARE)
    top = max(0.1, float(table["high"].max()))
    y = alt.Y("low:Q", title="part manquée", axis=alt.Axis(format=".0%", grid=True), scale=alt.Scale(domain=[0, top]))
    point = alt.Chart(at.to_frame().T.astype(float).assign(label=f"seuil {number(chosen, 2)}"))
    return alt.layer(
        base.mark_area(opacity=0.18, color=DARK).encode(x=x, y=y, y2="high:Q"),
        base.mark_line(point={"size": 22, "filled": True}).encode(x="over:Q", y="missed:Q", order="threshold:Q"),
        point.mark_point(size=150, color=ACCENT, shape="diamond").encode(x="over:Q", y="missed:Q"),
        point.mark_text(align="left", dx=10, dy=-10, fontWeight="bold").encode(
            x="over:Q", y="missed:Q", text="label:N"
        ),
    ).properties(title=alt.Title(title, subtitle=subtitle), width=WIDTH, height=260)


def by_group(table: pd.DataFrame, measure: str, overall: float, title: str) -> Figure:
    """One measure in each group with its 95 % interval; the dotted line is the share of all texts."""
    here = table[table["measure"] == measure].assign(all=overall)
    shown = here.assign(
        axis=[AXES.get(one, one) for one in here["axis"]], label=["n = " + number(n) for n in here["count"]]
    )
    y = alt.Y("group:N", title=None)
    base = alt.Chart(shown)
    layered = alt.layer(
        base.mark_rule(strokeDash=[3, 3], color=FAINT).encode(x="all:Q"),
        base.mark_rule(color=MIDDLE, strokeWidth=3).encode(
            y=y, x=alt.X("low:Q", title=MEASURES[measure], axis=_SHARE, scale=alt.Scale(domain=[0, 1])), x2="high:Q"
        ),
        base.mark_point().encode(y=y, x="share:Q"),
        base.mark_text(align="left", dx=6, fontSize=9, color=FAINT).encode(y=y, x=alt.value(330), text="label:N"),
    ).properties(width=330, height=alt.Step(16))
    panel = alt.Facet("axis:N", header=alt.Header(labelAnchor="start"))
    made: Figure = layered.facet(panel, columns=1, spacing=8).resolve_scale(y="independent").properties(title=title)
    return made


def flips(table: pd.DataFrame) -> Figure:
    """For each change, the share of reports whose level moves, with its 95 % interval, and in which direction."""
    shown = table.assign(
        label=[
            f"{up} plus haut, {down} plus bas, sur {number(pairs)}"
            for up, down, pairs in zip(table["up"], table["down"], table["pairs"], strict=True)
        ]
    )
    enough = shown[shown["pairs"] >= _ENOUGH] if (shown["pairs"] >= _ENOUGH).any() else shown
    worst = enough.iloc[int(enough["share"].to_numpy().argmax())]
    title = f"« {worst['title']} » déplace le plus de niveaux : {percent(worst['share'], 1)} des récits"
    base = alt.Chart(shown).encode(y=alt.Y("title:N", sort=shown["title"].tolist(), title=None))
    top = float(shown["high"].max()) * 1.75
    x = alt.X("low:Q", title="récits dont le niveau change", axis=_SHARE, scale=alt.Scale(domain=[0, top]))
    return alt.layer(
        base.mark_rule(color=MIDDLE, strokeWidth=3).encode(x=x, x2="high:Q"),
        base.mark_point().encode(x="share:Q"),
        base.mark_text(align="left", dx=7, color=INK).encode(x="high:Q", text="label:N"),
    ).properties(title=title, width=WIDTH, height=alt.Step(20))
