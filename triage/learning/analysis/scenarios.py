"""What if other reports came: the same texts, weighed as a scenario says; and the mix that scores alone let guess."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from triage.datafiles import read
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, build
from triage.threats.kinds import load_kinds

_SEED = 20261127
_STEPS, _STILL = 500, 1e-7
Floats = NDArray[np.float64]


class Scenario(Strict):
    """`per_hour` reports come in an hour; a type in `factors` comes so many times as often as in the texts at hand."""

    id: str
    title: str
    per_hour: float = Field(gt=0)
    factors: dict[str, float]


class ScenariosFile(Strict):
    """`rules/scenarios.yaml`: minutes of work by level, the share of reports to be `answered` `within` minutes."""

    minutes: dict[str, float]
    answered: float = Field(gt=0, lt=1)
    within: float = Field(gt=0)
    scenarios: list[Scenario] = Field(min_length=1)


def load_scenarios(rules: Path) -> ScenariosFile:
    """The suppositions in `rules`. Raises DataError with every problem."""
    problems: list[Problem] = []
    file = read(rules / "scenarios.yaml", problems)
    content = build(ScenariosFile, file, problems) if file else None
    if file and content:
        known = load_kinds(rules)
        for i, scenario in enumerate(content.scenarios):
            for name in scenario.factors.keys() - known.keys():
                problems.append(file.problem(f"type inconnu : « {name} »", "scenarios", i, "factors", name))
    if problems or content is None:
        raise DataError(problems)
    return content


def weights(frame: pd.DataFrame, scenario: Scenario, column: str = "primary") -> pd.Series[float]:
    """How many reports of the scenario each text stands for; one on average."""
    factor = frame[column].map(lambda name: scenario.factors.get(name, 1.0)).astype(float)
    return factor / factor.mean()


def drawn(frame: pd.DataFrame, scenario: Scenario, size: int, seed: int = _SEED) -> pd.DataFrame:
    """`size` texts drawn, with repetition, as the scenario mixes them."""
    told = weights(frame, scenario)
    return frame.sample(size, replace=True, weights=told, random_state=seed).reset_index(drop=True)


def mix(frame: pd.DataFrame, names: Sequence[str], column: str = "primary") -> Floats:
    """The share of each of `names`."""
    found = frame[column].value_counts(normalize=True)
    return np.array([float(found.get(name, 0.0)) for name in names])


def estimated_mix(chances: Floats, taught: Floats) -> Floats:
    """The share of each type among new texts, from the scores alone, no label being known.

    Saerens, M., Latinne, P. and Decaestecker, C. (2002), Adjusting the outputs of a classifier to new a priori
    probabilities: each step reweighs `chances` (texts, types) by the shares found so far over those `taught`, then
    averages them. Right as far as only the mix changed: texts of a type are told as before.
    """
    chances = chances / chances.sum(axis=1, keepdims=True)
    taught = np.maximum(taught, 1e-9)
    share: Floats = taught / taught.sum()
    for _ in range(_STEPS):
        told = chances * (share / taught)
        new = (told / told.sum(axis=1, keepdims=True)).mean(axis=0)
        if np.abs(new - share).max() < _STILL:
            return np.asarray(new, float)
        share = np.asarray(new, float)
    return share


def primary_chances(frame: pd.DataFrame) -> tuple[list[str], Floats]:
    """The types that the model knows as main types, and the chance of each, of shape (texts, types)."""
    heads = [name for name in frame.columns if name.startswith("primary:")]
    return [head.removeprefix("primary:") for head in heads], frame[heads].to_numpy(float)


def mixes(frame: pd.DataFrame, scenario: Scenario, size: int) -> pd.DataFrame:
    """type, ordinary, true, counted, estimated: a scenario drawn from `frame`, and how its mix would be guessed.

    `counted`: by the types that the engine gives; `estimated`: by `estimated_mix`.
    """
    names, _ = primary_chances(frame)
    seen = drawn(frame[frame["primary"].isin(names)], scenario, size)
    shares = {
        "ordinary": mix(frame, names),
        "true": mix(seen, names),
        "counted": mix(seen, names, "engine_primary"),
        "estimated": estimated_mix(primary_chances(seen)[1], mix(frame, names)),
    }
    return pd.DataFrame({"type": names, **shares}).sort_values("true", ascending=False, ignore_index=True)
