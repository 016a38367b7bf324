"""`rules/demo/`: who plays, what is told, what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from triage.datafiles import read
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, build


class Actor(Strict):
    """Somebody of the desk."""

    login: str
    name: str
    role: str
    departements: list[str]
    force: str
    unit: str = ""


class Cast(Strict):
    """Who plays, the directory (two CSV tables), and what agents write."""

    people: list[Actor]
    duty: list[str]
    units: str
    communes: str
    lines: dict[str, str]


class Scripted(Strict):
    """A report: `ago` hours before now, and the scene that follows."""

    ago: float
    departement: str
    force: str
    commune: str
    who: str
    text: str
    contact: str = ""
    hours: str = ""
    campaign: str = ""
    scene: Literal["", "talk", "measures", "closed"] = ""


class Reports(Strict):
    """What is told."""

    reports: list[Scripted]


def load_script(rules: Path) -> tuple[Cast, list[Scripted]]:
    """The cast and the reports. Raises DataError with every problem."""
    problems: list[Problem] = []
    files = [read(rules / "demo" / name, problems) for name in ("cast.yaml", "reports.yaml")]
    cast = build(Cast, files[0], problems) if files[0] else None
    told = build(Reports, files[1], problems) if files[1] else None
    if problems or cast is None or told is None:
        raise DataError(problems)
    return cast, told.reports
