"""The cases that agents judged, with what the engine had said before them. Works within the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select, true

from triage.store.desk_tables import EXCLUSIONS
from triage.store.keys import Sealer
from triage.store.opening import standing_of
from triage.store.records import Standing
from triage.store.tables import ASSESSMENTS, CASES, REQUESTS

_BATCH = 500


@dataclass(frozen=True)
class Said:
    """What the engine said: the contract's object and the diagnostic shown, by which rules and model."""

    at: datetime
    level: str
    rules: str
    model: str | None
    shown: Mapping[str, Any]


def received(connection: Connection, since: datetime | None, until: datetime | None) -> list[str]:
    """The ids of the cases received from and until these moments, erased ones too."""
    after = CASES.c.received_at >= since if since else true()
    before = CASES.c.received_at < until if until else true()
    return list(connection.scalars(select(CASES.c.id).where(and_(after, before)).order_by(CASES.c.id)))


def said_before(connection: Connection, sealer: Sealer, case_id: str, moment: datetime | None) -> Said | None:
    """The last assessment until `moment`, the very last without one; None when there is none."""
    query = select(ASSESSMENTS).where(ASSESSMENTS.c.case_id == case_id).order_by(ASSESSMENTS.c.at.desc())
    if moment is not None:
        query = query.where(ASSESSMENTS.c.at <= moment)
    row = connection.execute(query.limit(1)).first()
    return Said(row.at, row.level, row.rules, row.model, json.loads(sealer.open(row.answer))) if row else None


def excluded_from(connection: Connection, person_id: str) -> set[str]:
    """The cases that somebody is kept out of."""
    return set(connection.scalars(select(EXCLUSIONS.c.case_id).where(EXCLUSIONS.c.person_id == person_id)))


def asked(connection: Connection, kind: str) -> set[str]:
    """The cases in which something of that kind is asked and waits."""
    where = (REQUESTS.c.kind == kind) & (REQUESTS.c.state == "asked")
    return set(connection.scalars(select(REQUESTS.c.case_id).where(where)))


def states(connection: Connection, ids: Iterable[str]) -> dict[str, Standing]:
    """Where those cases stand now, by id."""
    wanted, found = list(ids), dict[str, Standing]()
    for start in range(0, len(wanted), _BATCH):
        rows = connection.execute(select(CASES).where(CASES.c.id.in_(wanted[start : start + _BATCH])))
        found |= {row.id: standing_of(row) for row in rows}
    return found
