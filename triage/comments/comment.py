"""What an export of comments holds, once read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Comment:
    """One comment; `number` counts from 1 in the export, `when` is on the clocks of Paris, "" is not told."""

    number: int
    author: str
    text: str
    when: datetime | None
    url: str


@dataclass(frozen=True)
class Export:
    """The comments of an export, and French notes on what could not be read in it."""

    comments: tuple[Comment, ...]
    notes: tuple[str, ...]
