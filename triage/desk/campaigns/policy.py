"""`rules/desk/campaigns.yaml`: when cases of different officials go together, and what their number raises."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from pydantic import Field

from triage.datafiles import DataFile, read
from triage.desk.service import Places
from triage.errors import DataError, Problem
from triage.signals.rule import Strict, build

Cell = tuple[int, int]


class Short(Strict):
    """A text of fewer words than that has to be more alike."""

    words: int = Field(ge=1)
    similarity: float = Field(gt=0, le=1)


class TextPolicy(Strict):
    """How texts are cut, and how alike two have to be.

    `shingle`: letters of a piece; `words`: fewer are not compared; `sentences_from`: words from which the sentences of
    a passage are compared too; `most` passages and `longest` letters of a case; `bands` of `rows` values make the
    index, of which the newest `bucket` texts of each band are looked at.
    """

    shingle: int = Field(ge=3, le=12)
    words: int = Field(ge=4)
    similarity: float = Field(gt=0, le=1)
    short: Short
    sentences_from: int = Field(ge=1)
    most: int = Field(ge=1)
    longest: int = Field(ge=1_000)
    bands: int = Field(ge=1, le=64)
    rows: int = Field(ge=1, le=16)
    bucket: int = Field(ge=1)

    def needed(self, words: int) -> float:
        """How alike a text of so many words has to be to another."""
        return self.short.similarity if words < self.short.words else self.similarity


class Platform(Strict):
    """A platform: its hosts, and what begins a path there without being an account, where paths name `authors`."""

    hosts: list[str]
    apart: list[str] = []
    authors: bool = True


class RaidRule(Strict):
    """So many cases within so many hours raise the level of `most` of them, at most, to `level` at least.

    Those below `least` do not count: ten officials who ask about the same harmless message are no raid.
    """

    cases: int = Field(ge=2)
    hours: int = Field(ge=1)
    least: str
    level: str
    most: int = Field(ge=1)

    @property
    def window(self) -> timedelta:
        """The time within which the cases are counted."""
        return timedelta(hours=self.hours)


class Raids(Strict):
    """What is a raid among the cases of one campaign, and among those of one person."""

    campaign: RaidRule
    person: RaidRule


class CampaignsFile(Strict):
    """`rules/desk/campaigns.yaml`; each field is explained there."""

    text: TextPolicy
    days: int = Field(ge=1)
    set_aside: int = Field(ge=1)
    common: list[str]
    public_hosts: list[str]
    public_handles: list[str]
    platforms: list[Platform]
    tracking: list[str]
    raids: Raids
    notice: str


class MapFile(Strict):
    """`rules/desk/carte.yaml`: département → column and row."""

    cells: dict[str, tuple[int, int]]


@dataclass(frozen=True)
class CampaignPolicy:
    """Both files."""

    rules: CampaignsFile
    cells: Mapping[str, Cell]

    @cached_property
    def platforms(self) -> Mapping[str, Platform]:
        """Host → the platform."""
        return {host: one for one in self.rules.platforms for host in one.hosts}


def load_campaign_policy(rules: Path, levels: Collection[str]) -> CampaignPolicy:
    """The policy in `rules`. Raises DataError with every problem."""
    problems: list[Problem] = []
    known = read(rules / "departements.yaml", problems)
    departements = build(Places, known, problems) if known else None
    file, places = (read(rules / "desk" / name, problems) for name in ("campaigns.yaml", "carte.yaml"))
    policy = build(CampaignsFile, file, problems) if file else None
    cells = build(MapFile, places, problems) if places else None
    if file and policy:
        for name, rule in (("campaign", policy.raids.campaign), ("person", policy.raids.person)):
            for field in ("least", "level"):
                if getattr(rule, field) not in levels:
                    said = f"niveau inconnu : « {getattr(rule, field)} »"
                    problems.append(file.problem(said, "raids", name, field))
    if places and cells and departements:
        problems += _misplaced(places, cells.cells, {one.code for one in departements.departements})
    if problems or policy is None or cells is None:
        raise DataError(problems)
    return CampaignPolicy(policy, cells.cells)


def _misplaced(file: DataFile, cells: Mapping[str, Cell], departements: Collection[str]) -> Iterator[Problem]:
    """Each département has a cell of its own."""
    for code in sorted(set(departements) - set(cells)):
        yield file.problem(f"département sans case : « {code} »", "cells")
    taken: dict[Cell, str] = {}
    for code, cell in cells.items():
        if code not in departements:
            yield file.problem(f"département inconnu : « {code} »", "cells", code)
        if cell in taken:
            yield file.problem(f"même case que « {taken[cell]} »", "cells", code)
        if min(cell) < 0:
            yield file.problem("colonne et ligne se comptent à partir de 0", "cells", code)
        taken[cell] = code
