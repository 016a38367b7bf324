"""`rules/desk/alerts.yaml`: who is told, when, how often, and how long a delivery is tried."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field

from triage.datafiles import read
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, build

KINDS = ("immediate", "unclaimed", "late", "uncovered", "reminder", "undelivered", "quality", "apart")
Group = Literal["duty", "agents", "supervisors", "everywhere", "administrators"]


class AlertKind(Strict):
    """One kind of alert. `every`: minutes between two rounds, 0 for only one; `to`: the first that can be reached.

    `pressing`: sent in quiet hours too, where nobody else can be reached. `see`: where to look, when it is of no case.
    """

    title: str
    toast: str = Field(max_length=100)
    every: int = Field(ge=0)
    pressing: bool
    see: str = ""
    to: list[list[Group]] = Field(min_length=1)


class AlertPolicy(Strict):
    """The kinds of alerts; `ringing` levels, minutes until supervisors are told, the round that leaves the rota aside.

    `grace`: minutes late that are allowed, by level; `retries`: seconds before each new try of a delivery; `lease`,
    `patience`: seconds that one may take; `lines`: how many at once; `kept`: days; `longest_shift`: hours.
    """

    kinds: dict[str, AlertKind]
    ringing: list[str] = Field(min_length=1)
    unclaimed_after: int = Field(gt=0)
    widen_at: int = Field(gt=0)
    grace: dict[str, int]
    retries: list[int] = Field(min_length=1)
    lease: int = Field(gt=0)
    patience: int = Field(gt=0)
    lines: int = Field(gt=0)
    kept: int = Field(gt=0)
    longest_shift: int = Field(gt=0)

    @property
    def pressing(self) -> list[str]:
        """The kinds that do not wait."""
        return [name for name, kind in self.kinds.items() if kind.pressing]

    def allowed(self, level: str) -> timedelta:
        """How late a case of that level may be before anybody is told."""
        return timedelta(minutes=self.grace.get(level, 0))

    def retry(self, tries: int) -> timedelta | None:
        """How long to wait after that many tries; None when it is given up."""
        return timedelta(seconds=self.retries[tries - 1]) if tries <= len(self.retries) else None


def load_alert_policy(rules: Path, levels: Collection[str]) -> AlertPolicy:
    """The policy in `rules`. Raises DataError with every problem."""
    problems: list[Problem] = []
    file = read(rules / "desk" / "alerts.yaml", problems)
    policy = build(AlertPolicy, file, problems) if file else None
    if file and policy:
        strange = sorted({*policy.ringing, *policy.grace} - set(levels))
        problems += [file.problem(f"niveau inconnu : « {name} »") for name in strange]
        unknown, missing = sorted({*policy.kinds} - {*KINDS}), sorted({*KINDS} - {*policy.kinds})
        problems += [file.problem(f"alerte inconnue : « {name} »", "kinds", name) for name in unknown]
        problems += [file.problem(f"alerte non décrite : « {name} »", "kinds") for name in missing]
        if policy.lease <= 2 * policy.patience:
            problems.append(file.problem("le bail d'un envoi doit dépasser deux fois la patience", "lease"))
    if problems or policy is None:
        raise DataError(problems)
    return policy
