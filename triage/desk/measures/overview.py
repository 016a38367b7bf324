"""The measures of all the cases of somebody's scope, and what an official sees of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, false, or_

from triage.desk.office import Office
from triage.store import measures
from triage.store.desk_tables import MEASURES
from triage.store.measures import Measure
from triage.store.people import Person
from triage.store.queue import reach
from triage.store.records import Case, Standing

MOST = 200


@dataclass(frozen=True)
class Wanted:
    """What to list: of a kind, in a state, those whose reminder has come; finished ones only when asked for."""

    kind: str = ""
    state: str = ""
    late: bool = False
    finished: bool = False


@dataclass(frozen=True)
class Told:
    """A measure as the official sees it: its name, and what they were told, each with its moment."""

    name: str
    lines: tuple[tuple[datetime, str], ...]


def overview(
    office: Office, connection: Connection, person: Person, wanted: Wanted, now: datetime
) -> list[tuple[Measure, Standing]]:
    """The measures that `person` may see, those whose reminder comes first before the others; `MOST` at most."""
    where = [reach(person)]
    if wanted.kind:
        where.append(MEASURES.c.kind == wanted.kind)
    if wanted.state:
        where.append(MEASURES.c.state == wanted.state)
    if wanted.late:
        where.append(MEASURES.c.remind_at <= now)
    if not (wanted.finished or wanted.state):
        where.append(~_final(office))
    return measures.listed(connection, where, MEASURES.c.remind_at, MOST)


def ending(office: Office, connection: Connection, person: Person, now: datetime) -> list[tuple[Measure, Standing]]:
    """The measures granted that end soon or should have, the first before the others."""
    soon = now + timedelta(days=office.policies.pack.soon)
    where = [reach(person), MEASURES.c.until <= soon, ~_final(office)]
    return measures.listed(connection, where, MEASURES.c.until, MOST)


def told_to_official(office: Office, connection: Connection, case: Case) -> list[Told]:
    """What the official may read of the measures of their case."""
    if not case.measured:  # most often
        return []
    mine = measures.of_case(connection, case.id, office.cases.sealer(connection, case.id))
    found = []
    for kind, measure in mine.items():
        cycle = office.policies.pack.cycles.get(kind)
        if cycle is None:
            continue
        lines = tuple(
            (one.at, said)
            for one in measure.steps
            if (said := cycle.state(one.state).says(one.detail.since or one.at, one.detail.until))
        )
        if lines:
            found.append(Told(cycle.name, lines))
    return found


def _final(office: Office) -> ColumnElement[bool]:
    """The measures for which there is nothing more to do."""
    ended = [
        and_(MEASURES.c.kind == kind, MEASURES.c.state.in_([one.id for one in cycle.states if one.final]))
        for kind, cycle in office.policies.pack.cycles.items()
    ]
    return or_(false(), *ended)
