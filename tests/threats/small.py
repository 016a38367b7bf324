"""Model folders of a few kilobytes, for tests of what is done with folders."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from triage.threats import manifest
from triage.threats.classifier import Heads
from triage.threats.features import SignalFeatures, Vocabulary
from triage.threats.fusion import Thresholds
from triage.threats.manifest import Manifest, Seal
from triage.threats.modelfile import KINDS, Parts, save

HEADS = tuple(f"{part}:{name}" for part in ("threat", "primary") for name in ("menace", "hors_perimetre"))
ABOUT = Manifest("", "2026-11-28T09:00:00+00:00", "b2c24430f543", learned={"texts": 2})


def seal(content: bytes) -> str:
    """The seal of an installation."""
    return hashlib.sha256(b"clef" + content).hexdigest()


def small_model(folder: Path, signed: Seal | None = seal) -> Path:
    """A model that knows two words and two types, in `folder`, sealed."""
    words, letters = (Vocabulary(("mort", "vote"), np.ones(2, np.float32)) for _ in range(2))
    width = 4 + SignalFeatures(()).width
    heads = Heads(HEADS, *(np.ones(size, np.float32) for size in ((width, len(HEADS)), *[len(HEADS)] * 3)))
    parts = Parts(words, letters, (), dict.fromkeys(KINDS, heads), dict.fromkeys(KINDS, Thresholds()))
    save(parts, folder)
    manifest.write(folder, ABOUT, signed)
    return folder
