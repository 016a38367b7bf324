"""The tables of docs/performance.md, written between marks in it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.side_by_side.goals import Goal
from benchmarks.side_by_side.timing import Ratio, Times, ratio
from triage.learning.charts.writing import number

PAGE = Path("docs/performance.md")
_BUSY = 0.7  # programs that wait for a core, for each core, besides ours


def write(name: str, lines: Sequence[str]) -> None:
    """Prints `lines` and puts them between the marks of `name`."""
    told = "\n".join(lines)
    print(f"\n{told}\n", flush=True)
    text = PAGE.read_text(encoding="utf-8")
    marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    assert marked.search(text), f"docs/performance.md n'a pas de partie « {name} »"
    PAGE.write_text(marked.sub(lambda found: found[1] + told + "\n" + found[2], text), encoding="utf-8")


def machine(day: str, load: float) -> list[str]:
    """Where and when figures were taken, and a warning where other programs weighed on them."""
    cores = os.cpu_count() or 1
    lines = [f"Pris le {day}, {cores} cœurs, charge des autres programmes : {number(load, 1)}."]
    if load > _BUSY * cores:
        lines = [f"> **Machine chargée : les temps sont trop longs, les rapports approximatifs.** {lines[0]}"]
    return lines


def contenders(titles: Mapping[str, str], taken: Mapping[str, Times]) -> list[str]:
    """One line each: its time, and how many times that of the whole."""
    lines = ["| | médiane | quartiles | fois notre temps (intervalle à 95 %) |", "|---|---|---|---|"]
    for name, title in titles.items():
        low, middle, high = 1000 * np.quantile(taken[name], (0.25, 0.5, 0.75))
        times = "1" if name == "ours" else interval(ratio(taken[name], taken["ours"]))
        lines.append(f"| {title} | {number(middle, 2)} ms | {number(low, 2)} – {number(high, 2)} | {times} |")
    return lines


def interval(found: Ratio) -> str:
    """« 2,1 (2,0 – 2,3) »."""
    return f"{number(found.value, 2)} ({number(found.low, 2)} – {number(found.high, 2)})"


def goals(judged: Mapping[Goal, Ratio]) -> list[str]:
    """One line each: what was aimed at, what was found."""
    lines = ["| but | mesuré | |", "|---|---|---|"]
    for goal, found in judged.items():
        lines.append(f"| {goal.title} | {interval(found)} | {'atteint' if goal.met(found) else '**manqué**'} |")
    return lines


def curve(frame: pd.DataFrame, column: str, title: str) -> list[str]:
    """A line for each size, a column for each part."""
    parts = list(dict.fromkeys(frame["part"]))
    wide = frame.pivot(index=column, columns="part", values="ms")
    lines = [f"| {title} | {' | '.join(parts)} |", "|---" * (len(parts) + 1) + "|"]
    for size in wide.index:
        cells = [f"{number(wide.loc[size, part], 2)}{' ms' if wide.loc[size, part] > 0 else ''}" for part in parts]
        lines.append(f"| {number(size)} | {' | '.join(cells)} |")
    return lines
