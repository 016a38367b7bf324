"""How waiting is said: « 40 min », « 3 h 20 », « avant demain 8 h ». On the clocks of Paris."""

from __future__ import annotations

from datetime import datetime, timedelta

from triage.diagnostic.hours import clock
from triage.diagnostic.wording import plain_day
from triage.intake.moment import in_paris

_HOUR, _DAY = 60, 24 * 60


def lasted(span: timedelta) -> str:
    """« 40 min », « 3 h 20 », « 2 jours »; « moins d'une minute » under one."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return "moins d'une minute"
    if minutes < _HOUR:
        return f"{minutes} min"
    if minutes < 2 * _DAY:
        hours, rest = divmod(minutes, _HOUR)
        return f"{hours} h" + (f" {rest:02d}" if rest else "")
    return f"{minutes // _DAY} jours"


def at(when: datetime, now: datetime) -> str:
    """« 22 h 40 », « demain 8 h », « le 3 décembre 2026 à 8 h »."""
    local, days = in_paris(when), (in_paris(when).date() - in_paris(now).date()).days
    if days in (0, 1):
        return ("", "demain ")[days] + clock(local)
    return f"le {plain_day(local.date())} à {clock(local)}"
