"""Other models and other rules than those of the repository, made from them in a moment."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from triage.bootstrap import build_reader, build_texts, model_shelves
from triage.engine import Engine
from triage.settings import Settings
from triage.threats import manifest
from triage.threats.modelfile import current, find

# « se faire grignoter » is no threat in the rules of the repository.
PHRASE, SAID = (
    '  - "(il faut|qu\'on) (le|la|les|me) grignoter"\n',
    "Ils ont écrit sur ma page : « il faut le grignoter ».",
)
_RULE = Path("signals/menace/appel_a_violence.yaml")


def other_model(settings: Settings, version: str, **thresholds: float) -> Path:
    """The served model with other thresholds under another name, sealed as if it had been trained here."""
    shelves = model_shelves(settings)
    source, _ = find(current(shelves), shelves)
    folder = settings.data / "models" / version
    folder.mkdir(parents=True)
    for name in ("card.md", "metrics.json", "training.toml", "model.skops"):
        shutil.copy(source / name, folder / name) if name != "model.skops" else _same(source / name, folder / name)
    content: dict[str, Any] = json.loads((source / manifest.VOCABULARY).read_text(encoding="utf-8"))
    for told in content["thresholds"].values():
        told |= thresholds
    (folder / manifest.VOCABULARY).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    manifest.write(folder, manifest.read(source), shelves[0].seal)
    return folder


def other_rules(settings: Settings, folder: Path) -> Settings:
    """The rules with one more phrase."""
    shutil.copytree(settings.rules, folder)
    text = (folder / _RULE).read_text(encoding="utf-8")
    (folder / _RULE).write_text(text.replace("phrases:\n", "phrases:\n" + PHRASE, 1), encoding="utf-8")
    return settings.model_copy(update={"rules": folder})


def with_rules(engine: Engine, settings: Settings) -> Engine:
    """The engine by these rules."""
    catalogue, reader = build_reader(settings)
    assessor, composer = build_texts(settings.rules)
    return replace(engine, catalogue=catalogue, reader=reader, assessor=assessor, composer=composer)


def _same(source: Path, copy: Path) -> None:
    """Fifty megabytes, not copied."""
    try:
        os.link(source, copy)
    except OSError:
        shutil.copy(source, copy)
