"""Recall of the rules alone on sentences that their writers have not seen: one figure per type and red flag."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.conftest import NOW, ROOT
from triage.engine import Engine
from triage.intake.report import Report
from triage.signals.matching import search

FILES = sorted((ROOT / "tests" / "contrast").glob("*.yaml"))


def told(engine: Engine, text: str) -> set[str]:
    """The types and red flags that rules find, told as facts."""
    hits = search(engine.reader.read(Report(text), NOW), engine.catalogue).hits
    return {name for hit in hits if not hit.void for name in (hit.signal.type, *hit.signal.flags) if name}


def shares(engine: Engine, path: Path) -> tuple[str, float, float]:
    """The id, the share of `found` sentences found, and that of look-alikes found by mistake."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    found = [content["id"] in told(engine, text) for text in content["found"]]
    mistaken = [content["id"] in told(engine, text) for text in content["not_found"]]
    return content["id"], sum(found) / len(found), sum(mistaken) / len(mistaken)
