"""The reports that people read blind: the daily sample drawn at random, and those that would teach the model most."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, exists, func, insert, select

from triage.store.cases import UnknownCaseError, new_id
from triage.store.desk_tables import RULINGS, SAMPLE_READS, SAMPLES
from triage.store.keys import Sealer
from triage.store.tables import CASES

Purpose = Literal["calm", "teaching"]
CALM: Purpose = "calm"
TEACHING: Purpose = "teaching"
_DRAWING = 7_418  # the lock that two drawing processes take in turn


@dataclass(frozen=True)
class Sample:
    """A report drawn: of how many, `population`, how many were `drawn` that day; and who has read it."""

    id: str
    case_id: str
    day: str
    population: int
    drawn: int
    readers: tuple[str, ...]
    purpose: Purpose = CALM


@dataclass(frozen=True)
class Reading:
    """What somebody found of a report, the main type first. `seen`: how much of the case they had before them.

    `note`: their remark, or the reason of whoever decides between two readers.
    """

    person_id: str
    at: datetime
    level: str
    types: tuple[str, ...]
    note: str
    flags: tuple[str, ...] = ()
    seen: str = ""


def alone(connection: Connection) -> None:
    """Nobody else draws until the transaction ends (SQLite has one writer anyway)."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_DRAWING)))


def drawn_on(connection: Connection, day: str, purpose: Purpose = CALM) -> bool:
    """Whether that day's sample was drawn."""
    there = (SAMPLES.c.day == day) & (SAMPLES.c.purpose == purpose)
    return connection.execute(select(SAMPLES.c.id).where(there).limit(1)).first() is not None


def population(connection: Connection, levels: Collection[str], begins: datetime, ends: datetime) -> list[str]:
    """The cases received between these moments, of these levels, that no agent has read or decided."""
    cases = CASES.c
    there = (cases.received_at >= begins) & (cases.received_at < ends) & cases.level.in_(levels)
    unread = cases.taken_at.is_(None) & cases.claimed_by.is_(None) & (cases.decided == "")
    whole = (cases.state != "erased") & cases.merged_into.is_(None) & cases.split_from.is_(None)
    return list(connection.scalars(select(cases.id).where(there & unread & whole).order_by(cases.id)))


def add(connection: Connection, day: str, cases: Sequence[str], of: int, now: datetime) -> None:
    """Keeps what was drawn at random, of a population of `of`."""
    about = {"day": day, "drawn_at": now, "population": of, "drawn": len(cases)}
    for case_id in cases:
        connection.execute(insert(SAMPLES).values(id=new_id(), case_id=case_id, **about))


def get(connection: Connection, sample_id: str) -> Sample:
    """One report. Raises UnknownCaseError."""
    row = connection.execute(select(SAMPLES).where(SAMPLES.c.id == sample_id)).first()
    if row is None:
        raise UnknownCaseError("Ce récit n'est pas dans l'échantillon, ou il a été effacé.")
    return _sample(row, _readers(connection, [sample_id]).get(sample_id, ()))


def open_ones(connection: Connection, needed: int, purpose: Purpose) -> list[Sample]:
    """Those that fewer than `needed` people have read, the oldest first."""
    query = select(SAMPLES).where(SAMPLES.c.purpose == purpose, _read_count() < needed)
    return _samples(connection, query.order_by(SAMPLES.c.day, SAMPLES.c.id))


def read_ones(connection: Connection, needed: int, limit: int, *purposes: Purpose) -> list[Sample]:
    """Those that `needed` people or more have read, the last first; of these purposes, or of any."""
    query = select(SAMPLES).where(_read_count() >= needed)
    query = query.where(SAMPLES.c.purpose.in_(purposes)) if purposes else query
    return _samples(connection, query.order_by(SAMPLES.c.day.desc(), SAMPLES.c.id).limit(limit))


def unruled(connection: Connection, needed: int) -> list[Sample]:
    """Those that `needed` people have read and of which nobody has decided between them, the oldest first."""
    ruled = exists().where(RULINGS.c.sample_id == SAMPLES.c.id)
    query = select(SAMPLES).where(_read_count() >= needed, ~ruled)
    return _samples(connection, query.order_by(SAMPLES.c.day, SAMPLES.c.id))


def add_reading(connection: Connection, sealer: Sealer, sample: Sample, reading: Reading) -> None:
    """Keeps what somebody found."""
    connection.execute(insert(SAMPLE_READS).values(note=sealer.seal(reading.note.encode()), **_row(sample, reading)))


def readings(connection: Connection, sealer: Sealer, sample_id: str) -> list[Reading]:
    """What the readers of one report found, the first to read first."""
    query = select(SAMPLE_READS).where(SAMPLE_READS.c.sample_id == sample_id)
    rows = connection.execute(query.order_by(SAMPLE_READS.c.at, SAMPLE_READS.c.id))
    return [_reading(row, sealer.open(row.note)) for row in rows]


def add_ruling(connection: Connection, sealer: Sealer, sample: Sample, ruling: Reading) -> None:
    """Keeps what somebody decided between the readers."""
    connection.execute(insert(RULINGS).values(reason=sealer.seal(ruling.note.encode()), **_row(sample, ruling)))


def ruling(connection: Connection, sealer: Sealer, sample_id: str) -> Reading | None:
    """What was decided between the readers of one report, if anything was."""
    row = connection.execute(select(RULINGS).where(RULINGS.c.sample_id == sample_id)).first()
    return _reading(row, sealer.open(row.reason)) if row else None


def add_teaching(
    connection: Connection, sealer: Sealer, case_id: str, day: str, reasons: Sequence[str], of: int, now: datetime
) -> None:
    """Keeps a report chosen among `of` because it would teach much, and why; the reasons are sealed with its key."""
    sealed = sealer.seal(json.dumps(list(reasons), ensure_ascii=False).encode())
    about = {"purpose": TEACHING, "day": day, "drawn_at": now, "population": of, "drawn": 1, "reasons": sealed}
    connection.execute(insert(SAMPLES).values(id=new_id(), case_id=case_id, **about))


def reasons(connection: Connection, sealer: Sealer, sample_id: str) -> tuple[str, ...]:
    """Why a report was chosen; nothing for one drawn at random."""
    sealed = connection.scalar(select(SAMPLES.c.reasons).where(SAMPLES.c.id == sample_id))
    return tuple(json.loads(sealer.open(sealed))) if sealed else ()


def _row(sample: Sample, reading: Reading) -> dict[str, Any]:
    about = {"id": new_id(), "case_id": sample.case_id, "sample_id": sample.id, "person_id": reading.person_id}
    lists = {"types": " ".join(reading.types), "flags": " ".join(reading.flags)}
    return about | lists | {"at": reading.at, "level": reading.level, "seen": reading.seen}


def _reading(row: Row[Any], note: bytes) -> Reading:
    types, flags = tuple(row.types.split()), tuple(row.flags.split())
    return Reading(row.person_id, row.at, row.level, types, note.decode(), flags, row.seen)


def _read_count() -> Any:  # noqa: ANN401 (a scalar subquery)
    return select(func.count()).where(SAMPLE_READS.c.sample_id == SAMPLES.c.id).scalar_subquery()


def _samples(connection: Connection, query: Select[Any]) -> list[Sample]:
    rows = connection.execute(query).all()
    readers = _readers(connection, [row.id for row in rows])
    return [_sample(row, readers.get(row.id, ())) for row in rows]


def _readers(connection: Connection, ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    columns = select(SAMPLE_READS.c.sample_id, SAMPLE_READS.c.person_id)
    for row in connection.execute(columns.where(SAMPLE_READS.c.sample_id.in_(ids))):
        found[row.sample_id] = (*found.get(row.sample_id, ()), row.person_id)
    return found


def _sample(row: Row[Any], readers: tuple[str, ...]) -> Sample:
    return Sample(row.id, row.case_id, row.day, row.population, row.drawn, readers, row.purpose)
