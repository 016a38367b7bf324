"""How much of what people may write the rules find: sentences and look-alikes kept away from the rules' writers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from triage.datafiles import DataFile, read_all
from triage.document.document import Reader
from triage.errors import DataError, Location, Problem
from triage.intake.report import Report
from triage.signals.catalogue import Catalogue
from triage.signals.matching import ENOUGH, search, weights
from triage.signals.rule import Strict, build

_READ_AT = datetime(2026, 1, 15, 9, 0)


class Contrast(Strict):
    """Sentences that say a type or red flag (`found`), and look-alikes that do not (`not_found`).

    The rules' writers may read the first `seen` of each list (as a share), never the rest.
    """

    id: str
    seen: float = 0.0
    found: list[str]
    not_found: list[str]

    def unseen(self) -> tuple[list[str], list[str]]:
        """The sentences that no writer of rules has read."""
        return self.found[int(len(self.found) * self.seen) :], self.not_found[int(len(self.not_found) * self.seen) :]


@dataclass(frozen=True)
class Recall:
    """Of the unseen sentences of one type or flag, how many are found, and of its look-alikes how many by mistake."""

    id: str
    found: int
    told: int
    mistaken: int
    alike: int


def measure(folder: Path, catalogue: Catalogue, reader: Reader) -> list[Recall]:
    """A figure for each file of `folder`. Raises DataError."""
    problems: list[Problem] = []
    files: list[DataFile] = list(read_all(folder, problems))
    contrasts = [contrast for file in files if (contrast := build(Contrast, file, problems))]
    if problems or not contrasts:
        raise DataError(problems or [Problem(Location(folder), "aucun fichier de phrases à lire")])
    return [_recall(contrast, catalogue, reader) for contrast in contrasts]


def _recall(contrast: Contrast, catalogue: Catalogue, reader: Reader) -> Recall:
    found, alike = contrast.unseen()
    return Recall(
        contrast.id,
        sum(contrast.id in _told(text, catalogue, reader) for text in found),
        len(found),
        sum(contrast.id in _told(text, catalogue, reader) for text in alike),
        len(alike),
    )


def _told(text: str, catalogue: Catalogue, reader: Reader) -> set[str]:
    """The types and red flags that rules find, told as facts, with weight enough."""
    hits = search(reader.read(Report(text), _READ_AT), catalogue).hits
    told = weights(hits, lambda signal: (*([signal.type] if signal.type else []), *signal.flags))
    return {name for name, weight in told.items() if weight >= ENOUGH}
