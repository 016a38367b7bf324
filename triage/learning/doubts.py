"""Labels that look wrong: a model that has not read the text's voice is nearly sure of something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from triage.learning.training import Floats, Material

_SURE = 0.8
_UNLIKELY = 0.05


@dataclass(frozen=True)
class Doubt:
    """A text whose label (`head`) is given `chance`, and what the model finds instead."""

    id: str
    head: str
    chance: float
    instead: str


def doubts(material: Material, names: Sequence[str], chances: Floats) -> list[Doubt]:
    """The doubtful primaries and red flags, the most doubtful first; to be read again, never mended blindly.

    In the manner of confident learning (Northcutt, Jiang and Chuang, 2021), with whole voices held out.
    """
    columns = {name: i for i, name in enumerate(names)}
    primaries = [name for name in names if name.startswith("primary:")]
    found = []
    for example, row in zip(material.examples, np.asarray(chances), strict=True):
        best = max(primaries, key=lambda name: row[columns[name]])
        own = float(row[columns[f"primary:{example.primary}"]]) if f"primary:{example.primary}" in columns else 1.0
        if own < _UNLIKELY and row[columns[best]] > _SURE:
            found.append(Doubt(example.id, f"primary:{example.primary}", own, best))
        for name, place in columns.items():
            if not name.startswith("flag:"):
                continue
            told = name.removeprefix("flag:") in example.red_flags
            chance = float(row[place]) if told else 1.0 - float(row[place])
            if chance < _UNLIKELY:
                found.append(
                    Doubt(example.id, name if told else f"sans {name}", chance, f"sans {name}" if told else name)
                )
    return sorted(found, key=lambda one: one.chance)
