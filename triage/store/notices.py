"""Of what officials have still to be told by e-mail: messages that they have not read, measures that moved on.

Every function works within the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, select, true, update

from triage.store.desk_tables import MEASURE_STEPS
from triage.store.tables import CASES, MESSAGES


@dataclass(frozen=True)
class Untold:
    """What one notice tells of: the ids of messages, and of steps of measures."""

    messages: Sequence[str]
    steps: Sequence[str]


def untold(connection: Connection, before: datetime) -> Mapping[str, Untold]:
    """What agents wrote and did before then, of which the official is to be told: by the id of the case."""
    messages = _waiting(connection, MESSAGES, before, (MESSAGES.c.by == "agent") & MESSAGES.c.read_at.is_(None))
    steps = _waiting(connection, MEASURE_STEPS, before, true())
    return {one: Untold(messages.get(one, ()), steps.get(one, ())) for one in {**messages, **steps}}


def noticed(connection: Connection, told: Untold, now: datetime) -> None:
    """None of it needs a notice any more."""
    for table, ids in ((MESSAGES, told.messages), (MEASURE_STEPS, told.steps)):
        if ids:
            connection.execute(update(table).where(table.c.id.in_(ids)).values(noticed_at=now))


def _waiting(
    connection: Connection, table: Table, before: datetime, which: ColumnElement[bool]
) -> dict[str, Sequence[str]]:
    there = table.c.noticed_at.is_(None) & (table.c.at <= before) & (CASES.c.state != "erased")
    query = select(table.c.case_id, table.c.id).join(CASES, CASES.c.id == table.c.case_id).where(which & there)
    found: dict[str, list[str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.case_id, []).append(row.id)
    return dict(found)
