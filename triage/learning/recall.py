"""How many identifiers are found in labelled sentences, and how many harmless words are taken for some."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from triage.errors import DataError, Location, Problem
from triage.learning.identifiers.plain import Found

_WORD = re.compile(r"\w+")
_ENDS = re.compile(r"(?<=[.!?…])\s+|\n+")
_TELLING = re.compile(r"[A-ZÀ-ÖØ-Þ\d@_/]")
_LEAST_WORDS = 4


@dataclass(frozen=True)
class Sentence:
    """A sentence, and each identifier in it: kind, beginning, end. `half`: « reglage » was tuned on, « essai » not."""

    id: str
    half: str
    text: str
    spans: tuple[tuple[str, int, int], ...]


@dataclass
class Recalled:
    """By kind, how many were tried and found whole; harmless words read, and replaced."""

    tried: dict[str, int] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)
    words: int = 0
    taken: int = 0
    missed: list[tuple[Sentence, str]] = field(default_factory=list)
    wrong: list[tuple[Sentence, str]] = field(default_factory=list)

    def of(self, kinds: Collection[str]) -> tuple[int, int]:
        """Tried and found, of those kinds together."""
        return sum(self.tried.get(kind, 0) for kind in kinds), sum(self.found.get(kind, 0) for kind in kinds)


def load_sentences(path: Path, kinds: Collection[str]) -> list[Sentence]:
    """The sentences of a JSONL file. Raises DataError with every problem."""
    problems: list[Problem] = []
    sentences: list[Sentence] = []
    try:
        lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    except (OSError, UnicodeDecodeError):
        raise DataError([Problem(Location(path), "fichier illisible : il doit exister et être en UTF-8")]) from None
    for number, line in enumerate(lines, 1):
        try:
            sentences.append(_sentence(json.loads(line), kinds))
        except (ValueError, KeyError, TypeError) as error:
            problems.append(Problem(Location(path, number), f"phrase étiquetée incorrecte ({error})"))
    if problems:
        raise DataError(problems)
    return sentences


def _sentence(record: dict[str, Any], kinds: Collection[str]) -> Sentence:
    spans = tuple((str(one["kind"]), int(one["start"]), int(one["end"])) for one in record["spans"])
    for kind, start, end in spans:
        if kind not in kinds:
            raise ValueError(f"sorte inconnue « {kind} »")
        if not record["text"][start:end].strip() or start < 0 or end > len(record["text"]):
            raise ValueError(f"passage vide ou hors du texte : {start} à {end}")
    return Sentence(record.get("id", ""), record.get("half", ""), record["text"], spans)


def harmless(texts: Iterable[str]) -> list[Sentence]:
    """The sentences of `texts` without a digit, a sign of an address, nor a capital but the first letter.

    They hold next to no identifier: what is replaced in them is replaced by mistake, but for names in lower case.
    """
    told = (one.strip() for text in texts for one in _ENDS.split(text))
    kept = (one for one in told if len(one.split()) >= _LEAST_WORDS and not _TELLING.search(one[1:]))
    return [Sentence(str(number), "", one, ()) for number, one in enumerate(kept, 1)]


def recalled(sentences: Iterable[Sentence], find: Callable[[str], Sequence[Found]]) -> Recalled:
    """An identifier is found when none of its letters and digits is left, whatever the kind that it was taken for."""
    told = Recalled()
    for one in sentences:
        hidden = {place for found in find(one.text) for place in range(found.start, found.end)}
        own = {place for _, start, end in one.spans for place in range(start, end)}
        for kind, start, end in one.spans:
            told.tried[kind] = told.tried.get(kind, 0) + 1
            if all(place in hidden for place in range(start, end) if one.text[place].isalnum()):
                told.found[kind] = told.found.get(kind, 0) + 1
            else:
                told.missed.append((one, one.text[start:end]))
        for word in _WORD.finditer(one.text):
            if not own & set(range(*word.span())):
                told.words += 1
                if hidden & set(range(*word.span())):
                    told.taken += 1
                    told.wrong.append((one, word[0]))
    return told
