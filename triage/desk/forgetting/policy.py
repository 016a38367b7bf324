"""`rules/retention.yaml`: how long each thing is kept, why, and what a jurist must still decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from triage.datafiles import DataFile, read
from triage.desk.extraction import YEAR
from triage.desk.handling.conduct import Outcome
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, build

# What the purge itself deletes, by its name in the file (see `leftovers` and `files`).
PURGED = (
    *("empreintes", "ombre", "echantillon", "apprentissage", "comptes_en_attente", "caches", "archives"),
    *("sessions", "inscriptions", "essais", "provenances", "gardes", "qualite"),
)
COLUMNS = ("month", "departement", "type", "level", "outcome")
_STATES = ("open", "withdrawn", "closed", "transmitted")


class Kept(Strict):
    """Something that is kept: for so many `days` (none: nothing deletes it), and `why`."""

    id: str = Field(max_length=24)
    label: str
    days: int | None = Field(default=None, ge=0)
    why: str = Field(min_length=1)
    a_trancher: bool = False

    @property
    def time(self) -> timedelta:
        """How long; only for what has a duration."""
        return timedelta(days=self.days or 0)


class CaseRule(Kept):
    """Cases of a `state`. `waits`: an agent has to act; `taken`: one had it once, for open cases; `outcomes`: these."""

    state: Literal["open", "withdrawn", "closed", "transmitted"]
    waits: bool = False
    taken: bool | None = None
    outcomes: list[str] = []

    @model_validator(mode="after")
    def _held(self) -> CaseRule:
        if (self.state == "transmitted" or self.waits) and self.days is not None:
            raise ValueError("un dossier transmis, ou qui attend un agent, n'a pas d'échéance : ôtez « days »")
        if self.taken is not None and self.state != "open":
            raise ValueError("« taken » ne se dit que d'un dossier ouvert")
        return self


class OtherRule(Kept):
    """What is no case. `by`: the purge deletes it, or some other part of the service does."""

    by: Literal["purge", "itself"]

    @model_validator(mode="after")
    def _dated(self) -> OtherRule:
        if self.by == "purge" and self.days is None:
            raise ValueError("donnez des jours à ce que la purge efface")
        return self


class Brake(Strict):
    """More than this `share` of the cases at once, and `above` that number, needs somebody to ask for it."""

    share: float = Field(gt=0, le=1)
    above: int = Field(ge=0)


class Counting(Strict):
    """How counts of purged cases are made wider: days that one waits for others, and the steps, column → table."""

    wait: int = Field(ge=0)
    steps: list[dict[str, str]]


class Retention(Strict):
    """The whole file."""

    hour: int = Field(ge=0, le=23)
    brake: Brake
    statistics: Counting
    cases: list[CaseRule] = Field(min_length=1)
    others: list[OtherRule] = Field(min_length=1)

    @property
    def ending(self) -> list[CaseRule]:
        """The rules that end something."""
        return [rule for rule in self.cases if rule.days is not None]

    def other(self, name: str) -> OtherRule:
        """The rule of what the purge deletes under that name."""
        return next(rule for rule in self.others if rule.id == name)


def load_retention(rules: Path, outcomes: Mapping[str, Outcome], wider: Collection[str]) -> Retention:
    """The policy in `rules`; `wider` are the tables of wider values. Raises DataError with every problem."""
    problems: list[Problem] = []
    file = read(rules / "retention.yaml", problems)
    policy = build(Retention, file, problems) if file else None
    if file and policy:
        problems += _problems(file, policy, outcomes, wider)
    if problems or policy is None:
        raise DataError(problems)
    return policy


def _problems(
    file: DataFile, policy: Retention, outcomes: Mapping[str, Outcome], wider: Collection[str]
) -> Iterator[Problem]:
    named = Counter(rule.id for rule in (*policy.cases, *policy.others))
    for name in sorted(name for name, times in named.items() if times > 1):
        yield file.problem(f"« {name} » est dit deux fois")
    for state in _STATES:
        yield from _state(file, [rule for rule in policy.cases if rule.state == state], state)
    for i, rule in enumerate(policy.cases):
        for name in rule.outcomes:
            if name not in outcomes or outcomes[name].state != rule.state:
                yield file.problem(f"« {name} » n'est pas une issue de cet état", "cases", i)
    purged = {rule.id for rule in policy.others if rule.by == "purge"}
    for name in sorted(purged ^ set(PURGED)):
        yield file.problem(f"« {name} » : {'la purge ne sait pas l’effacer' if name in purged else 'absent'}", "others")
    if "comptes_en_attente" in purged and policy.other("comptes_en_attente").days != policy.statistics.wait:
        yield file.problem("« comptes_en_attente » a les jours de « wait »", "others")
    for i, step in enumerate(policy.statistics.steps):
        for column, table in step.items():
            if column not in COLUMNS or (table and table != YEAR and table not in wider):
                yield file.problem(f"étape inconnue « {column}: {table} »", "statistics", "steps", i)


def _state(file: DataFile, rules: list[CaseRule], state: str) -> Iterator[Problem]:
    """Every case of a state has one rule, and no more than one."""
    told = [name for rule in rules for name in rule.outcomes]
    if len(told) != len(set(told)):
        yield file.problem(f"« {state} » : une issue est dite deux fois", "cases")
    general = [rule for rule in rules if not rule.outcomes and not rule.waits]
    taken = sorted(str(rule.taken) for rule in general)
    if taken not in (["None"], ["False", "True"]):
        yield file.problem(f"« {state} » : donnez une règle pour tous, ou une par « taken »", "cases")
