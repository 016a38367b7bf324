"""Sessions at the desk, kept in the store: they end when idle, at the end of a shift, or at once when revoked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from triage.desk.office import Office
from triage.store import news, people
from triage.store.cases import new_id
from triage.store.keys import KeyRing
from triage.store.people import Person
from triage.store.people_tables import SESSIONS

IDLE = timedelta(minutes=45)
LONGEST = timedelta(hours=12)
# How long one that is over is kept, to tell when somebody was there.
_KEPT = timedelta(days=30)
# How often « seen » is written at most: not at each page of each agent.
_GRAIN = timedelta(seconds=30)
# The news that the sessions of somebody are to be looked at again: one that is over ends its live stream at once.
CHANGED = "session"
# A live stream says that it is open at least that often; somebody is « there » while it does.
ALIVE = timedelta(seconds=90)


@dataclass(frozen=True)
class Session:
    """A session that is open, and whose it is."""

    id: str
    person: Person
    how: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime


class Keyed(Protocol):
    """What holds the service's keys."""

    @property
    def ring(self) -> KeyRing:
        """The keys."""
        ...


@dataclass(frozen=True)
class Opened:
    """A session that is open, as its owner sees it."""

    id: str
    how: str
    created_at: datetime
    seen_at: datetime


def begin(keyed: Keyed, connection: Connection, person_id: str, how: str, now: datetime, id_token: str = "") -> str:
    """Opens a session; the token that the browser keeps, of which the store only has a keyed hash.

    `id_token` is the OIDC provider's, kept to leave there too.
    """
    old = (SESSIONS.c.person_id == person_id) & (SESSIONS.c.ends_at < now - _KEPT)
    connection.execute(delete(SESSIONS).where(old))
    token = secrets.token_urlsafe(32)
    row: dict[str, Any] = {"id": new_id(), "person_id": person_id, "how": how, "created_at": now, "seen_at": now}
    row["id_token"] = keyed.ring.wrapping.seal(id_token.encode()) if id_token else None
    connection.execute(insert(SESSIONS).values(token=_hashed(keyed, token), ends_at=now + LONGEST, **row))
    return token


def current(office: Office, token: str, now: datetime, acts: bool = True) -> Session | None:
    """The session that `token` opens, if it still does. `acts`: the person does something, idle time begins anew."""
    with office.database.glance() as connection:
        row = connection.execute(select(SESSIONS).where(SESSIONS.c.token == _hashed(office, token))).first()
        found = _open(connection, row, now) if row else None
    if found and acts and now - found.seen_at > _GRAIN:
        with office.database.write() as connection:
            connection.execute(update(SESSIONS).where(SESSIONS.c.id == found.id).values(seen_at=now))
    return found


def revoke(connection: Connection, session_id: str, now: datetime) -> None:
    """Ends a session at once, wherever it is."""
    _end(connection, SESSIONS.c.id == session_id, now)


def revoke_all(connection: Connection, person_id: str, now: datetime, but: str = "") -> None:
    """Ends all the sessions of somebody, but the one whose id is `but`."""
    _end(connection, (SESSIONS.c.person_id == person_id) & (SESSIONS.c.id != but), now)


def changed(connection: Connection, person_id: str, now: datetime) -> None:
    """Has every live stream of somebody look at its session again: it is over, or they may see other cases."""
    news.tell(connection, CHANGED, now, about=person_id)


def open_ones(connection: Connection, person_id: str, now: datetime) -> list[Opened]:
    """The sessions of somebody that are open, the last used first."""
    there = SESSIONS.c.revoked_at.is_(None) & (SESSIONS.c.ends_at > now) & (SESSIONS.c.seen_at > now - IDLE)
    asked = select(SESSIONS).where((SESSIONS.c.person_id == person_id) & there).order_by(SESSIONS.c.seen_at.desc())
    return [Opened(row.id, row.how, row.created_at, row.seen_at) for row in connection.execute(asked)]


def id_token(keyed: Keyed, connection: Connection, session_id: str) -> str:
    """The OIDC provider's token of a session; empty when it was not opened there."""
    sealed = connection.scalar(select(SESSIONS.c.id_token).where(SESSIONS.c.id == session_id))
    return keyed.ring.wrapping.open(sealed).decode() if sealed else ""


def alive(connection: Connection, session_id: str, now: datetime) -> None:
    """Notes that the live stream of a session is open: somebody looks at the desk."""
    connection.execute(update(SESSIONS).where(SESSIONS.c.id == session_id).values(live_at=now))


def present(connection: Connection, now: datetime) -> list[Person]:
    """Who looks at the desk now."""
    there = (SESSIONS.c.live_at > now - ALIVE) & SESSIONS.c.revoked_at.is_(None) & (SESSIONS.c.ends_at > now)
    ids = connection.scalars(select(SESSIONS.c.person_id).where(there).distinct()).all()
    found = [people.get(connection, one) for one in ids]
    return [one for one in found if one.state == "active"]


def _end(connection: Connection, which: ColumnElement[bool], now: datetime) -> None:
    """Ends the sessions that still go on, and tells the desks."""
    goes_on = which & SESSIONS.c.revoked_at.is_(None)
    whose = connection.scalars(select(SESSIONS.c.person_id).where(goes_on).distinct()).all()
    connection.execute(update(SESSIONS).where(goes_on).values(revoked_at=now))
    for person_id in whose:
        changed(connection, person_id, now)


def _open(connection: Connection, row: Row[tuple[object, ...]], now: datetime) -> Session | None:
    if row.revoked_at or row.ends_at <= now or row.seen_at + IDLE <= now:
        return None
    person = people.get(connection, row.person_id)
    if person.state != "active":
        return None
    return Session(row.id, person, row.how, row.created_at, row.seen_at, row.ends_at)


def _hashed(keyed: Keyed, token: str) -> bytes:
    return keyed.ring.digest("session", token)
