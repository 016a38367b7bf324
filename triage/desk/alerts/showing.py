"""What the pages of the desk show of alerts and of what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.desk import journal
from triage.desk.alerts import recipients
from triage.desk.alerts.recipients import Place, Roster
from triage.desk.office import DeskError, Office
from triage.store import alerts, deliveries
from triage.store.alerts import Alert
from triage.store.deliveries import Delivery
from triage.store.people import Person

_MOST = 200
_SEEN = 2_000
_GONE = "Cet envoi n'est plus en échec : il a été renvoyé, ou l'alerte est finie."


@dataclass(frozen=True)
class Shown:
    """An open alert, and how many messages about it have arrived."""

    alert: Alert
    reached: int


def open_alerts(office: Office, person: Person) -> list[Shown]:
    """The open alerts about cases that the person may see, or for them and about no case; what rings most is first."""
    with office.database.read() as connection:
        there = [one for one in alerts.current(connection, _SEEN) if person.covers(one.departement, one.force)]
        places = recipients.places_of(connection, [one.case_id for one in there if one.case_id])
        hidden = {case_id for case_id, place in places.items() if not recipients.sees(person, place)}
        theirs = [one for one in there if one.case_id or _for(office, person, one)]
        found = [one for one in theirs if one.case_id not in hidden][:_MOST]
        reached = deliveries.reached(connection, [one.id for one in found])
    return [Shown(one, reached.get(one.id, 0)) for one in found]


def _for(office: Office, person: Person, alert: Alert) -> bool:
    """Whether an alert about no case is for the person: one of the groups that it is sent to."""
    alone, place = Roster((person,), (), ()), Place(alert.departement, alert.force)
    groups = (group for step in office.policies.alerts.kinds[alert.kind].to for group in step)
    return any(alone.members(group, place) for group in groups)


@dataclass(frozen=True)
class Traffic:
    """Deliveries by state: how many, and the first of each."""

    counts: dict[str, int]
    dead: Sequence[Delivery]
    waiting: Sequence[Delivery]
    sent: Sequence[Delivery]


def traffic(office: Office) -> Traffic:
    """What was sent, waits, or was given up."""
    with office.database.read() as connection:
        listed = {state: deliveries.listed(connection, state, _MOST) for state in ("dead", "waiting", "sent")}
        return Traffic(deliveries.counts(connection), listed["dead"], listed["waiting"], listed["sent"])


def send_again(office: Office, person: Person, delivery_id: str, now: datetime) -> None:
    """Tries anew a delivery that was given up. Raises DeskError when it was not."""
    with office.database.write() as connection:
        if not deliveries.again(connection, delivery_id, now):
            raise DeskError(_GONE)
        journal.record(office, connection, person, "delivery.again", now, about=delivery_id)


def leave(office: Office, person: Person, delivery_id: str, now: datetime) -> None:
    """Leaves a delivery that was given up. Raises DeskError when it was not."""
    with office.database.write() as connection:
        if not deliveries.drop(connection, delivery_id):
            raise DeskError(_GONE)
        journal.record(office, connection, person, "delivery.leave", now, about=delivery_id)
