"""What a model folder holds, to the byte: what is not listed is not opened, and nothing is opened that runs code."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.errors import ModelError

NAME = "manifest.json"
FORMAT = 1
ARRAYS = "model.skops"
VOCABULARY = "vocabulary.json"
_SCHEMA = "schema.json"  # which array is in which file
_FILES = frozenset({ARRAYS, VOCABULARY, "card.md", "metrics.json", "training.toml"})
# What may be written beside a model afterwards; nothing that serves reads it.
_BESIDE = frozenset({NAME, "gate.json"})
# A dictionary of arrays is made of these alone; whatever else skops can build is refused before it is built.
_LOADERS = frozenset({"DictNode", "ListNode", "TypeNode", "NdArrayNode"})
_TYPES = frozenset({("builtins", "dict"), ("builtins", "list"), ("builtins", "str"), ("numpy", "ndarray")})

# Signs what this installation made, with its keys: the same content, the same seal.
Seal = Callable[[bytes], str]


@dataclass(frozen=True)
class Manifest:
    """Where a model comes from and what it is made of.

    `trained_at` is ISO 8601; `rules` the digest of the rules it was trained with; `parent` the version served then;
    `learned` counts what it learned from, `frozen` its figures on the frozen set. `files`: name → SHA-256.
    """

    version: str
    trained_at: str
    rules: str
    parent: str = ""
    learned: Mapping[str, Any] = field(default_factory=dict)
    frozen: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    seal: str = ""
    format: int = FORMAT

    @property
    def sealed_content(self) -> bytes:
        """What the seal covers: all the rest."""
        return json.dumps(asdict(replace(self, seal="")), sort_keys=True, ensure_ascii=False).encode()


def write(folder: Path, about: Manifest, seal: Seal | None) -> Manifest:
    """Lists the files of `folder` in its manifest, sealed when there is a `seal`."""
    files = {path.name: _sha256(path.read_bytes()) for path in sorted(folder.iterdir()) if path.name in _FILES}
    made = replace(about, version=folder.name, files=files, seal="")
    if seal:
        made = replace(made, seal=seal(made.sealed_content))
    text = json.dumps(asdict(made), ensure_ascii=False, indent=1) + "\n"
    (folder / NAME).write_text(text, encoding="utf-8")
    return made


def read(folder: Path) -> Manifest:
    """The manifest as it is written, nothing of it checked against the files. Raises ModelError."""
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(
            f"{folder} : pas de {NAME}, ce dossier n'a pas été fait ici ; apprenez un modèle par « triage train »"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{folder / NAME} est illisible ({type(error).__name__}) ; apprenez un autre modèle") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ModelError(f"{folder / NAME} : format inconnu, attendu {FORMAT} ; apprenez un autre modèle")
    try:
        return _checked(Manifest(**content))
    except (AttributeError, TypeError, ValueError):
        raise ModelError(f"{folder / NAME} : champs absents ou inconnus ; apprenez un autre modèle") from None


def _checked(about: Manifest) -> Manifest:
    """`about` itself: whoever wrote it may have written anything. Raises AttributeError, TypeError, ValueError."""
    tables = [about.learned, about.frozen, about.files, *about.frozen.values()]
    names = [about.version, about.trained_at, about.rules, about.parent, about.seal]
    texts = [*names, *about.files, *about.files.values()]
    if not all(isinstance(one, dict) for one in tables) or not all(isinstance(one, str) for one in texts):
        raise TypeError
    datetime.fromisoformat(about.trained_at)
    return about


def contents(folder: Path, seal: Seal | None) -> dict[str, bytes]:
    """Each file that the manifest lists, read once, whole and unchanged.

    `seal` is this installation's: a folder that it did not seal is refused. None is for models that came with the
    service, in a place that it never writes. Raises ModelError.
    """
    manifest = read(folder)
    try:
        wrong = next(_faults(folder, manifest, seal), None)
        if wrong:
            raise ModelError(f"{folder} : {wrong} ; ce modèle n'est pas servi")
        found = {name: (folder / name).read_bytes() for name in manifest.files}
    except OSError as error:
        raise ModelError(f"{folder} ne peut pas être lu ({error.strerror}) ; ce modèle n'est pas servi") from None
    for name, digest in manifest.files.items():
        if _sha256(found[name]) != digest:
            raise ModelError(f"{folder / name} a changé depuis que le modèle a été fait ; ce modèle n'est pas servi")
    _only_arrays(folder / ARRAYS, found[ARRAYS])
    return found


def arrays_in(content: bytes) -> dict[str, NDArray[Any]]:
    """The arrays of a file that `contents` gave: NumPy reads them, and refuses what is not numbers.

    skops, which wrote the file, would read it too: it keeps scikit-learn and pandas in the memory of whoever serves.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        kept = json.loads(archive.read(_SCHEMA))["content"]
        return {name: np.load(io.BytesIO(archive.read(one["file"])), allow_pickle=False) for name, one in kept.items()}


def _faults(folder: Path, manifest: Manifest, seal: Seal | None) -> Iterator[str]:
    if manifest.version != folder.name:
        yield f"le manifeste est celui de « {manifest.version} »"
    if foreign := set(manifest.files) - _FILES:
        yield f"le manifeste nomme un fichier étranger à un modèle, « {min(foreign)} »"
    for path in sorted(folder.iterdir()):
        if path.name not in _BESIDE and path.name not in manifest.files:
            yield f"« {path.name} » n'est pas un fichier d'un modèle, et aucun pickle n'est jamais ouvert"
        elif path.is_symlink() or not path.is_file():
            yield f"« {path.name} » n'est pas un fichier ordinaire"
    names = {path.name for path in folder.iterdir()}
    if absent := ({ARRAYS, VOCABULARY} | set(manifest.files)) - (names & set(manifest.files)):
        yield f"il manque « {min(absent)} »"
    if seal and seal(manifest.sealed_content) != manifest.seal:
        yield "ce dossier n'a pas été scellé par les clés de cette installation"


def _only_arrays(path: Path, content: bytes) -> None:
    """Refuses what is not a zip of plain arrays. Raises ModelError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            nodes = list(_nodes(json.loads(archive.read(_SCHEMA))))
    except (zipfile.BadZipFile, KeyError, ValueError, RecursionError):
        raise ModelError(
            f"{path} n'est pas une archive de tableaux, et aucun pickle n'est jamais ouvert ; ce modèle n'est pas servi"
        ) from None
    for node in nodes:
        kind = (str(node.get("__module__")), str(node.get("__class__")))
        if node["__loader__"] not in _LOADERS or kind not in _TYPES:
            raise ModelError(f"{path} : type refusé, « {'.'.join(kind)} » ; un modèle ne contient que des tableaux")


def _nodes(value: object) -> Iterator[dict[str, Any]]:
    """Every object that skops would build."""
    if isinstance(value, dict):
        if "__loader__" in value:
            yield value
        for inside in value.values():
            yield from _nodes(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from _nodes(inside)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
