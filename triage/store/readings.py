"""Blind readings, counted: who found what, and how many reports each day's sample stands for. No case is opened."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from triage.intake.moment import in_paris
from triage.store.desk_tables import RULINGS, SAMPLE_READS, SAMPLES
from triage.store.figures import Cut, within
from triage.store.samples import CALM
from triage.store.tables import CASES


@dataclass(frozen=True)
class Found:
    """What somebody found of a report: the level, the main type."""

    sample: str
    person: str
    level: str
    primary: str


@dataclass(frozen=True)
class Drawn:
    """A report drawn at random on a day. `mine`: whether the cut holds its case; `levels`: what each reader found.

    `ruled`: the level decided between readers who disagreed, empty while nobody has.
    """

    day: str
    population: int
    mine: bool
    levels: tuple[str, ...]
    ruled: str


def found(connection: Connection, cut: Cut) -> list[Found]:
    """What readers found of the reports of the cut, of whatever purpose, during its period, the first reading first."""
    reads = SAMPLE_READS.c
    query = select(reads.sample_id, reads.person_id, reads.level, reads.types)
    query = query.join(CASES, CASES.c.id == reads.case_id).where(within(cut))
    query = query.where(reads.at >= cut.since, reads.at < cut.until).order_by(reads.at, reads.id)
    return [Found(row[0], row[1], row[2], row[3].partition(" ")[0]) for row in connection.execute(query)]


def drawn(connection: Connection, cut: Cut) -> list[Drawn]:
    """The reports drawn at random among those received on the days of the cut, wherever they are."""
    mine = set(
        connection.scalars(
            select(SAMPLES.c.id)
            .join(CASES, CASES.c.id == SAMPLES.c.case_id)
            .where(within(cut), SAMPLES.c.purpose == CALM)
        )
    )
    first, last = (in_paris(edge).date().isoformat() for edge in (cut.since, cut.until))
    chosen = (SAMPLES.c.purpose == CALM) & (SAMPLES.c.day >= first) & (SAMPLES.c.day <= last)
    levels: dict[str, list[str]] = {}
    reads = select(SAMPLE_READS.c.sample_id, SAMPLE_READS.c.level).join(
        SAMPLES, SAMPLES.c.id == SAMPLE_READS.c.sample_id
    )
    for row in connection.execute(reads.where(chosen)):
        levels.setdefault(row[0], []).append(row[1])
    query = select(SAMPLES.c.id, SAMPLES.c.day, SAMPLES.c.population, RULINGS.c.level)
    query = query.outerjoin(RULINGS, RULINGS.c.sample_id == SAMPLES.c.id).where(chosen).order_by(SAMPLES.c.day)
    return [
        Drawn(row[1], row[2], row[0] in mine, tuple(levels.get(row[0], ())), row[3] or "")
        for row in connection.execute(query)
    ]
