"""Comments labelled by others (CSV), to see how messages are sorted on words that nobody here wrote."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from triage.errors import DataError, Location, Problem

ABUSE = frozenset({"menace", "injure", "haine", "violence_sexuelle", "chantage", "doxing", "diffamation", "raid"})
HATE = frozenset({"haine"})


@dataclass(frozen=True)
class Question:
    """What a public set asks of a comment, which types mean yes, and what its labels say (None: unclear)."""

    name: str
    yes: frozenset[str]
    label: Callable[[dict[str, str]], bool | None]


def _abusive(row: dict[str, str]) -> bool | None:
    """« normal » alone is harmless; « fearful » or « disrespectful » alone say neither."""
    said = set(row["sentiment"].split("_"))
    if said & {"offensive", "abusive", "hateful"}:
        return True
    return False if said == {"normal"} else None


# The columns that name a set → what it asks.
QUESTIONS = {
    "sentiment": Question("abusif ou non", ABUSE, _abusive),
    "label": Question("raciste ou non", HATE, lambda row: row["label"] == "1"),
}


@dataclass(frozen=True)
class Answered:
    """Of the comments for which the set says yes or no: counts of (said by the set, said by the engine)."""

    name: str
    both: int
    missed: int
    alarmed: int
    calm: int

    @property
    def precision(self) -> float:
        """Of the alarms, the share that the set agrees with."""
        return self.both / (self.both + self.alarmed or 1)

    @property
    def recall(self) -> float:
        """Of the comments that the set finds so, the share found."""
        return self.both / (self.both + self.missed or 1)


def measure(path: Path, types_of: Callable[[str], Collection[str]]) -> Answered:
    """The engine's answers, through `types_of` (text → types), to the question of the CSV `path`. Raises DataError."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, restval=""))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError([Problem(Location(path), "fichier illisible : un CSV en UTF-8 est attendu")]) from error
    question = next((q for column, q in QUESTIONS.items() if rows and {column, "tweet"} <= rows[0].keys()), None)
    if question is None:
        columns = " ou ".join(sorted(QUESTIONS))
        raise DataError([Problem(Location(path, 1), f"colonnes attendues : tweet, et {columns}")])
    counts = {(said, told): 0 for said in (True, False) for told in (True, False)}
    for text, said in _judged(rows, question):
        counts[said, bool(question.yes.intersection(types_of(text)))] += 1
    return Answered(question.name, counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def _judged(rows: list[dict[str, str]], question: Question) -> Iterator[tuple[str, bool]]:
    for row in rows:
        said = question.label(row)
        if said is not None and row["tweet"].strip():
            yield row["tweet"], said
