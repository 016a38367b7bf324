"""`rules/gate.yaml`: what a candidate has to show before it serves, and the groups on which it has to show it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from triage.datafiles import read
from triage.document.folding import fold
from triage.errors import DataError, Problem
from triage.intake.report import Kind
from triage.learning.corpus import Example
from triage.signals.rule import Strict, build
from triage.store.people import Role


class Group(Strict):
    """Texts that are alike in who writes or how: by a value of an `axis` of the plan, or by one of the `words`.

    `of` says it after « aucun récit ».
    """

    id: str
    label: str
    of: str
    axis: Literal["who", "register", "form"] | None = None
    values: list[str] = []
    words: list[str] = []

    @model_validator(mode="after")
    def _one_way(self) -> Group:
        if bool(self.axis and self.values) == bool(self.words):
            raise ValueError("donnez « axis » et « values », ou « words »")
        return self

    def holds(self, example: Example) -> bool:
        """Whether the text is of this group, as far as it is told."""
        if self.axis:
            return example.axes.get(self.axis) in self.values
        return bool(self._said.search(fold(example.text)))

    @cached_property
    def _said(self) -> re.Pattern[str]:
        return re.compile(rf"\b(?:{'|'.join(re.escape(fold(word)) for word in self.words)})\b")


class Learned(Strict):
    """Of each type and group: `least` texts, and at least a `share` of what the served model learned from."""

    least: int = Field(ge=0)
    share: float = Field(ge=0, le=1)


class Card(Strict):
    """The `sections` of a card and the fields of `training.toml` that must be there."""

    sections: list[str]
    training: list[str]


class Approval(Strict):
    """Who may put a model into service, and how many `words` a reason has at least."""

    roles: list[Role] = Field(min_length=1)
    words: int = Field(ge=1)


class GatePolicy(Strict):
    """The limits of the gate.

    `critical_at_most`: the highest one-sided 95 % upper bound of urgent texts sent lower, by kind; `immediate_fewer`:
    immediate dangers that may be recognised less; `smallest`: texts under which nothing is concluded.
    """

    confidence: float = Field(gt=0.5, lt=1)
    detail_confidence: float = Field(gt=0.5, lt=1)
    smallest: int = Field(ge=1)
    critical_at_most: Mapping[Kind, float]
    immediate_fewer: int = Field(ge=0)
    learned: Learned
    card: Card
    approval: Approval
    groups: list[Group] = Field(min_length=1)


def load_gate_policy(rules: Path) -> GatePolicy:
    """The policy in `rules`. Raises DataError with every problem."""
    problems: list[Problem] = []
    file = read(rules / "gate.yaml", problems)
    policy = build(GatePolicy, file, problems) if file else None
    if file and policy and len({group.id for group in policy.groups}) < len(policy.groups):
        problems.append(file.problem("deux groupes ont le même identifiant", "groups"))
    if problems or policy is None:
        raise DataError(problems)
    return policy
