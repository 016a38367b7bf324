"""Decisions made once and kept as Parquet, under a name that changes with all that they depend on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from hashlib import file_digest, sha256
from pathlib import Path

import pandas as pd

_CODE = Path(__file__).parents[2]
_DECIDING = ("intake", "document", "signals", "threats", "assessment")
_LISTS = ("engine_threats", "engine_red_flags")
_OWNER_ONLY = 0o700


def kept(folder: Path, key: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """The table kept under `key` in `folder`; made, and kept, when it is not there or cannot be read.

    It holds decisions by id, never a text; several notebooks may make it at the same time.
    """
    path = folder / f"{key}.parquet"
    try:
        return _with_tuples(pd.read_parquet(path))
    except (OSError, ValueError):  # ValueError: what Arrow raises of a damaged file
        frame = make()
    folder.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
    flat = frame.copy()
    for name in _LISTS:
        flat[name] = [" ".join(value) for value in frame[name]]
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    flat.to_parquet(draft, index=False)
    draft.replace(path)
    return frame


def key_of(*parts: str) -> str:
    """A short name for all of `parts` together."""
    digest = sha256()
    for part in parts:
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()[:24]


def files_digest(paths: Iterable[Path]) -> str:
    """What stands in the files of `paths`."""
    digest = sha256()
    for path in sorted(paths):
        with path.open("rb") as file:
            digest.update(path.name.encode() + file_digest(file, "sha256").digest())
    return digest.hexdigest()


def code_digest() -> str:
    """What the program that decides is: a decision kept by another version of it is not used."""
    folders = (path for name in _DECIDING for path in (_CODE / name).rglob("*.py"))
    learning = (_CODE / "learning").glob("*.py")
    return files_digest([_CODE / "engine.py", Path(__file__).with_name("deciding.py"), *learning, *folders])


def _with_tuples(frame: pd.DataFrame) -> pd.DataFrame:
    for name in _LISTS:
        frame[name] = [tuple(value.split()) for value in frame[name]]
    return frame
