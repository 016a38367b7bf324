"""The frozen set, which teaches nothing and judges: what an engine says of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from triage.bootstrap import fact_names
from triage.engine import Engine
from triage.errors import ModelError
from triage.intake.report import Report
from triage.learning.build import gold_of, labelled
from triage.learning.card import rounded
from triage.learning.corpus import Example, Labels, load
from triage.learning.evaluation import LEVELS, Labelled, figures
from triage.threats.modelfile import KINDS

# Written texts have no date of their own; any fixed moment makes a measure repeatable.
_READ_AT = datetime(2026, 1, 15, 9, 0)
Progress = Callable[[int], None]


def load_frozen(engine: Engine, rules: Path, models: Path) -> list[Example]:
    """The reports and the messages of `models`/frozen. Raises DataError, ModelError when they are not there."""
    folder = models / "frozen"
    if not folder.is_dir():
        raise ModelError(f"l'ensemble gelé manque dans {models} : un modèle ne se mesure et ne se compare qu'avec lui")
    labels = Labels(list(engine.composer.kinds), LEVELS, list(engine.assessor.flags), fact_names(rules))
    return [*load(folder, labels), *load(folder / "messages", labels)]


def judge(engine: Engine, examples: Sequence[Example], progress: Progress = lambda _: None) -> list[Labelled]:
    """What `engine` says of each text; about four milliseconds for one."""
    said = []
    for i, example in enumerate(examples):
        said.append(labelled(engine.assess(Report(example.text, example.kind), _READ_AT).assessment))
        progress(i + 1)
    return said


def measured(examples: Sequence[Example], said: Sequence[Labelled]) -> dict[str, dict[str, float | None]]:
    """The scorer's figures, for reports and for messages."""
    found = {}
    for kind in KINDS:
        pairs = [(gold_of(one), guess) for one, guess in zip(examples, said, strict=True) if one.kind == kind]
        found[str(kind)] = rounded(figures([gold for gold, _ in pairs], [guess for _, guess in pairs]))
    return found
