"""What is to be sent of alerts, to whom, and how it went. Every function works within the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, case, func, insert, select, update

from triage.store import named
from triage.store.cases import new_id
from triage.store.desk_tables import ALERTS, DELIVERIES

WAITING, SENT, DEAD, MOOT = "waiting", "sent", "dead", "moot"
_MOST = 1_000
_CUT = "L'envoi a été interrompu."


@dataclass(frozen=True)
class Due:
    """A delivery to make: of which alert, to whom, when."""

    alert_id: str
    channel: str
    target: str
    at: datetime


@dataclass(frozen=True)
class Delivery:
    """A delivery as it is listed: to whom, as they are called (empty for nobody any more), of which kind of alert."""

    id: str
    target: str
    to: str
    channel: str
    kind: str
    tries: int
    error: str
    next_at: datetime
    sent_at: datetime | None


_LISTED = tuple(DELIVERIES.c[name] for name in ("id", "target", "channel", "tries", "error", "next_at", "sent_at"))


@dataclass(frozen=True)
class Parcel:
    """All that is sent at once to one target: the deliveries, and how many alerts of each kind and level.

    `tries`: those of the delivery that was tried least, this one included.
    """

    channel: str
    target: str
    ids: tuple[str, ...]
    tries: int
    counts: tuple[tuple[str, str, int], ...]


def add(connection: Connection, due: Collection[Due]) -> None:
    """Adds deliveries; one that waits already for the same alert and target is brought forward instead."""
    ids = {one.alert_id for one in due}
    waits = (DELIVERIES.c.alert_id.in_(ids)) & (DELIVERIES.c.state == WAITING)
    known = {
        (row.alert_id, row.channel, row.target): row for row in connection.execute(select(DELIVERIES).where(waits))
    }
    rows = []
    for one in due:
        row = known.get((one.alert_id, one.channel, one.target))
        if row is None:
            made = {"alert_id": one.alert_id, "channel": one.channel, "target": one.target, "next_at": one.at}
            rows.append({"id": new_id(), "state": WAITING, "tries": 0, "error": "", **made})
        elif row.next_at > one.at:
            connection.execute(update(DELIVERIES).where(DELIVERIES.c.id == row.id).values(next_at=one.at))
    if rows:
        connection.execute(insert(DELIVERIES), rows)


def take(
    connection: Connection, now: datetime, lease: timedelta, pressing: Collection[str], tries: int
) -> Parcel | None:
    """What is to be sent first, with all that goes to the same target; kept from others until `lease` is over.

    What nobody needs to know any more, or was cut short more than so many `tries`, is put aside.
    """
    waits = (DELIVERIES.c.state == WAITING) & (DELIVERIES.c.next_at <= now)
    joined = DELIVERIES.join(ALERTS, ALERTS.c.id == DELIVERIES.c.alert_id)
    over = DELIVERIES.c.alert_id.in_(select(ALERTS.c.id).where(ALERTS.c.ended_at.is_not(None)))
    connection.execute(update(DELIVERIES).where(waits & over).values(state=MOOT))
    connection.execute(update(DELIVERIES).where(waits & (DELIVERIES.c.tries > tries)).values(state=DEAD, error=_CUT))
    first = case((ALERTS.c.kind.in_(pressing), 0), else_=1)
    query = select(DELIVERIES.c.channel, DELIVERIES.c.target).select_from(joined).where(waits)
    head = connection.execute(query.order_by(first, DELIVERIES.c.next_at).limit(1)).first()
    if head is None:
        return None
    same = waits & (DELIVERIES.c.channel == head.channel) & (DELIVERIES.c.target == head.target)
    about = (DELIVERIES.c.id, DELIVERIES.c.tries, ALERTS.c.kind, ALERTS.c.level)
    rows = connection.execute(select(*about).select_from(joined).where(same).limit(_MOST)).all()
    ids = tuple(row.id for row in rows)
    tried = {"next_at": now + lease, "tries": DELIVERIES.c.tries + 1}
    connection.execute(update(DELIVERIES).where(DELIVERIES.c.id.in_(ids)).values(**tried))
    return Parcel(head.channel, head.target, ids, min(row.tries for row in rows) + 1, _counted(rows))


def sent(connection: Connection, parcel: Parcel, now: datetime) -> None:
    """It has arrived."""
    _set(connection, parcel.ids, SENT, sent_at=now, error="")


def failed(connection: Connection, parcel: Parcel, next_at: datetime, most: int, error: str) -> None:
    """It has not: to be tried again then, but for what was tried more than `most` times, which is given up."""
    mine = DELIVERIES.c.id.in_(parcel.ids)
    state = case((DELIVERIES.c.tries > most, DEAD), else_=WAITING)
    connection.execute(update(DELIVERIES).where(mine).values(state=state, next_at=next_at, error=error[:200]))


def moot(connection: Connection, parcel: Parcel) -> None:
    """Whoever it is for is no longer to be told."""
    _set(connection, parcel.ids, MOOT)


def again(connection: Connection, delivery_id: str, now: datetime) -> bool:
    """Tries a delivery that was given up anew; whether there was such a one."""
    dead = (DELIVERIES.c.id == delivery_id) & (DELIVERIES.c.state == DEAD)
    anew = {"state": WAITING, "tries": 0, "next_at": now, "error": ""}
    return connection.execute(update(DELIVERIES).where(dead).values(**anew)).rowcount > 0


def drop(connection: Connection, delivery_id: str) -> bool:
    """Leaves a delivery that was given up; whether there was such a one."""
    dead = (DELIVERIES.c.id == delivery_id) & (DELIVERIES.c.state == DEAD)
    return connection.execute(update(DELIVERIES).where(dead).values(state=MOOT)).rowcount > 0


def any_dead(connection: Connection, but: str) -> bool:
    """Whether one was given up, those of the alerts of the kind `but` left aside."""
    joined = DELIVERIES.join(ALERTS, ALERTS.c.id == DELIVERIES.c.alert_id)
    query = select(DELIVERIES.c.id).select_from(joined).where((DELIVERIES.c.state == DEAD) & (ALERTS.c.kind != but))
    return connection.execute(query.limit(1)).first() is not None


def counts(connection: Connection) -> dict[str, int]:
    """How many deliveries are in each state."""
    rows = connection.execute(select(DELIVERIES.c.state, func.count()).group_by(DELIVERIES.c.state)).all()
    return {row[0]: row[1] for row in rows}


def listed(connection: Connection, state: str, most: int) -> list[Delivery]:
    """The deliveries in that state, the next or last first."""
    joined = DELIVERIES.join(ALERTS, ALERTS.c.id == DELIVERIES.c.alert_id)
    query = select(*_LISTED, ALERTS.c.kind).select_from(joined)
    order = DELIVERIES.c.sent_at.desc() if state == SENT else DELIVERIES.c.next_at
    rows = connection.execute(query.where(DELIVERIES.c.state == state).order_by(order).limit(most)).all()
    called = named.by_id(connection, {row.target for row in rows})
    return [Delivery(to=called.get(row.target, ""), **row._mapping) for row in rows]


def reached(connection: Connection, alert_ids: Collection[str]) -> dict[str, int]:
    """How many deliveries of each alert have arrived."""
    mine = DELIVERIES.c.alert_id.in_(alert_ids) & (DELIVERIES.c.state == SENT)
    rows = connection.execute(select(DELIVERIES.c.alert_id, func.count()).where(mine).group_by(DELIVERIES.c.alert_id))
    return {row[0]: row[1] for row in rows}


def _counted(rows: Iterable[Row[str, int, str, str]]) -> tuple[tuple[str, str, int], ...]:
    found: dict[tuple[str, str], int] = {}
    for row in rows:
        found[row.kind, row.level] = found.get((row.kind, row.level), 0) + 1
    return tuple((kind, level, number) for (kind, level), number in found.items())


def _set(connection: Connection, ids: Sequence[str], state: str, **values: object) -> None:
    if ids:
        connection.execute(update(DELIVERIES).where(DELIVERIES.c.id.in_(ids)).values(state=state, **values))
