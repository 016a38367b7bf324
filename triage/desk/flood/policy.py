"""`rules/desk/flood.yaml`: when reports look like a weapon, and what is said of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

from pydantic import Field

from triage.datafiles import read
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, build


class Flood(Strict):
    """So many near-copies of a report from one source within some minutes; `sure`: even those with something of their
    own."""

    minutes: int = Field(ge=1)
    similarity: float = Field(gt=0, le=1)
    reports: int = Field(ge=2)
    sure: int = Field(ge=2)
    most: int = Field(ge=10)


class Accused(Strict):
    """So many reports within some hours that name the same account, and nothing that can be checked."""

    hours: int = Field(ge=1)
    reports: int = Field(ge=2)


class Named(Strict):
    """What comes before a name that is the author's own."""

    own: list[str]


class Texts(Strict):
    """What is read of each ground, of a case in the queue, of one that is held."""

    flood: str
    accused: str
    named: str
    mark: str
    held: str

    def of(self, ground: str, number: int, sources: int) -> str:
        """Why a case is to be looked at."""
        told: str = getattr(self, ground)
        return told.format(nombre=number, sources=sources)


class FloodPolicy(Strict):
    """The file; each field is explained there."""

    sources: int = Field(ge=1)
    never: list[str]
    back: int = Field(ge=1)
    keep: int = Field(ge=1)
    flood: Flood
    accused: Accused
    named: Named
    texts: Texts

    @property
    def kept(self) -> timedelta:
        """How long a source is known."""
        return timedelta(hours=self.sources)

    @property
    def margin(self) -> timedelta:
        """How long before it is due a case comes back to the queue by itself."""
        return timedelta(minutes=self.back)


def load_flood_policy(rules: Path, levels: Collection[str]) -> FloodPolicy:
    """The policy in `rules`. Raises DataError with every problem."""
    problems: list[Problem] = []
    file = read(rules / "desk" / "flood.yaml", problems)
    policy = build(FloodPolicy, file, problems) if file else None
    if file and policy:
        for level in policy.never:
            if level not in levels:
                problems.append(file.problem(f"niveau inconnu : « {level} »", "never"))
        if policy.sources < max(policy.accused.hours, policy.flood.minutes // 60):
            problems.append(file.problem("les sources sont oubliées avant d'avoir servi", "sources"))
    if problems or policy is None:
        raise DataError(problems)
    return policy
