"""A page of the queue: the cases that somebody may see, each with the reasons why it is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from triage.desk import journal
from triage.desk.office import Office
from triage.desk.queue.reasons import Reason, reasons
from triage.intake.moment import in_paris
from triage.store import people, queue
from triage.store.people import Person
from triage.store.queue import Filters, Key, Show
from triage.store.records import Standing

SIZE = 50
_BATCH = 500


@dataclass(frozen=True)
class Line:
    """A case, why it is there, and who holds it (empty: nobody)."""

    case: Standing
    types: tuple[str, ...]
    reasons: tuple[Reason, ...]
    holder: str
    mine: bool


@dataclass(frozen=True)
class Listing:
    """A page; `after` is where the next one begins, none on the last; `counts` are those of every view."""

    lines: tuple[Line, ...]
    after: Key | None
    counts: Mapping[Show, int]


def listing(office: Office, person: Person, filters: Filters, now: datetime, after: Key | None = None) -> Listing:
    """The page of the queue that follows `after`, the first without."""
    with office.database.read() as connection:
        found = queue.page(connection, person, filters, now, SIZE + 1, after)
        shown = found[:SIZE]
        extras = queue.extras(connection, [case.id for case in shown], now)
        names = people.names(connection, {case.claimed_by for case in shown if case.claimed_by})
        counts = queue.counts(connection, person, now)
    lines = tuple(_line(office, person, case, extras[case.id], names, now) for case in shown)
    turn = shown[-1].turn if len(found) > SIZE else None
    return Listing(lines, (turn, shown[-1].id) if turn else None, counts)


def _line(
    office: Office, person: Person, case: Standing, extras: queue.Extras, names: Mapping[str, str], now: datetime
) -> Line:
    kinds, holder = office.engine.composer.kinds, case.held_by(now)
    types = tuple(kinds[one].label for one in case.types if one in kinds)
    return Line(case, types, reasons(office, case, extras, now), names.get(holder or "", ""), holder == person.id)


def rows(office: Office, person: Person, filters: Filters, now: datetime) -> Iterator[list[str]]:
    """The queue as a table, its titles first, nothing in it of what was told. The audit keeps that it was exported."""
    with office.database.write() as connection:
        journal.record(office, connection, person, "export.queue", now)
    yield [
        "référence",
        "niveau",
        "types",
        "drapeaux",
        "département",
        "force",
        "reçu",
        "à lire avant",
        "agent",
        "raisons",
    ]
    after: Key | None = None
    while True:
        with office.database.read() as connection:
            found = queue.page(connection, person, filters, now, _BATCH, after)
            extras = queue.extras(connection, [case.id for case in found], now)
            names = people.names(connection, {case.claimed_by for case in found if case.claimed_by})
        for case in found:
            yield _row(office, _line(office, person, case, extras[case.id], names, now))
        turn = found[-1].turn if len(found) == _BATCH else None
        if turn is None:
            return
        after = (turn, found[-1].id)


def _row(office: Office, line: Line) -> list[str]:
    case, composer = line.case, office.engine.composer
    return [
        case.reference,
        office.engine.assessor.policy.level(case.level).label,
        ", ".join(line.types),
        ", ".join(composer.flags[flag].label for flag in case.flags if flag in composer.flags),
        case.departement,
        case.force,
        _minute(case.received_at),
        _minute(case.due_at),
        line.holder,
        " ; ".join(reason.text for reason in line.reasons[1:]),
    ]


def _minute(when: datetime | None) -> str:
    return in_paris(when).strftime("%Y-%m-%d %H:%M") if when else ""
