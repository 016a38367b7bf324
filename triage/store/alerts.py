"""Alerts in the store: which cases need one, which are open. Every function works within the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, not_, or_, select, update

from triage.store.cases import new_id
from triage.store.desk_tables import ALERTS, MEASURES, NEWS
from triage.store.tables import CASES

_ALONE = 7_418  # the lock that workers who raise or take alerts hold in turn
_OPEN = ALERTS.c.ended_at.is_(None)


@dataclass(frozen=True)
class Alert:
    """Something that somebody is to be told, until it is no longer so. `case_id` is empty when it is about none."""

    id: str
    kind: str
    case_id: str
    level: str
    departement: str
    force: str
    created_at: datetime
    rung_at: datetime | None
    rounds: int
    ended_at: datetime | None
    ended: str


def alone(connection: Connection) -> None:
    """One worker at a time raises and takes: on SQLite writers wait for each other already."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_ALONE)))


def waiting(now: datetime) -> ColumnElement[bool]:
    """Cases in which an agent has to act, unless they were put off until later."""
    awake = or_(CASES.c.snoozed_until.is_(None), CASES.c.snoozed_until <= now)
    return and_(CASES.c.queued.is_(True), awake)


def ringing(now: datetime, levels: Collection[str]) -> ColumnElement[bool]:
    """Cases of these levels that nobody holds, and that nobody has read since, or where something is due again."""
    unread = or_(CASES.c.taken_at.is_(None), CASES.c.taken_at < func.coalesce(CASES.c.level_since, CASES.c.received_at))
    return and_(CASES.c.level.in_(levels), or_(unread, CASES.c.due_at <= now), _unheld(now), waiting(now))


def late(now: datetime, grace: Mapping[str, timedelta]) -> ColumnElement[bool]:
    """Cases past their time by more than the grace of their level, whoever holds them."""
    past = [and_(CASES.c.level == level, CASES.c.due_at < now - allowed) for level, allowed in grace.items()]
    return and_(or_(*past), waiting(now))


def to_remind(now: datetime) -> ColumnElement[bool]:
    """Cases, closed or not, of which a protective measure is to be looked at again."""
    return CASES.c.id.in_(select(MEASURES.c.case_id).where(MEASURES.c.remind_at <= now))


def places(connection: Connection, now: datetime) -> list[tuple[str, str, str]]:
    """The departements, forces and units that cases waiting now are about."""
    about = (CASES.c.departement, CASES.c.force, CASES.c.concerns)
    return [(row[0], row[1], row[2]) for row in connection.execute(select(*about).where(waiting(now)).distinct())]


def settle(connection: Connection, kind: str, still: ColumnElement[bool], now: datetime) -> None:
    """Ends the alerts of that kind about cases that are `still` so no more, saying whether somebody took the case."""
    mine = (ALERTS.c.kind == kind) & _OPEN
    held = select(CASES.c.id).where(not_(_unheld(now)))
    needing = select(CASES.c.id).where(still)
    over = mine & ALERTS.c.case_id.not_in(needing)
    connection.execute(update(ALERTS).where(over & ALERTS.c.case_id.in_(held)).values(ended_at=now, ended="claimed"))
    connection.execute(update(ALERTS).where(over).values(ended_at=now, ended="over"))


def end(connection: Connection, kind: str, case_id: str, now: datetime) -> None:
    """Ends the alerts of that kind about a case, or about none."""
    mine = (ALERTS.c.kind == kind) & _OPEN & (ALERTS.c.case_id == case_id)
    connection.execute(update(ALERTS).where(mine).values(ended_at=now, ended="over"))


def raise_missing(connection: Connection, kind: str, needed: ColumnElement[bool], now: datetime, most: int) -> int:
    """Adds an alert for at most so many cases for which one is `needed` and none is open; how many."""
    told = select(ALERTS.c.case_id).where((ALERTS.c.kind == kind) & _OPEN)
    about = (CASES.c.id, CASES.c.level, CASES.c.departement, CASES.c.force)
    found = connection.execute(select(*about).where(needed & CASES.c.id.not_in(told)).limit(most)).all()
    add(connection, kind, [(one.id, one.level, one.departement, one.force) for one in found], now)
    return len(found)


def add(connection: Connection, kind: str, cases: Iterable[tuple[str, str, str, str]], now: datetime) -> None:
    """Adds an alert for each of the cases (id, level, departement, force)."""
    shared = {"kind": kind, "created_at": now, "rounds": 0}
    rows = [
        {"id": new_id(), "case_id": case_id, "level": level, "departement": departement, "force": force, **shared}
        for case_id, level, departement, force in cases
    ]
    if rows:
        connection.execute(insert(ALERTS), rows)


def open_about(connection: Connection, kind: str) -> set[str]:
    """The cases about which an alert of that kind is open."""
    return set(connection.scalars(select(ALERTS.c.case_id).where((ALERTS.c.kind == kind) & _OPEN)).all())


def older(kind: str, moment: datetime) -> ColumnElement[bool]:
    """Cases about which an alert of that kind has been open since before `moment`."""
    return CASES.c.id.in_(
        select(ALERTS.c.case_id).where((ALERTS.c.kind == kind) & _OPEN & (ALERTS.c.created_at <= moment))
    )


def to_ring(connection: Connection, now: datetime, every: Mapping[str, int], most: int) -> list[Alert]:
    """Open alerts to be sent now: never sent yet, or again after so many minutes (0: never)."""
    again = [
        and_(ALERTS.c.kind == kind, ALERTS.c.rung_at <= now - timedelta(minutes=minutes))
        for kind, minutes in every.items()
        if minutes
    ]
    query = select(ALERTS).where(_OPEN & or_(ALERTS.c.rung_at.is_(None), *again))
    return [Alert(*row) for row in connection.execute(query.order_by(ALERTS.c.created_at).limit(most)).all()]


def rung(connection: Connection, ids: Sequence[str], now: datetime) -> None:
    """These alerts have been sent once more."""
    connection.execute(update(ALERTS).where(ALERTS.c.id.in_(ids)).values(rung_at=now, rounds=ALERTS.c.rounds + 1))


def current(connection: Connection, most: int) -> list[Alert]:
    """The open alerts, those that ring most first."""
    query = select(ALERTS).where(_OPEN).order_by(ALERTS.c.rounds.desc(), ALERTS.c.created_at).limit(most)
    return [Alert(*row) for row in connection.execute(query).all()]


def forget(connection: Connection, before: datetime) -> None:
    """Deletes the alerts that ended before that, with their deliveries."""
    connection.execute(delete(ALERTS).where(ALERTS.c.ended_at < before))


def announce(connection: Connection, alert: Alert, now: datetime, about: str) -> None:
    """Says so on every connected desk of the place."""
    place = {"level": alert.level, "departement": alert.departement, "force": alert.force}
    connection.execute(insert(NEWS).values(at=now, kind="alert", case_id=alert.case_id, about=about, **place))


def _unheld(now: datetime) -> ColumnElement[bool]:
    return or_(CASES.c.claimed_by.is_(None), CASES.c.lease_until.is_(None), CASES.c.lease_until <= now)
