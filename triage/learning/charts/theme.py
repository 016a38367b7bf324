"""One look for all charts: it stays readable in black and white, and fits the width of an A4 page."""

from __future__ import annotations

import warnings
from typing import Any

import altair as alt

# What every function of this package gives.
Figure = alt.TopLevelMixin

# Dark, middle, light: told apart by a printer without colours, and by people who do not see all of them.
DARK, MIDDLE, LIGHT, PALE = "#1f3552", "#6b8cae", "#b9c9da", "#e6ebf1"
INK, FAINT = "#161616", "#666666"
ACCENT = "#c4661f"
# The five levels, from the lowest.
LEVELS = ["#dfe6ee", "#b3c3d4", "#7f9bb8", "#466a90", "#14283f"]
WIDTH = 470  # pixels: 12 cm of the 17 of an A4 page, names and labels beside
NARROW_SPACE, SPACE = "\u202f", "\u00a0"
_FONT = "Liberation Sans, Arial, DejaVu Sans, sans-serif"
_MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
_SHORT = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]
_DAYS = ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"]
_FRENCH: Any = {
    "number": {
        "decimal": ",",
        "thousands": NARROW_SPACE,
        "grouping": [3],
        "currency": ["", SPACE + "€"],
        "percent": NARROW_SPACE + "%",
    },
    "time": {
        "dateTime": "%A %e %B %Y à %X",
        "date": "%d/%m/%Y",
        "time": "%H:%M:%S",
        "periods": ["AM", "PM"],
        "days": _DAYS,
        "shortDays": [f"{day[:3]}." for day in _DAYS],
        "months": _MONTHS,
        "shortMonths": _SHORT,
    },
}


@alt.theme.register("triage", enable=True)
def _look() -> alt.theme.ThemeConfig:
    axis: Any = {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "gridColor": "#dddddd",
        "domainColor": "#888888",
        "tickColor": "#888888",
        "labelLimit": 260,
    }
    return alt.theme.ThemeConfig(
        background="white",
        config={
            "font": _FONT,
            "locale": _FRENCH,
            "view": {"stroke": None, "continuousWidth": WIDTH, "discreteWidth": WIDTH},
            "title": {
                "anchor": "start",
                "frame": "group",
                "color": INK,
                "fontSize": 14,
                "fontWeight": "bold",
                "subtitleColor": FAINT,
                "subtitleFontSize": 11,
                "offset": 12,
                "limit": 640,
            },
            "axis": axis,
            "axisY": {"grid": False},
            "header": {"labelColor": INK, "labelFontSize": 11, "labelFontWeight": "bold", "title": None},
            "legend": {"labelColor": INK, "titleColor": INK, "orient": "top", "titleFontWeight": "normal"},
            "mark": {"color": DARK},
            "bar": {"color": MIDDLE},
            "line": {"color": DARK, "strokeWidth": 2},
            "point": {"color": DARK, "filled": True, "size": 55},
            "rule": {"color": DARK},
            "text": {"color": INK, "fontSize": 11, "font": _FONT},
        },
    )


def begin() -> None:
    """Shows charts as images, fine enough to print: no network is needed, and letters are the same on every machine."""
    alt.data_transformers.disable_max_rows()
    alt.renderers.enable("png", scale_factor=2)
    warnings.filterwarnings("ignore", category=DeprecationWarning)  # of libraries, which an analyst cannot mend
