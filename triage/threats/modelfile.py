"""Model folders: written and read without pickle; vocabularies stand beside the arrays as JSON."""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import skops.io

from triage.errors import ModelError
from triage.threats.classifier import Classifier, Heads
from triage.threats.features import SignalFeatures, Vocabulary
from triage.threats.fusion import Thresholds

ARRAYS = "model.skops"
VOCABULARY = "vocabulary.json"
CURRENT = "current"
FORMAT = 2


@dataclass(frozen=True)
class Model:
    """A classifier with its version and the thresholds that go with it."""

    version: str
    classifier: Classifier
    thresholds: Thresholds


@dataclass(frozen=True)
class Parts:
    """What a model folder holds."""

    words: Vocabulary
    letters: Vocabulary
    targets: tuple[str, ...]
    heads: Heads
    thresholds: Thresholds


def save(parts: Parts, folder: Path) -> None:
    """Writes `parts` into `folder`. Weights are kept in half precision: a fifth of the size, same decisions."""
    folder.mkdir(parents=True, exist_ok=True)
    heads = parts.heads
    arrays = {
        "weights": heads.weights.astype(np.float16),
        "intercepts": heads.intercepts,
        "slopes": heads.slopes,
        "offsets": heads.offsets,
        "word_idf": parts.words.idf,
        "letter_idf": parts.letters.idf,
    }
    skops.io.dump(arrays, folder / ARRAYS, compression=zipfile.ZIP_DEFLATED, compresslevel=6)
    vocabulary = {
        "format": FORMAT,
        "heads": heads.names,
        "targets": parts.targets,
        "thresholds": asdict(parts.thresholds),
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
        heads = Heads(
            tuple(content["heads"]),
            arrays["weights"].astype(np.float32),
            arrays["intercepts"],
            arrays["slopes"],
            arrays["offsets"],
        )
        words = Vocabulary(tuple(content["words"]), arrays["word_idf"])
        letters = Vocabulary(tuple(content["letters"]), arrays["letter_idf"])
        signals = SignalFeatures(content["targets"])
        if heads.weights.shape != (len(words.terms) + len(letters.terms) + signals.width, len(heads.names)):
            raise ModelError(f"{folder} : les tailles du modèle ne concordent pas ; relancez « triage train »")
        classifier = Classifier(words, letters, signals, heads)
        return Model(folder.name, classifier, Thresholds(**content["thresholds"]))
    except ModelError:
        raise
    except Exception as error:  # a damaged file can fail in any way, and triage must go on without it
        raise ModelError(f"modèle illisible dans {folder} ({type(error).__name__})") from error


def current(*roots: Path) -> Path:
    """The folder of the model to serve: the first of `roots` whose `current` file names one. Raises ModelError."""
    for root in roots:
        pointer = root / CURRENT
        if pointer.is_file():
            folder = root / pointer.read_text(encoding="utf-8").strip()
            if folder.is_dir():
                return folder
    raise ModelError("aucun modèle : lancez « triage train »")
