"""Errors that a person can act on: what is wrong, where, and how to mend it."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path


def traced(error: BaseException) -> str:
    """Where `error` was raised, for a log: without its message, which may hold what somebody wrote."""
    return "".join(traceback.format_tb(error.__traceback__))


@dataclass(frozen=True, order=True)
class Location:
    """A place in a data file; `line` counts from 1, 0 when the whole file is meant."""

    path: Path
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else str(self.path)


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in a data file. `severity` is « erreur » (refused) or « avis » (worth a look)."""

    where: Location
    what: str
    severity: str = "erreur"

    def __str__(self) -> str:
        return f"{self.where} : {self.severity} : {self.what}"


class TriageError(Exception):
    """Root of the errors that triage raises on purpose; the message is French and shown as it is."""


class IntakeError(TriageError):
    """The report cannot be read: empty, binary, too long or wrongly encoded."""


class ModelError(TriageError):
    """The classifier cannot be loaded or does not fit these rules; triage goes on without it."""


class DataError(TriageError):
    """Data files that cannot be used, with every problem found, never one at a time."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
