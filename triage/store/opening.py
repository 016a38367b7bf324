"""Rows of the store made into a case, opened with its key. Every function works within the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import Connection, Row, Select, Table, bindparam, exists, select

from triage.store.desk_tables import MEASURES
from triage.store.keys import Sealer
from triage.store.records import (
    Asked,
    Case,
    Event,
    Exhibit,
    ExhibitState,
    Message,
    Read,
    Run,
    Standing,
    State,
    Told,
)
from triage.store.tables import CASES, COMMENT_RUNS, EVENTS, EXHIBITS, MESSAGES, REQUESTS

# Whether a case has any of these: most have none, and are not asked for them.
_SELDOM = (EXHIBITS, MESSAGES, REQUESTS, MEASURES)
THERE = tuple(exists().where(table.c.case_id == CASES.c.id).label(f"has_{table.name}") for table in _SELDOM)


def as_case(connection: Connection, row: Row[Any], sealer: Sealer) -> Case:
    """The case of a row of CASES with `THERE`, and all that belongs to it but the contents of evidence."""
    case_id = row.id
    exhibits = tuple(_exhibit(one, sealer) for one in _belonging(connection, EXHIBITS, row, "number"))
    return Case(
        id=case_id,
        received_at=row.received_at,
        changed_at=row.changed_at,
        state=cast(State, row.state),
        level=row.level,
        rank=row.rank,
        types=tuple(row.types.split()),
        flags=tuple(row.flags.split()),
        claimed_by=row.claimed_by,
        claimed_at=row.claimed_at,
        told=Told.model_validate_json(sealer.open(row.told)),
        exhibits=exhibits,
        runs=_runs(connection, case_id, sealer) if exhibits else (),
        messages=tuple(
            Message(one.id, one.at, one.by, sealer.open(one.text).decode(), one.read_at, one.author)
            for one in _belonging(connection, MESSAGES, row)
        ),
        events=tuple(
            Event(one.at, one.kind, sealer.open(one.detail).decode()) for one in _all(connection, EVENTS, case_id)
        ),
        asked=tuple(Asked(one.at, one.kind, one.state) for one in _belonging(connection, REQUESTS, row)),
        standing=standing_of(row),
        measured=row.has_measures,
    )


def standing_of(row: Row[Any]) -> Standing:
    """A row of CASES as a record."""
    columns = {name: getattr(row, name) for name in Standing.__dataclass_fields__}
    return Standing(**columns | {"types": tuple(row.types.split()), "flags": tuple(row.flags.split())})


def _belonging(connection: Connection, table: Table, row: Row[Any], order: str = "at") -> Sequence[Row[Any]]:
    return _all(connection, table, row.id, order) if row._mapping[f"has_{table.name}"] else ()


def _all(connection: Connection, table: Table, case_id: str, order: str = "at") -> Sequence[Row[Any]]:
    return connection.execute(_of_case(table, order), {"case_id": case_id}).all()


@cache  # writing a question takes longer than asking it
def _of_case(table: Table, order: str) -> Select[Any]:
    return select(table).where(table.c.case_id == bindparam("case_id")).order_by(table.c[order])


def _exhibit(row: Row[Any], sealer: Sealer) -> Exhibit:
    about = Read.model_validate_json(sealer.open(row.about))
    state = cast(ExhibitState, row.state)
    return Exhibit(row.id, row.number, row.received_at, row.kind, row.media_type, row.size, state, about)


def _runs(connection: Connection, case_id: str, sealer: Sealer) -> tuple[Run, ...]:
    of_case = select(EXHIBITS.c.id).where(EXHIBITS.c.case_id == case_id)
    rows: Iterable[Row[Any]] = connection.execute(select(COMMENT_RUNS).where(COMMENT_RUNS.c.exhibit_id.in_(of_case)))
    return tuple(
        Run(one.exhibit_id, one.position, one.total, one.done, json.loads(sealer.open(one.progress))) for one in rows
    )
