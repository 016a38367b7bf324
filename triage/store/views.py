"""The views of the queue that people keep, each for oneself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from triage.store.cases import new_id
from triage.store.people_tables import VIEWS

MOST = 20


@dataclass(frozen=True)
class View:
    """Filters, as the query of an address, under a name."""

    id: str
    name: str
    query: str


def kept(connection: Connection, person_id: str) -> Sequence[View]:
    """Somebody's views, by name."""
    rows = connection.execute(select(VIEWS).where(VIEWS.c.person_id == person_id).order_by(VIEWS.c.name))
    return [View(row.id, row.name, row.query) for row in rows]


def keep(connection: Connection, person_id: str, name: str, query: str) -> bool:
    """Keeps a view, in place of the one of that name; False when somebody has too many."""
    connection.execute(delete(VIEWS).where((VIEWS.c.person_id == person_id) & (VIEWS.c.name == name)))
    number = connection.scalar(select(func.count()).where(VIEWS.c.person_id == person_id)) or 0
    if number >= MOST:
        return False
    connection.execute(insert(VIEWS).values(id=new_id(), person_id=person_id, name=name, query=query))
    return True


def forget(connection: Connection, person_id: str, view_id: str) -> None:
    """Removes one of somebody's own views."""
    connection.execute(delete(VIEWS).where((VIEWS.c.person_id == person_id) & (VIEWS.c.id == view_id)))
