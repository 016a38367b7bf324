"""The two curves of docs/performance.md."""

from __future__ import annotations

from pathlib import Path

import altair as alt
import pandas as pd

from triage.learning.charts.theme import ACCENT, DARK, WIDTH, begin


def draw(rules: pd.DataFrame, lengths: pd.DataFrame, folder: Path) -> None:
    """Writes both under `folder`."""
    begin()
    _curve(
        rules,
        alt.X(
            "rules:Q", title="nombre de règles", scale=alt.Scale(type="log"), axis=alt.Axis(values=[*rules["rules"]])
        ),
        "Temps d’un récit de 120 mots, selon le nombre de règles",
        folder / "performance-regles.png",
    )
    _curve(
        lengths,
        alt.X("words:Q", title="nombre de mots du texte"),
        "Temps selon la longueur du texte",
        folder / "performance-longueur.png",
    )


def _curve(frame: pd.DataFrame, x: alt.X, title: str, path: Path) -> None:
    parts = list(dict.fromkeys(frame["part"]))
    color = alt.Color(
        "part:N", title=None, sort=parts, scale=alt.Scale(domain=parts, range=[DARK, ACCENT]), legend=alt.Legend()
    )
    chart = (
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(x=x, y=alt.Y("ms:Q", title="millisecondes (médiane)", scale=alt.Scale(zero=True)), color=color)
        .properties(title=title, width=WIDTH, height=260)
    )
    chart.save(path, scale_factor=2)
