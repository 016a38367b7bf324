"""The short version of a notebook: the same cells on fewer texts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_VARIABLE = "TRIAGE_SAMPLE"


def sampled() -> bool:
    """Whether the environment asks for a sample (`TRIAGE_SAMPLE=1`)."""
    return os.environ.get(_VARIABLE, "") not in ("", "0")


def sample(items: Sequence[T], most: int) -> list[T]:
    """All of `items`; when a sample is asked for, at most `most` of them, evenly spread and always the same."""
    if not sampled() or len(items) <= most:
        return list(items)
    return [items[i * len(items) // most] for i in range(most)]
