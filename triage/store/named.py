"""What the ids that the audit keeps are called. Every function works within the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from sqlalchemy import Column, Connection, select

from triage.store import people
from triage.store.campaign_tables import CAMPAIGNS
from triage.store.desk_tables import DIRECTORY, WEBHOOKS
from triage.store.records import reference_of
from triage.store.tables import CASES, EXHIBITS

# Where an id may be from, and what to call what it is: never by anything that was told.
_CALLED: tuple[tuple[Column[Any], Callable[[Any], str]], ...] = (
    (CASES.c.id, reference_of),
    (CAMPAIGNS.c.number, "campagne n° {}".format),
    (EXHIBITS.c.number, "pièce {}".format),
    (WEBHOOKS.c.name, str),
)


def by_id(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Of these ids, those that have a name, a reference or a number, and which."""
    return dict(_found(connection, ids)) if ids else {}


def units(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """The names of the units of the directory, by their id."""
    if not ids:
        return {}
    query = select(DIRECTORY.c.id, DIRECTORY.c.name).where(DIRECTORY.c.id.in_(ids))
    return {row.id: row.name for row in connection.execute(query)}


def _found(connection: Connection, ids: Collection[str]) -> Iterator[tuple[str, str]]:
    yield from people.names(connection, ids).items()
    for column, called in _CALLED:
        own = column.table.c.id
        for row in connection.execute(select(own, column.label("called")).where(own.in_(ids))):
            yield row.id, called(row.called)
