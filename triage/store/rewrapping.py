"""What the service's own keys close in the store, and closing it anew with the key in use, while the service runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Row, Table, bindparam, select, update

from triage.store.database import Database
from triage.store.desk_tables import WEBHOOKS
from triage.store.keys import KeyRing
from triage.store.named_tables import ACCOUNTS, CAMPAIGN_NAMES, DUTY_NAMES, VIEW_NAMES
from triage.store.people_tables import AUDIT, ENROLMENTS, PEOPLE, SESSIONS
from triage.store.tables import CASE_KEYS

# Each a short transaction: reports that come meanwhile do not wait.
_BATCH = 500
UNKNOWN = ""  # closed with a key that is not here


@dataclass(frozen=True)
class Place:
    """A column that the service's own keys close, and the one that its rows are named by."""

    table: Table
    name: Column[Any]
    sealed: Column[Any]


CASES_KEYS = Place(CASE_KEYS, CASE_KEYS.c.case_id, CASE_KEYS.c.wrapped)
PLACES = (
    CASES_KEYS,
    Place(PEOPLE, PEOPLE.c.id, PEOPLE.c.totp),
    Place(ENROLMENTS, ENROLMENTS.c.token, ENROLMENTS.c.opened),
    Place(SESSIONS, SESSIONS.c.token, SESSIONS.c.id_token),
    Place(ACCOUNTS, ACCOUNTS.c.id, ACCOUNTS.c.login),
    Place(ACCOUNTS, ACCOUNTS.c.id, ACCOUNTS.c.name),
    Place(CAMPAIGN_NAMES, CAMPAIGN_NAMES.c.id, CAMPAIGN_NAMES.c.name),
    Place(VIEW_NAMES, VIEW_NAMES.c.id, VIEW_NAMES.c.name),
    Place(DUTY_NAMES, DUTY_NAMES.c.id, DUTY_NAMES.c.name),
    Place(WEBHOOKS, WEBHOOKS.c.id, WEBHOOKS.c.secret),
)
# The audit cannot be written again: what it holds stays closed with the key of its time.
REASONS = Place(AUDIT, AUDIT.c.seq, AUDIT.c.why)


def rewrap(database: Database, ring: KeyRing) -> Iterator[int]:
    """Closes everything with the key in use, a batch at a time; how many were changed in each. Raises StoreError.

    What is in use already is left, so that a run that was cut is only run again. What no key here opens is left too.
    """
    for place in PLACES:
        after = None
        while rows := _batch(database, place, after):
            after = rows[-1].name
            yield _renewed(database, ring, place, rows)


def counted(database: Database, ring: KeyRing, place: Place) -> Counter[str]:
    """Key → how many of the place it closes; `UNKNOWN` for those that no key here opens. Raises StoreError."""
    found: Counter[str] = Counter()
    opens = ring.reasons if place is REASONS else ring.wrapping
    after = None
    while rows := _batch(database, place, after):
        after = rows[-1].name
        found.update(opens.mark_of(row.sealed) or UNKNOWN for row in rows)
    return found


def _batch(database: Database, place: Place, after: Any) -> list[Row[Any]]:  # noqa: ANN401 (a row's name)
    query = select(place.name.label("name"), place.sealed.label("sealed")).where(place.sealed.is_not(None))
    if place is REASONS:
        query = query.where(AUDIT.c.case_id == "")
    if after is not None:
        query = query.where(place.name > after)
    with database.read() as connection:
        return list(connection.execute(query.order_by(place.name).limit(_BATCH)))


def _renewed(database: Database, ring: KeyRing, place: Place, rows: list[Row[Any]]) -> int:
    in_use = ring.wrapping.marks[0]
    changed = []
    for row in rows:
        mark = ring.wrapping.mark_of(row.sealed)
        if mark not in (None, in_use):
            changed.append(
                {"row": row.name, "old": row.sealed, "new": ring.wrapping.seal(ring.wrapping.open(row.sealed))}
            )
    if changed:
        with database.write() as connection:
            _replace(connection, place, changed)
    return len(changed)


def _replace(connection: Connection, place: Place, changed: list[dict[str, Any]]) -> None:
    """Only what is still as it was read: a case may have been erased meanwhile, a secret changed."""
    same = (place.name == bindparam("row")) & (place.sealed == bindparam("old"))
    connection.execute(update(place.table).where(same).values({place.sealed: bindparam("new")}), changed)
