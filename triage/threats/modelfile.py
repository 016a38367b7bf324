"""Model folders: written and read without pickle; vocabularies stand beside the arrays as JSON."""

from __future__ import annotations

import json
import re
import secrets
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from triage.errors import ModelError
from triage.intake.report import Kind
from triage.threats.classifier import Classifier, Heads
from triage.threats.features import SignalFeatures, Vocabulary
from triage.threats.fusion import Thresholds
from triage.threats.manifest import ARRAYS, VOCABULARY, Seal, arrays_in, contents

CURRENT = "current"
FORMAT = 3
KINDS: tuple[Kind, ...] = get_args(Kind)
_NAME = re.compile(r"\w[\w.\-]{0,99}")


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
    import skops.io  # whoever only serves needs neither it nor scikit-learn, which it imports

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


def load(folder: Path, seal: Seal | None = None) -> Model:
    """The model in `folder`, whole, unchanged and sealed by `seal` (see `manifest.contents`).

    Raises ModelError, never anything else, when it cannot be used.
    """
    try:
        files = contents(folder, seal)
        arrays = arrays_in(files[ARRAYS])
        content = json.loads(files[VOCABULARY])
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
    # The weights stay as they are kept, in half precision: sixty megabytes less. A row takes the few that it reads.
    weights = arrays[f"{kind}_weights"]
    return Heads(tuple(names), weights, *(arrays[f"{kind}_{part}"] for part in ("intercepts", "slopes", "offsets")))


@dataclass(frozen=True)
class Shelf:
    """A folder of models. `seal` is for those that this installation made; the shipped ones, only read, need none."""

    root: Path
    seal: Seal | None = None

    @property
    def pointer(self) -> Path:
        """The file that names the version to serve."""
        return self.root / CURRENT

    def named(self) -> str | None:
        """The version that the pointer names, if there is one. Raises ModelError when it was written by hand."""
        if not self.pointer.is_file():
            return None
        try:
            version, _, signed = self.pointer.read_text(encoding="utf-8").strip().partition(" ")
        except (OSError, UnicodeDecodeError):
            raise ModelError(f"{self.pointer} ne se lit pas ; mettez un modèle en service de nouveau") from None
        if self.seal and signed != self.seal(_pointed(version)):
            raise ModelError(
                f"{self.pointer} n'a pas été écrit par cette installation ; mettez un modèle en service par « triage "
                "models promote »"
            )
        return version

    def point(self, version: str) -> None:
        """Names the version to serve, in one step: whoever reads sees the one before, or this one."""
        self.root.mkdir(parents=True, exist_ok=True)
        scratch = self.root / f".{CURRENT}.{secrets.token_hex(4)}"
        scratch.write_text(f"{version} {self.seal(_pointed(version)) if self.seal else ''}".rstrip() + "\n", "utf-8")
        scratch.replace(self.pointer)


def load_version(version: str, shelves: Sequence[Shelf]) -> Model:
    """The model `version`, from the first of `shelves` that has such a folder. Raises ModelError."""
    folder, shelf = find(version, shelves)
    return load(folder, shelf.seal)


def find(version: str, shelves: Sequence[Shelf]) -> tuple[Path, Shelf]:
    """Where the model `version` is. Raises ModelError."""
    for shelf in shelves:
        folder = shelf.root / version
        if is_name(version) and folder.is_dir():
            return folder, shelf
    raise ModelError(f"le modèle « {version} » n'existe pas ; « triage models list » les donne")


def is_name(version: str) -> bool:
    """Whether it can name a version: one folder, and no way out of it."""
    return _NAME.fullmatch(version) is not None


def current(shelves: Sequence[Shelf]) -> str:
    """The version to serve: the first that a pointer names. Raises ModelError."""
    for shelf in shelves:
        if version := shelf.named():
            return version
    raise ModelError("aucun modèle : lancez « triage train »")


def _pointed(version: str) -> bytes:
    return f"current {version}".encode()
