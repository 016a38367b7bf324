"""`rules/desk/extraction.yaml`: what may leave for analysis, who may ask for it, and how people are protected in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

from pydantic import Field

from triage.datafiles import DataFile, read
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, build
from triage.store.people import Role

KINDS = (
    *("nom", "lieu", "adresse", "telephone", "courriel", "compte", "iban", "lien", "plaque", "siret", "insee"),
    *("carte", "ip", "portefeuille", "numero"),
)
NAMES = ("nom", "adresse", "lieu")
# The columns of which a combination shared by too few is not written, and the one table that is computed.
GUARDED = ("departement", "force", "role", "month")
YEAR = "annee"


class Cell(Strict):
    """Columns that are looked at together, and the `steps` by which a rare combination becomes wider.

    A step is a column → the table of `wider` that it goes through, or nothing: the column is emptied.
    """

    columns: list[str] = Field(min_length=1)
    steps: list[dict[str, str]]


class Tried(Strict):
    """Of how many, how many were found."""

    tried: int = Field(ge=0)
    found: int = Field(ge=0)


class Measured(Strict):
    """On the half kept aside: identifiers of a fixed shape; names, places and addresses; harmless words replaced."""

    structured: Tried
    names: Tried
    words: Tried


class Spoken(Strict):
    """How the signs of an e-mail address are said."""

    at: list[str]
    dot: list[str]
    dash: list[str]
    suffixes: list[str]


class NoticeTexts(Strict):
    """The sentences of the notice written beside a file."""

    title: str
    what: str
    replaced: str
    recall: str
    cells: str
    remains: str


class ExtractionPolicy(Strict):
    """The whole file; each field is explained there."""

    purpose: int = Field(gt=0)
    roles: list[str] = Field(min_length=1)
    least: int = Field(gt=0)
    cells: list[Cell]
    wider: dict[str, dict[str, list[str]]]
    labels: dict[str, str]
    structured: list[str]
    measured: Measured
    spoken: Spoken
    mailboxes: list[str]
    after_verbs: list[str]
    numbers: dict[str, int]
    networks: list[str]
    accounts: list[str]
    between: list[str]
    streets: list[str]
    plain_streets: list[str]
    numbered: list[str]
    buildings: list[str]
    boxes: list[str]
    stops: list[str]
    two_letters: list[str]
    people: list[str]
    here: list[str]
    joins: list[str]
    plates: list[str]
    companies: list[str]
    sites: list[str]
    not_names: list[str]
    ordinary: list[str]
    first_names: list[str]
    capital_names: list[str]
    surnames: list[str]
    notice: NoticeTexts

    def table(self, name: str) -> Mapping[str, str]:
        """Value → the wider one, in a table of `wider`."""
        return {value: wide for wide, values in self.wider[name].items() for value in values}


def load_extraction_policy(rules: Path) -> ExtractionPolicy:
    """The policy in `rules`. Raises DataError with every problem."""
    problems: list[Problem] = []
    file = read(rules / "desk" / "extraction.yaml", problems)
    policy = build(ExtractionPolicy, file, problems) if file else None
    if file and policy:
        problems += _problems(file, policy)
    if problems or policy is None:
        raise DataError(problems)
    return policy


def _problems(file: DataFile, policy: ExtractionPolicy) -> Iterator[Problem]:
    for name in sorted(set(KINDS) ^ set(policy.labels)):
        yield file.problem(f"« {name} » est {'en trop' if name in policy.labels else 'absent'}", "labels")
    for name in sorted(set(policy.structured) - set(KINDS)):
        yield file.problem(f"sorte d'identifiant inconnue « {name} »", "structured")
    for name in sorted(set(policy.roles) - set(get_args(Role))):
        yield file.problem(f"rôle inconnu « {name} »", "roles")
    for i, cell in enumerate(policy.cells):
        for name in sorted({*cell.columns, *(name for step in cell.steps for name in step)} - set(GUARDED)):
            yield file.problem(f"colonne inconnue « {name} » ; possibles : {', '.join(GUARDED)}", "cells", i)
        for name in sorted({table for step in cell.steps for table in step.values() if table} - {YEAR, *policy.wider}):
            yield file.problem(f"table inconnue « {name} »", "cells", i)
