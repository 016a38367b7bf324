"""Deadlines for a calendar: one all-day event each, with a reminder (RFC 5545, by the icalendar library)."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from icalendar import Alarm, Calendar, Event

from triage.diagnostic.clocks import Running
from triage.diagnostic.diagnostic import Diagnostic

_BEFORE = timedelta(days=7)
_BEFORE_HOURS = timedelta(hours=12)


def as_calendar(diagnostic: Diagnostic) -> str:
    """The deadlines still to come, as the text of an `.ics` file. Nothing of the report itself stands in it."""
    calendar = Calendar()
    calendar.add("prodid", "-//triage//guichet//FR")
    calendar.add("version", "2.0")
    for running in diagnostic.clocks:
        if running.ends is not None and not running.over:
            calendar.add_component(_event(running, diagnostic))
    return str(calendar.to_ical(), "utf-8")


def _event(running: Running, diagnostic: Diagnostic) -> Event:
    texts, clock = diagnostic.texts, running.clock
    assert running.ends is not None
    hourly = bool(clock.span.hours)
    event = Event()
    event.add("uid", sha256(f"{clock.id} {running.ends.isoformat()}".encode()).hexdigest()[:32] + "@triage")
    event.add("dtstamp", running.now)
    event.add("dtstart", running.ends if hourly else running.ends.date())
    event.add("summary", f"Dernier délai : {clock.name}")
    event.add("description", f"{running.action} {texts.lawyer} {texts.not_a_complaint}")
    event.add("class", "PRIVATE")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", clock.name)
    alarm.add("trigger", -(_BEFORE_HOURS if hourly else _BEFORE))
    event.add_component(alarm)
    return event
