"""A letter, as data: from it the Word file and the pages of the dossier are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triage.dossier.texts import Style

# What is left to the person, between square brackets.
BLANK = re.compile(r"\[à [^\[\]]+\]")


@dataclass(frozen=True)
class Paragraph:
    """One paragraph and what it is for; a `notice` is for the person, not for the reader of the letter."""

    style: Style
    text: str


@dataclass(frozen=True)
class Letter:
    """A draft to be read over, completed and signed."""

    title: str
    paragraphs: tuple[Paragraph, ...]
    made_at: datetime

    @property
    def blanks(self) -> tuple[str, ...]:
        """What is left to complete, in order."""
        return tuple(match[0] for one in self.paragraphs for match in BLANK.finditer(one.text))


def runs(text: str) -> list[tuple[str, bool]]:
    """`text` cut into pieces: (words, whether they are a blank to complete)."""
    pieces, at = [], 0
    for match in BLANK.finditer(text):
        pieces += [(text[at : match.start()], False), (match[0], True)]
        at = match.end()
    return [piece for piece in (*pieces, (text[at:], False)) if piece[0]]


def as_lines(letter: Letter) -> list[dict[str, Any]]:
    """Its paragraphs, each a list of lines, each a list of pieces: `text`, and whether it is a `blank`."""
    return [
        {
            "style": one.style,
            "lines": [[{"text": t, "blank": b} for t, b in runs(line)] for line in one.text.split("\n")],
        }
        for one in letter.paragraphs
    ]
