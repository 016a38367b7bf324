"""How agents conduct a case, from `rules/desk/`: messages, outcomes, the daily sample, who is called back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field

from triage.datafiles import DataFile, read
from triage.diagnostic.sources import resolve, unknown_references
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, build

Part = TypeVar("Part", bound=Strict)


class Template(Strict):
    """A message to begin from."""

    id: str
    title: str
    text: str


class Messages(Strict):
    """`messages.yaml`. `notice`: minutes after which an unread message is told by e-mail.

    `files` and `megabytes`: what goes with one message; `blank` marks what the agent has to complete; `signatures` are
    by force, `signature` for no force; `closed` and `anew` are said on a closed case.
    """

    notice: int = Field(ge=0)
    files: int = Field(ge=0)
    megabytes: int = Field(ge=1)
    blank: str
    signatures: dict[str, str]
    signature: str
    closed: str
    anew: str
    templates: list[Template]


class Outcome(Strict):
    """How a case ends; `told` is what the official reads, `reason` says that the agent has to give one."""

    id: str = Field(max_length=32)
    label: str
    state: Literal["closed", "transmitted"]
    told: str
    reason: bool = False


class Outcomes(Strict):
    """`outcomes.yaml`."""

    outcomes: list[Outcome] = Field(min_length=1)


class Sampling(Strict):
    """`sampling.yaml`: the share drawn and its bounds, how many read each, days that a draw catches up.

    `conclusive`: reports read before anything is concluded; `pairs`: those that two have read, before a kappa is told.
    """

    share: float = Field(gt=0, le=1)
    least: int = Field(ge=0)
    most: int = Field(ge=1)
    readers: int = Field(ge=1)
    catch_up: int = Field(ge=1)
    conclusive: int = Field(ge=1)
    pairs: int = Field(ge=2)


class Weights(Strict):
    """What makes a report teach much: each between 0 and 1, then multiplied by this."""

    primary: float = Field(ge=0)
    level: float = Field(ge=0)
    rules: float = Field(ge=0)
    words: float = Field(ge=0)
    unlike: float = Field(ge=0)


class Whys(Strict):
    """The sentences that say why a report was chosen, one for each of `Weights`; `rules` and `model` for one."""

    primary: str
    level: str
    rules: str
    model: str
    words: str
    unlike: str


class Teaching(Strict):
    """`teaching.yaml`; each field is explained there."""

    number: int = Field(ge=1)
    most_waiting: int = Field(ge=1)
    days: int = Field(ge=1)
    pool: int = Field(ge=1)
    weights: Weights
    margin: float = Field(gt=0, le=1)
    near: float = Field(gt=0)
    unknown: float = Field(gt=0, le=1)
    letters: int = Field(ge=1)
    likeness: float = Field(gt=0, le=1)
    diversity: float = Field(ge=0, le=1)
    least: float = Field(ge=0, le=1)
    said: float = Field(ge=0, le=1)
    words_said: int = Field(ge=1)
    whys: Whys


class Result(Strict):
    """What a call back told of who speaks."""

    id: str = Field(max_length=16)
    label: str
    told: str


class Identity(Strict):
    """`identity.yaml`: the sorts of entries that are called, and of units that a case may be about."""

    callers: list[str]
    results: list[Result]
    units: list[str]
    named: str


@dataclass(frozen=True)
class Conduct:
    """All of it, references filled in, lists by id."""

    messages: Messages
    templates: Mapping[str, Template]
    outcomes: Mapping[str, Outcome]
    sampling: Sampling
    teaching: Teaching
    identity: Identity
    results: Mapping[str, Result]


def load_conduct(rules: Path, references: Mapping[str, str]) -> Conduct:
    """The conduct in `rules`. Raises DataError with every problem."""
    problems: list[Problem] = []
    messages = _read(rules, "messages", Messages, problems, references)
    outcomes = _read(rules, "outcomes", Outcomes, problems)
    sampling = _read(rules, "sampling", Sampling, problems)
    teaching = _read(rules, "teaching", Teaching, problems)
    identity = _read(rules, "identity", Identity, problems)
    if problems or not (messages and outcomes and sampling and teaching and identity):
        raise DataError(problems)
    return Conduct(
        messages,
        {one.id: one for one in messages.templates},
        {one.id: one for one in outcomes.outcomes},
        sampling,
        teaching,
        identity,
        {one.id: one for one in identity.results},
    )


def _read(
    rules: Path, name: str, model: type[Part], problems: list[Problem], references: Mapping[str, str] | None = None
) -> Part | None:
    file = read(rules / "desk" / f"{name}.yaml", problems)
    if file is None:
        return None
    problems += _twice(file)
    if references is not None:
        wrong = unknown_references(_texts(file.data), references)
        problems += [file.problem(f"{one} ne désigne rien") for one in wrong]
        file = DataFile(file.path, _filled(file.data, references))
    return build(model, file, problems)


def _twice(file: DataFile) -> list[Problem]:
    """The ids that a list of the file gives to two of its entries."""
    found = []
    for key, listed in file.data.items():
        ids = [one.get("id") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        found += [file.problem(f"« {one} » est écrit deux fois", key, i) for i, one in enumerate(ids) if one in ids[:i]]
    return found


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else []


def _filled(value: object, references: Mapping[str, str]) -> dict[str, object]:
    def fill(part: object) -> object:
        if isinstance(part, dict):
            return {key: fill(inner) for key, inner in part.items()}
        if isinstance(part, list):
            return [fill(inner) for inner in part]
        return resolve(part, references) if isinstance(part, str) else part

    whole = fill(value)
    return whole if isinstance(whole, dict) else {}
