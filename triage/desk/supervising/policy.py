"""`rules/desk/dashboard.yaml`: over which periods the desk is looked at, and how it is cut."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from triage.datafiles import read
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, build


class Period(Strict):
    """So many days back, in steps of so many weeks."""

    days: int = Field(gt=0)
    weeks: int = Field(gt=0)
    label: str


class Age(Strict):
    """Cases that have waited less than `until` minutes (0: no end), and longer than the age before."""

    until: int = Field(ge=0)
    label: str


class DashboardPolicy(Strict):
    """What is offered; `small`: counts below are said to be; `shift_starts`: the hour in Paris; bars of a chart."""

    periods: list[Period] = Field(min_length=1)
    ages: list[Age] = Field(min_length=2)
    small: int = Field(gt=0)
    shift_starts: int = Field(ge=0, le=23)
    most_bars: int = Field(gt=0)

    def period(self, days: str) -> Period:
        """The period of so many days; the first one for any other text."""
        return next((one for one in self.periods if str(one.days) == days), self.periods[0])


def load_dashboard_policy(rules: Path) -> DashboardPolicy:
    """The policy in `rules`. Raises DataError with every problem."""
    problems: list[Problem] = []
    file = read(rules / "desk" / "dashboard.yaml", problems)
    policy = build(DashboardPolicy, file, problems) if file else None
    if file and policy:
        ends = [age.until for age in policy.ages]
        if ends[-1] != 0 or ends[:-1] != sorted({*ends[:-1]} - {0}):
            problems.append(file.problem("les tranches vont en croissant, et la dernière n'a pas de fin (0)", "ages"))
    if problems or policy is None:
        raise DataError(problems)
    return policy
