"""Numbers and tables as one writes them in French."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from triage.learning.charts.theme import NARROW_SPACE, SPACE

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

_DASH = "–"


def number(value: float, digits: int = 0) -> str:
    """« 1 234,5 »."""
    if math.isnan(value):
        return _DASH
    return f"{value:,.{digits}f}".replace(",", NARROW_SPACE).replace(".", ",")


def percent(value: float, digits: int = 0) -> str:
    """« 12 % »."""
    return _DASH if math.isnan(value) else number(100 * value, digits) + SPACE + "%"


def between(low: float, high: float, digits: int = 0) -> str:
    """« de 12 à 15 % »."""
    return f"de {number(100 * low, digits)} à {percent(high, digits)}"


def table(
    frame: pd.DataFrame, titles: Mapping[str, str], percents: tuple[str, ...] = (), digits: int = 2, most: int = 40
) -> Styler:
    """The columns of `titles` under French titles; those of `percents` as percentages, other decimals with a comma.

    What people wrote is shown and never run: a notebook's page may do all that its reader may.
    """
    shown = frame[list(titles)].head(most).map(_told)
    how: dict[Any, Any] = {}
    for name in titles:
        if name in percents:
            how[titles[name]] = lambda value: percent(value, 1)
        elif pd.api.types.is_float_dtype(shown[name]):
            how[titles[name]] = lambda value: number(value, digits)
    styled = shown.rename(columns=dict(titles)).style.format(how, escape="html").hide(axis="index")
    return styled.set_table_styles(
        [{"selector": "th, td", "props": "text-align:left; vertical-align:top; padding:2px 10px 2px 0;"}]
    )


def _told(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
