"""How much waits in the store at this moment: counts and moments, nothing of any case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select, type_coerce

from triage.store.desk_tables import ALERTS, DELIVERIES
from triage.store.queue import awake
from triage.store.tables import CASES, EXHIBITS, Moment


@dataclass(frozen=True)
class Waiting:
    """The cases of one level in which an agent has to act; `late`: past their time."""

    cases: int
    oldest: datetime
    late: int


@dataclass(frozen=True)
class Gauges:
    """What waits. `deliveries`: of alerts, « waiting » or « dead » (given up); `unsent`: alerts never sent yet."""

    levels: Mapping[str, Waiting]
    deliveries: Mapping[str, int]
    unsent: int
    evidence: int


def gauges(connection: Connection, now: datetime) -> Gauges:
    """All of them, from indexes that hold only what waits."""
    pending = select(func.count()).where(EXHIBITS.c.state == "pending")
    unsent = select(func.count()).where(ALERTS.c.ended_at.is_(None), ALERTS.c.rung_at.is_(None))
    return Gauges(
        _levels(connection, now),
        _deliveries(connection),
        connection.scalar(unsent) or 0,
        connection.scalar(pending) or 0,
    )


def _levels(connection: Connection, now: datetime) -> Mapping[str, Waiting]:
    since = type_coerce(func.min(func.coalesce(CASES.c.level_since, CASES.c.received_at)), Moment)
    late = func.count(case((CASES.c.due_at <= now, 1)))
    waits = select(CASES.c.level, func.count(), since, late).where(CASES.c.queued, awake(now))
    rows = connection.execute(waits.group_by(CASES.c.level)).all()
    return {level: Waiting(cases, oldest, past) for level, cases, oldest, past in rows}


def _deliveries(connection: Connection) -> Mapping[str, int]:
    states = ("waiting", "dead")
    counted = select(DELIVERIES.c.state, func.count()).where(DELIVERIES.c.state.in_(states))
    return {row[0]: row[1] for row in connection.execute(counted.group_by(DELIVERIES.c.state)).all()}
