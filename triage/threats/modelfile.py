"""Model folders: written and read without pickle; vocabularies stand beside the arrays as JSON."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import skops.io
from numpy.typing import NDArray

from triage.errors import ModelError
from triage.intake.report import Kind
from triage.threats.classifier import Classifier, Heads
from triage.threats.features import SignalFeatures, Vocabulary
from triage.threats.fusion import Thresholds

ARRAYS = "model.skops"
VOCABULARY = "vocabulary.json"
CURRENT = "current"
FORMAT = 3
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Model:
    """A classifier with its version and, for reports and for messages, the thresholds that go with it."""

    version: str
    classifier: Classifier
    thresholds: Mapping[Kind, Thresholds]


@dataclass(frozen=True)
class Parts:
    """What a model folder holds."""

    words: Vocabulary
    letters: Vocabulary
    targets: tuple[str, ...]
    heads: Mapping[Kind, Heads]
    thresholds: Mapping[Kind, Thresholds]


def save(parts: Parts, folder: Path) -> None:
    """Writes `parts` into `folder`. Weights are kept in half precision: a fifth of the size, same decisions."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {"word_idf": parts.words.idf, "letter_idf": parts.letters.idf}
    for kind, heads in parts.heads.items():
        arrays |= {
            f"{kind}_weights": heads.weights.astype(np.float16),
            f"{kind}_intercepts": heads.intercepts,
            f"{kind}_slopes": heads.slopes,
            f"{kind}_offsets": heads.offsets,
        }
    skops.io.dump(arrays, folder / ARRAYS, compression=zipfile.ZIP_DEFLATED, compresslevel=6)
    vocabulary = {
        "format": FORMAT,
        "heads": {kind: heads.names for kind, heads in parts.heads.items()},
        "targets": parts.targets,
        "thresholds": {kind: asdict(thresholds) for kind, thresholds in parts.thresholds.items()},
        "words": parts.words.terms,
        "letters": parts.letters.terms,
    }
    (folder / VOCABULARY).write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")


def load(folder: Path) -> Model:
    """The model in `folder`. Raises ModelError, never anything else, when it cannot be used."""
    try:
        arrays = skops.io.load(folder / ARRAYS, trusted=[])
        content = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ModelError(f"{folder} : format {content['format']}, attendu {FORMAT} ; relancez « triage train »")
        heads = {kind: _heads(arrays, kind, content["heads"][kind]) for kind in KINDS}
        words = Vocabulary(tuple(content["words"]), arrays["word_idf"])
        letters = Vocabulary(tuple(content["letters"]), arrays["letter_idf"])
        signals = SignalFeatures(content["targets"])
        width = len(words.terms) + len(letters.terms) + signals.width
        if any(one.weights.shape != (width, len(one.names)) for one in heads.values()):
            raise ModelError(f"{folder} : les tailles du modèle ne concordent pas ; relancez « triage train »")
        thresholds = {kind: Thresholds(**content["thresholds"][kind]) for kind in KINDS}
        return Model(folder.name, Classifier(words, letters, signals, heads), thresholds)
    except ModelError:
        raise
    except Exception as error:  # a damaged file can fail in any way, and triage must go on without it
        raise ModelError(f"modèle illisible dans {folder} ({type(error).__name__})") from error


def _heads(arrays: Mapping[str, NDArray[np.float32]], kind: Kind, names: list[str]) -> Heads:
    weights = arrays[f"{kind}_weights"].astype(np.float32)
    return Heads(tuple(names), weights, *(arrays[f"{kind}_{part}"] for part in ("intercepts", "slopes", "offsets")))


def current(*roots: Path) -> Path:
    """The folder of the model to serve: the first of `roots` whose `current` file names one. Raises ModelError."""
    for root in roots:
        pointer = root / CURRENT
        if pointer.is_file():
            folder = root / pointer.read_text(encoding="utf-8").strip()
            if folder.is_dir():
                return folder
    raise ModelError("aucun modèle : lancez « triage train »")
