"""The views of the queue that people keep, each for oneself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from triage.store.cases import new_id
from triage.store.named_tables import VIEW_NAMES
from triage.store.people_tables import VIEWS
from triage.store.sealing import opened, seal

MOST = 20


@dataclass(frozen=True)
class View:
    """Filters, as the query of an address, under a name."""

    id: str
    name: str
    query: str


def kept(connection: Connection, person_id: str) -> Sequence[View]:
    """Somebody's views, by name."""
    joined = VIEWS.join(VIEW_NAMES, VIEW_NAMES.c.id == VIEWS.c.id)
    columns = select(VIEWS.c.id, VIEW_NAMES.c.name, VIEWS.c.query).select_from(joined)
    rows = connection.execute(columns.where(VIEWS.c.person_id == person_id))
    found = (View(row.id, opened(connection, row.name), row.query) for row in rows)
    return sorted(found, key=lambda view: view.name)


def keep(connection: Connection, person_id: str, name: str, query: str) -> bool:
    """Keeps a view, in place of the one of that name; False when somebody has too many."""
    there = kept(connection, person_id)
    for one in there:
        if one.name == name:
            forget(connection, person_id, one.id)
    if sum(one.name != name for one in there) >= MOST:
        return False
    view_id = new_id()
    connection.execute(insert(VIEWS).values(id=view_id, person_id=person_id, name="", query=query))
    connection.execute(insert(VIEW_NAMES).values(id=view_id, name=seal(connection, name)))
    return True


def forget(connection: Connection, person_id: str, view_id: str) -> None:
    """Removes one of somebody's own views."""
    connection.execute(delete(VIEWS).where((VIEWS.c.person_id == person_id) & (VIEWS.c.id == view_id)))
