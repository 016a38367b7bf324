"""What the page of a case shows of its measures: where each stands, what may be done next, whom to turn to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from triage.desk.measures.letters import LetterRule
from triage.desk.measures.pack import Cycle, State
from triage.desk.measures.routing import Suggestion, suggest
from triage.desk.office import Office
from triage.intake.moment import in_paris
from triage.store import directory, measures
from triage.store.directory import Unit
from triage.store.measures import Measure
from triage.store.records import FINISHED, Case


@dataclass(frozen=True)
class Followed:
    """A measure of the case. `free`: whoever sees the case may take it further, without holding it.

    `starts`: the day that the next step most likely begins on; `late`: its reminder has come; `letters`: those that
    can be written now.
    """

    cycle: Cycle
    measure: Measure
    state: State
    unit: Unit | None
    suggested: tuple[Suggestion, ...]
    letters: tuple[LetterRule, ...]
    free: bool
    late: bool
    starts: date


@dataclass(frozen=True)
class Possible:
    """A measure that nobody has opened for the case, and why it would be: empty when nothing asks for it."""

    cycle: Cycle
    why: str


def followed(office: Office, connection: Connection, case: Case, now: datetime) -> list[Followed]:
    """The measures of the case, those to act on first."""
    mine = measures.of_case(connection, case.id, office.cases.sealer(connection, case.id))
    cycles = office.policies.pack.cycles
    found = [
        _followed(office, connection, case, one, cycles[kind], now) for kind, one in mine.items() if kind in cycles
    ]
    return sorted(found, key=lambda one: (one.state.final, not one.late, one.measure.since))


def possible(office: Office, mine: Iterable[Followed], proposed: Iterable[str]) -> list[Possible]:
    """The measures that could be opened, those that the diagnostic or the assessment asks for first."""
    opened = {one.cycle.id: one for one in mine}
    suggested: dict[str, str] = dict.fromkeys(proposed, "proposée par le diagnostic")
    for one in opened.values():
        result = one.cycle.result(one.measure.result)
        for name in result.suggests if result else []:
            suggested[name] = f"à envisager : {result.label.lower()}" if result else ""
    cycles = office.policies.pack.cycles
    left = [Possible(cycle, suggested.get(name, "")) for name, cycle in cycles.items() if name not in opened]
    return sorted(left, key=lambda one: not one.why)


def _followed(
    office: Office, connection: Connection, case: Case, measure: Measure, cycle: Cycle, now: datetime
) -> Followed:
    state = cycle.state(measure.state)
    asks = any(step.unit for step in cycle.steps_from(measure.state))
    today = in_paris(now).date()
    renewed = (
        state.in_force
        and measure.until is not None
        and any(cycle.state(step.to).lasts for step in cycle.steps_from(measure.state))
    )
    return Followed(
        cycle=cycle,
        measure=measure,
        state=state,
        unit=directory.unit(connection, measure.unit),
        suggested=tuple(suggest(connection, cycle, case.standing)) if asks or not measure.unit else (),
        letters=tuple(office.policies.letters.offered(cycle.id, granted=measure.until is not None)),
        free=state.in_force or case.state in FINISHED,
        late=measure.remind_at is not None and measure.remind_at <= now,
        starts=in_paris(measure.until).date() if renewed and measure.until else today,
    )
