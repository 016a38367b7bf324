"""Ends the making of a model: counted, measured on the frozen set, listed and sealed. It then is a candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from triage.engine import Engine
from triage.errors import ModelError
from triage.learning.card import complete_card, learned
from triage.learning.corpus import Example
from triage.learning.frozen import Progress, judge, load_frozen, measured
from triage.learning.policy import load_gate_policy
from triage.settings import Settings
from triage.threats import manifest
from triage.threats.manifest import Manifest, Seal
from triage.threats.modelfile import load


def complete(
    folder: Path,
    examples: Sequence[Example],
    engine: Engine,
    settings: Settings,
    seal: Seal | None,
    parent: str,
    now: datetime,
    progress: Progress = lambda _: None,
) -> Manifest:
    """The manifest of the model just built in `folder` from `examples`, with the rules of `engine`.

    `parent` is the version that serves meanwhile; `seal` None is for models shipped with the service. Where there is no
    frozen set the figures stay empty, and the gate will say so. Raises DataError.
    """
    groups = load_gate_policy(settings.rules).groups
    moment = now.isoformat(timespec="seconds")
    about = Manifest(folder.name, moment, engine.catalogue.digest, parent, learned(examples, groups))
    manifest.write(folder, about, seal)
    try:
        frozen = load_frozen(engine, settings.rules, settings.models)
    except ModelError:
        pass
    else:
        said = judge(replace(engine, model=load(folder, seal), warning=None), frozen, progress)
        about = replace(about, frozen=measured(frozen, said))
    complete_card(folder, about.learned, groups, about.frozen)
    return manifest.write(folder, about, seal)
