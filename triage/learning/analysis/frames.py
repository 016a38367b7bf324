"""Labelled texts as a table: one row a text, with the columns that `triage data export` gives too."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from triage.learning.corpus import AXES, Example
from triage.learning.evaluation import Labelled

_LISTS = ("threats", "red_flags", "engine_threats", "engine_red_flags")


def frame_of(examples: Sequence[Example]) -> pd.DataFrame:
    """One row a text: id, text, kind, threats, primary, disposition, red_flags, facts, the axes, voice, words."""
    rows = [
        {
            "id": example.id,
            "text": example.text,
            "kind": example.kind,
            "threats": example.threats,
            "primary": example.primary,
            "disposition": example.disposition,
            "red_flags": example.red_flags,
            "facts": example.facts,
            **{axis: example.axes.get(axis, "") for axis in AXES},
            "voice": example.group,
            "words": len(example.text.split()),
        }
        for example in examples
    ]
    return pd.DataFrame(rows)


def own(cases: pd.DataFrame) -> pd.DataFrame:
    """Cases given by `triage.learning.load_cases` or read from an export, as the functions of this package want them.

    Lists come back from Parquet as arrays and from CSV as words: both become tuples. A `month` becomes a date; every
    case is a voice of its own.
    """
    made = cases.copy()
    if "id" not in made and "case" in made:
        made["id"] = made["case"].astype(str)
    for name in _LISTS:
        if name in made:
            made[name] = [_words(value) for value in made[name]]
    if "received_at" not in made and "month" in made:
        made["received_at"] = pd.to_datetime(made["month"], errors="coerce")
    if "voice" not in made:
        made["voice"] = made.get("group", made["id"])
    made["words"] = [len(str(text).split()) for text in made["text"]]
    return made


def gold(frame: pd.DataFrame) -> list[Labelled]:
    """What the readers said of each row."""
    return _labelled(frame, "")


def guesses(frame: pd.DataFrame) -> list[Labelled]:
    """What the engine said of each row."""
    return _labelled(frame, "engine_")


def _labelled(frame: pd.DataFrame, prefix: str) -> list[Labelled]:
    columns = (frame[prefix + name] for name in ("threats", "primary", "disposition", "red_flags"))
    return [
        Labelled(frozenset(threats), primary, disposition, frozenset(flags))
        for threats, primary, disposition, flags in zip(*columns, strict=True)
    ]


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.split())
    return tuple(str(one) for one in value) if isinstance(value, Sequence) or hasattr(value, "__iter__") else ()
