"""Legal clocks: until when one may act, computed from the dates told, never later than is plausible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dateutil.relativedelta import relativedelta
from pydantic import Field

from triage.assessment.triaged import Triaged
from triage.diagnostic.conditions import holds
from triage.diagnostic.contacts import Ground
from triage.diagnostic.situation import Situation
from triage.diagnostic.sources import ALWAYS, Sourced, When
from triage.diagnostic.starts import Anchors, Start, StartKind, starts
from triage.signals.rule import Strict

NIGHT = timedelta(days=1)


class Span(Strict):
    """How long a clock runs; months and years from date to date."""

    hours: int = 0
    days: int = 0
    months: int = 0
    years: int = 0

    def after(self, start: datetime) -> datetime:
        """The end of the clock that starts at `start`; hours are counted as they pass, whatever the season."""
        if self.hours:
            return (start.astimezone(UTC) + timedelta(hours=self.hours)).astimezone(start.tzinfo)
        return start + relativedelta(days=self.days, months=self.months, years=self.years)


class Clock(Sourced):
    """One kind of deadline (`rules/clocks.yaml`).

    `near` says which words stand near the date of the start. `settled` is the condition under which it surely runs;
    until then it is shown after `if_not_settled`. `from_today` clocks start with what the person does: without a date
    told, they are shown as if that were done today. `ask_start`: an unknown start is worth asking for. `instead` of
    `action`, what to do once something is done already; `late`: what to do once it is over.
    """

    id: str
    name: str
    duration: str
    span: Span
    start: StartKind
    start_text: str
    when: When
    near: Anchors
    settled: When = Field(default=ALWAYS)
    if_not_settled: str = ""
    from_today: bool = False
    ask_start: bool = True
    action: str
    instead: list[Ground] = []
    late: str = ""
    basis: str
    rank: int


@dataclass(frozen=True)
class Running:
    """A clock that runs for this person.

    Without `start` nothing is known of its beginning, and `ends` is None. `settled` is false while a fact that it
    depends on is not told. `supposed`: as if it started today.
    """

    clock: Clock
    settled: bool
    start: Start | None
    ends: datetime | None
    now: datetime
    action: str
    supposed: bool = False

    @property
    def left(self) -> timedelta | None:
        """What is left of it; negative once it has run out."""
        return self.ends - self.now if self.ends else None

    @property
    def days_left(self) -> int | None:
        """Whole days between today and the day of the end, negative once it is past."""
        return (self.ends.date() - self.now.date()).days if self.ends else None

    @property
    def hours_left(self) -> int | None:
        """Whole hours left, for the clocks that are counted in hours."""
        return int(self.left.total_seconds() // 3600) if self.left is not None else None

    @property
    def certain(self) -> bool:
        """Whether the start is told to the day, or to the hour for clocks in hours."""
        exact = self.start is not None and self.start.certain
        return exact and (not self.clock.span.hours or (self.start is not None and self.start.to_the_hour))

    @property
    def over(self) -> bool:
        """Whether, from the earliest plausible start, it has run out."""
        return self.ends is not None and self.ends <= self.now


def running(clocks: Iterable[Clock], triaged: Triaged, situation: Situation) -> tuple[Running, ...]:
    """Every clock that runs for this situation, the most pressing first; those without a date last."""
    found = [one for clock in clocks if holds(clock.when, situation.labels) for one in _run(clock, triaged, situation)]
    return tuple(sorted(found, key=lambda one: (one.ends is None, one.supposed, one.ends or one.now, one.clock.rank)))


def _run(clock: Clock, triaged: Triaged, situation: Situation) -> Iterator[Running]:
    settled = holds(clock.settled, situation.labels)
    instead = (one.why for one in clock.instead if holds(one.when, situation.labels))
    action = next(instead, clock.action)
    told = starts(clock.start, clock.near, triaged)
    for start in told:
        moment = start.moment - _behind(situation)
        yield Running(clock, settled, start, clock.span.after(moment), situation.now, action)
    if not told and clock.from_today:
        yield Running(clock, settled, None, clock.span.after(situation.now), situation.now, action, supposed=True)
    elif not told:
        yield Running(clock, settled, None, None, situation.now, action)


def _behind(situation: Situation) -> timedelta:
    """A day where the person's calendar is still on the eve of that of Paris: their « hier » is a day earlier."""
    return NIGHT if situation.local.date() < situation.now.date() else timedelta()
