"""Opening hours: whether a line answers now, and when it does in the person's own time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from triage.intake.moment import PARIS
from triage.signals.rule import Strict

WEEK = ("lun", "mar", "mer", "jeu", "ven", "sam", "dim")
_DAY = 24 * 60


class Opening(Strict):
    """Hours that hold on some days, by the clocks of Paris: « lun-ven », from « 09:00 » to « 18:30 »."""

    days: Literal["lun-dim", "lun-ven", "lun-sam"]
    opens: str = Field(alias="from", pattern=r"^\d\d:\d\d$")
    closes: str = Field(alias="to", pattern=r"^\d\d:\d\d$")

    @property
    def minutes(self) -> tuple[int, int]:
        """From and to, in minutes after midnight; 1,440 at the end of the day."""
        return _minutes(self.opens), _minutes(self.closes)

    def covers(self, moment: datetime) -> bool:
        """Whether it is open at `moment`."""
        at = moment.astimezone(PARIS)
        first, last = (WEEK.index(day) for day in self.days.split("-"))
        begin, end = self.minutes
        return first <= at.weekday() <= last and begin <= at.hour * 60 + at.minute < end


def is_open(openings: Iterable[Opening], moment: datetime) -> bool | None:
    """Whether one of `openings` covers `moment`; None when the hours are not known."""
    openings = list(openings)
    return any(opening.covers(moment) for opening in openings) if openings else None


def always(openings: Iterable[Opening]) -> bool:
    """Whether it never closes."""
    return any(opening.days == "lun-dim" and opening.minutes == (0, _DAY) for opening in openings)


def local_hours(opening: Opening, zone: ZoneInfo, moment: datetime) -> str:
    """The hours of `opening` on the day of `moment` by the clocks of `zone`: « de 12 h à 0 h »."""
    midnight = moment.astimezone(PARIS).replace(hour=0, minute=0, second=0, microsecond=0)
    begin, end = ((midnight + timedelta(minutes=m)).astimezone(zone) for m in opening.minutes)
    return f"de {clock(begin)} à {clock(end)}"


def clock(moment: datetime) -> str:
    """« 9 h », « 18 h 30 »."""
    return f"{moment.hour} h" + (f" {moment.minute:02d}" if moment.minute else "")


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
