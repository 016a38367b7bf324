"""Looks at the store for what somebody is to be told, and decides whom.

What needs an alert is read from the cases themselves, so that a pass after a crash, or made twice, gives the same.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, false, not_, or_, select

from triage.desk.alerts import recipients
from triage.desk.alerts.recipients import Place, Roster
from triage.desk.office import Office
from triage.store import alerts, apart, deliveries, quality
from triage.store.alerts import Alert
from triage.store.deliveries import Due
from triage.store.desk_tables import EXCLUSIONS
from triage.store.tables import CASES

MAIL, WEBHOOK = "mail", "webhook"
_BATCH = 500
_NOWHERE = Place("", "")


def look(office: Office, now: datetime, mail: bool) -> None:
    """One pass: ends the alerts that have no object any more, raises those that miss, sends out those that are due.

    `mail`: whether e-mail can be sent. Raises StoreError.
    """
    for kind in ("immediate", "unclaimed", "late", "uncovered", "reminder"):
        while _raise(office, kind, now) == _BATCH:
            pass
    _undelivered(office, now)
    _quality(office, now)
    _apart(office, now)
    while _ring(office, now, mail) == _BATCH:
        pass
    with office.database.write() as connection:
        alerts.forget(connection, now - timedelta(days=office.policies.alerts.kept))


def needed(office: Office, connection: Connection, kind: str, now: datetime) -> ColumnElement[bool]:
    """The cases that need an alert of that kind now."""
    policy = office.policies.alerts
    ringing = alerts.ringing(now, policy.ringing)
    if kind == "immediate":
        return ringing
    if kind == "unclaimed":
        return and_(ringing, alerts.older("immediate", now - timedelta(minutes=policy.unclaimed_after)))
    if kind == "late":
        grace = {level.id: policy.allowed(level.id) for level in office.engine.assessor.policy.levels}
        return and_(alerts.late(now, grace), not_(ringing))
    return alerts.to_remind(now) if kind == "reminder" else _uncovered(connection, now)


def _raise(office: Office, kind: str, now: datetime) -> int:
    with office.database.write() as connection:
        alerts.alone(connection)
        condition = needed(office, connection, kind, now)
        alerts.settle(connection, kind, condition, now)
        return alerts.raise_missing(connection, kind, condition, now, _BATCH)


def _uncovered(connection: Connection, now: datetime) -> ColumnElement[bool]:
    """Cases that wait and that nobody may see: no account covers them, or all those that do are kept out."""
    who = recipients.roster(connection, now)
    nobody = [
        and_(CASES.c.departement == departement, CASES.c.force == force, CASES.c.concerns == concerns)
        for departement, force, concerns in alerts.places(connection, now)
        if not who.covered(Place(departement, force, concerns))
    ]
    kept_out = recipients.places_of(connection, _with_exclusions(connection))
    hidden = [case_id for case_id, place in kept_out.items() if not who.covered(place)]
    return and_(alerts.waiting(now), or_(false(), CASES.c.id.in_(hidden), *nobody))


def _with_exclusions(connection: Connection) -> Collection[str]:
    joined = EXCLUSIONS.join(CASES, CASES.c.id == EXCLUSIONS.c.case_id)
    return connection.scalars(select(CASES.c.id).select_from(joined).where(CASES.c.queued.is_(True)).distinct()).all()


def _undelivered(office: Office, now: datetime) -> None:
    """One alert while something could not be sent, and no longer."""
    kind = "undelivered"
    with office.database.write() as connection:
        alerts.alone(connection)
        _while(connection, kind, deliveries.any_dead(connection, kind), now)


def _quality(office: Office, now: datetime) -> None:
    """One alert while the last night's measure shows something that nobody has accepted, and no longer."""
    with office.database.write() as connection:
        alerts.alone(connection)
        night = quality.last(connection)
        _while(connection, "quality", night is not None and bool(night.findings) and not night.settled, now)


def _apart(office: Office, now: datetime) -> None:
    """One alert while reports that may be a weapon wait for a supervisor's look, and no longer."""
    with office.database.write() as connection:
        alerts.alone(connection)
        _while(connection, "apart", apart.any_waits(connection), now)


def _while(connection: Connection, kind: str, wrong: bool, now: datetime) -> None:
    """One alert of that kind, about no case, while something is `wrong`."""
    told = bool(alerts.open_about(connection, kind))
    if wrong and not told:
        alerts.add(connection, kind, [("", "", "", "")], now)
    elif told and not wrong:
        alerts.end(connection, kind, "", now)


def _ring(office: Office, now: datetime, mail: bool) -> int:
    """Makes the deliveries of the alerts that are due, and tells the desks that are open; how many alerts."""
    policy = office.policies.alerts
    every = {name: kind.every for name, kind in policy.kinds.items()}
    with office.database.write() as connection:
        alerts.alone(connection)
        due = alerts.to_ring(connection, now, every, _BATCH)
        if due:
            who = recipients.roster(connection, now)
            places = recipients.places_of(connection, {one.case_id for one in due})
            made = [d for one in due for d in _due(office, who, one, places.get(one.case_id, _NOWHERE), now, mail)]
            deliveries.add(connection, made)
            _announce(office, connection, due, now)
            alerts.rung(connection, [one.id for one in due], now)
    return len(due)


def _due(office: Office, who: Roster, alert: Alert, place: Place, now: datetime, mail: bool) -> list[Due]:
    policy = office.policies.alerts
    widened = alert.rounds + 1 >= policy.widen_at
    people = recipients.chosen(who, policy.kinds[alert.kind], place, now, widened) if mail else {}
    hooks = [Due(alert.id, WEBHOOK, hook, now) for hook in who.listening(place)]
    return [*(Due(alert.id, MAIL, person, at) for person, at in people.items()), *hooks]


def _announce(office: Office, connection: Connection, due: list[Alert], now: datetime) -> None:
    """On the desks that are open: each alert that presses, the others once for each place."""
    kinds = office.policies.alerts.kinds
    told: set[tuple[str, str, str]] = set()
    for one in due:
        place = (one.kind, one.departement, one.force)
        if kinds[one.kind].pressing or place not in told:
            alerts.announce(connection, one, now, kinds[one.kind].toast)
        told.add(place)
