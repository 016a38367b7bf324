"""The threat types and outputs of the contract, as `rules/threats/` describes them."""

from __future__ import annotations

from pathlib import Path

from triage.datafiles import read_all
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, build

OUT_OF_SCOPE = "hors_perimetre"
UNDETERMINED = "indetermine"
OUTPUTS = (OUT_OF_SCOPE, UNDETERMINED)


class Kind(Strict):
    """A threat type, or one of the two outputs that never go with one.

    Where `rules_suffice`, one unmistakable rule, told without any qualifier, is enough, whatever the classifier thinks.
    What it is and what to do about it stand in `rules/advice/<id>.md`.
    """

    id: str
    label: str
    rules_suffice: bool = False
    checked_on: str


def load_kinds(rules: Path) -> dict[str, Kind]:
    """Every kind by its id, in the order of the files. Raises DataError."""
    problems: list[Problem] = []
    kinds: dict[str, Kind] = {}
    for file in read_all(rules / "threats", problems):
        kind = build(Kind, file, problems)
        if kind is None:
            continue
        if kind.id != file.path.stem:
            problems.append(file.problem(f"l'identifiant doit être « {file.path.stem} », comme le fichier", "id"))
        kinds[kind.id] = kind
    problems += [
        Problem(file.location("id"), f"type « {output} » absent")
        for output in OUTPUTS
        for file in list(read_all(rules / "threats", []))[:1]
        if output not in kinds
    ]
    if problems:
        raise DataError(problems)
    return kinds
