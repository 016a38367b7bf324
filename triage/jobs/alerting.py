"""Alerts, as the worker sends them: every minute, and at once when something happens at the desk."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import func, select

from triage.desk.alerts.raising import look
from triage.desk.alerts.sending import Channels, send
from triage.desk.notice import Mailer
from triage.desk.office import Office
from triage.errors import TriageError
from triage.settings import Settings
from triage.store.desk_tables import NEWS

_LOG = logging.getLogger(__name__)
# Seconds between two looks at what happened: an alert leaves that long after, at most.
_PACE = 1.0


def channels_of(settings: Settings, mailer: Mailer | None) -> Channels:
    """How alerts leave this service."""
    return Channels(mailer, f"{settings.address.rstrip('/')}/desk" if settings.address else "")


def alert(office: Office, channels: Channels) -> None:
    """Raises what is to be told, and sends it."""
    try:
        look(office, _now(), channels.mailer is not None)
        send(office, channels, _now)
    except TriageError as error:
        _LOG.warning("alerts wait: %s", error)


def on_news(office: Office, work: Callable[[], object], stop: threading.Event | None = None) -> None:
    """Calls `work` whenever something happened to a case, until `stop`: whoever did it need not think of it."""
    stop, seen = stop or threading.Event(), 0
    while not stop.wait(_PACE):
        try:
            with office.database.read() as connection:
                last = connection.scalar(select(func.max(NEWS.c.seq)).where(NEWS.c.kind != "alert")) or 0
            if last > seen:
                seen = last
                work()
        except Exception:  # whatever it is, the next look finds what waits
            _LOG.warning("alerts wait", exc_info=True)


def _now() -> datetime:
    return datetime.now(UTC)
