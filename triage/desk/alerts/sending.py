"""Sends what waits: taken for a while, sent, then noted. A process killed in between sends once more at most."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from triage.desk.alerts import webhooks, wording
from triage.desk.alerts.raising import MAIL
from triage.desk.notice import Mailer, post
from triage.desk.office import DeskError, Office
from triage.errors import traced
from triage.store import alerts, deliveries, people
from triage.store.deliveries import Parcel
from triage.store.desk_tables import WEBHOOKS
from triage.store.people import UnknownPersonError

_LOG = logging.getLogger(__name__)
Clock = Callable[[], datetime]
Shipment = Callable[[], None]


@dataclass(frozen=True)
class Channels:
    """How alerts leave: an SMTP server if there is one, and the address of the desk to open."""

    mailer: Mailer | None
    link: str


def send(office: Office, channels: Channels, clock: Clock) -> None:
    """Sends all that waits now, several at once so that a server that is slow keeps only its own mail waiting."""
    lines = office.policies.alerts.lines
    with ThreadPoolExecutor(lines) as pool:
        for line in [pool.submit(_until_done, office, channels, clock) for _ in range(lines)]:
            line.result()


def _until_done(office: Office, channels: Channels, clock: Clock) -> None:
    while parcel := _take(office, clock()):
        ship = _shipment(office, channels, parcel, clock())
        if ship is None:
            with office.database.write() as connection:
                deliveries.moot(connection, parcel)
            continue
        error = _tried(ship)
        with office.database.write() as connection:
            if error:
                _again(office, parcel, error, clock(), connection)
            else:
                deliveries.sent(connection, parcel, clock())


def _take(office: Office, now: datetime) -> Parcel | None:
    policy = office.policies.alerts
    with office.database.write() as connection:
        alerts.alone(connection)
        return deliveries.take(connection, now, timedelta(seconds=policy.lease), policy.pressing, len(policy.retries))


def _shipment(office: Office, channels: Channels, parcel: Parcel, now: datetime) -> Shipment | None:
    """What sends the parcel; None when whoever it is for is not to be told any more."""
    patience = office.policies.alerts.patience
    with office.database.read() as connection:
        if parcel.channel == MAIL:
            try:
                person = people.get(connection, parcel.target)
            except UnknownPersonError:
                return None
            mailer = channels.mailer
            if mailer is None or person.state != "active" or not person.alerts:
                return None
            text = wording.body(office, parcel, channels.link)
            return lambda: post(mailer, person.login, wording.subject(office, parcel), text, patience)
        hook = connection.execute(select(WEBHOOKS).where(WEBHOOKS.c.id == parcel.target)).first()
    if hook is None or hook.state != "active":
        return None
    body = wording.payload(office, parcel, channels.link, now)
    secret = office.ring.wrapping.open(hook.secret)
    return lambda: webhooks.call(hook.url, secret, body, now, patience)


def _tried(ship: Shipment) -> str:
    """Why it could not be sent; nothing when it was."""
    try:
        ship()
    except DeskError as error:
        return str(error)
    except Exception as error:  # whatever is wrong with one must not keep the others waiting
        _LOG.error("a delivery failed: %s\n%s", type(error).__name__, traced(error))
        return f"Erreur inattendue ({type(error).__name__})."
    return ""


def _again(office: Office, parcel: Parcel, error: str, now: datetime, connection: Connection) -> None:
    policy = office.policies.alerts
    wait = policy.retry(parcel.tries) or timedelta(0)
    deliveries.failed(connection, parcel, now + wait, len(policy.retries), error)
