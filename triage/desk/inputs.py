"""All that an assessment is made from: kept with it, so that it can be made again and compared."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from triage.comments.verdict import Verdict
from triage.desk.understanding import MOST_OF_ONE
from triage.store.decisions import Seen
from triage.store.records import Exhibit, Told


@dataclass(frozen=True)
class Piece:
    """The words read in an exhibit, as much of them as is assessed."""

    exhibit_id: str
    words: str


@dataclass(frozen=True)
class Sorting:
    """What an export of comments came to."""

    exhibit_id: str
    verdict: Verdict


@dataclass(frozen=True)
class Held:
    """What an agent had decided: types, flags and the level's id; `seen` is what they had before their eyes then."""

    types: tuple[str, ...]
    flags: tuple[str, ...]
    level: str
    seen: Seen | None


@dataclass(frozen=True)
class Inputs:
    """What was told, when, and what was there besides.

    `floor` is the id of the level under which the answer could not go, empty where it could; `held` stands for it
    once an agent has decided.
    """

    told: Told
    received_at: datetime
    now: datetime
    cause: str
    pieces: tuple[Piece, ...] = ()
    sortings: tuple[Sorting, ...] = ()
    messages: tuple[str, ...] = ()
    floor: str = ""
    held: Held | None = None

    def as_bytes(self) -> bytes:
        """For the store."""
        return zlib.compress(_FORM.dump_json(self, exclude_defaults=True))

    @classmethod
    def from_bytes(cls, kept: bytes) -> Inputs:
        """What `as_bytes` gave."""
        return _FORM.validate_json(zlib.decompress(kept))


def pieces_of(exhibits: Sequence[Exhibit]) -> tuple[Piece, ...]:
    """The words of those exhibits in which some were read."""
    return tuple(Piece(one.id, one.about.text[:MOST_OF_ONE]) for one in exhibits if one.about.text)


_FORM = TypeAdapter(Inputs)
