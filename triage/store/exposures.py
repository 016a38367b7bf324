"""Which images each person at the desk has had to see. Every function works within the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from triage.store.cases import new_id
from triage.store.desk_tables import EXPOSURES
from triage.store.people_tables import SESSIONS
from triage.store.sealing import key_of
from triage.store.tables import DUTY


def add(connection: Connection, case_id: str, person_id: str, exhibit_id: str, now: datetime) -> None:
    """Keeps that somebody asked to see an exhibit."""
    row = {"id": new_id(), "case_id": case_id, "person_id": person_id, "exhibit_id": exhibit_id, "at": now}
    connection.execute(insert(EXPOSURES).values(**row))


def count(connection: Connection, person_id: str, since: datetime) -> int:
    """How many images somebody has asked to see since then."""
    where = (EXPOSURES.c.person_id == person_id) & (EXPOSURES.c.at >= since)
    return connection.scalar(select(func.count()).select_from(EXPOSURES).where(where)) or 0


def last(connection: Connection, person_id: str, exhibit_id: str) -> datetime | None:
    """When somebody last asked to see an exhibit."""
    where = (EXPOSURES.c.person_id == person_id) & (EXPOSURES.c.exhibit_id == exhibit_id)
    found: datetime | None = connection.scalar(select(func.max(EXPOSURES.c.at)).where(where))
    return found


def shift_began(connection: Connection, person_id: str, login: str, earliest: datetime, now: datetime) -> datetime:
    """When the shift of somebody began: on the rota, else with their first session since `earliest`."""
    there = (DUTY.c.who == key_of(connection, login)) & (DUTY.c.starts_at <= now) & (DUTY.c.ends_at > now)
    on_rota: datetime | None = connection.scalar(select(func.min(DUTY.c.starts_at)).where(there))
    if on_rota:
        return on_rota
    own = (SESSIONS.c.person_id == person_id) & (SESSIONS.c.created_at >= earliest)
    first: datetime | None = connection.scalar(select(func.min(SESSIONS.c.created_at)).where(own))
    return first or earliest
