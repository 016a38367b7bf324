"""What supervisors make of the reports that are to be looked at: the list, and a decision with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.desk import journal
from triage.desk.flood.looking import NEWS
from triage.desk.handling.opening import permitted
from triage.desk.handling.reasons import said
from triage.desk.office import DeskError, Office
from triage.desk.people.rights import ForbiddenError, Right, require
from triage.desk.queue.placing import tell
from triage.store import apart, queue
from triage.store.apart import KEPT, RELEASED
from triage.store.people import Person
from triage.store.records import reference_of

_MOST = 500
NAMED = "named"  # only ever marked


@dataclass(frozen=True)
class Line:
    """A case to look at, and why. `back_at`: until then it is beside the queue; none: it is in it."""

    mark_id: str
    case_id: str
    reference: str
    level: str
    departement: str
    received_at: datetime
    due_at: datetime | None
    back_at: datetime | None


@dataclass(frozen=True)
class Group:
    """Cases that were found together, and why."""

    ground: str
    why: str
    lines: tuple[Line, ...]


def to_look_at(office: Office, person: Person, now: datetime) -> list[Group]:
    """What waits for a decision in one's scope, by what was found together, those beside the queue first."""
    require(person, Right.SUPERVISE)
    policy = office.policies.flood
    with office.database.read() as connection:
        rows = apart.to_look_at(connection, queue.reach(person), _MOST)
    groups: dict[str, list[Line]] = {}
    said_of: dict[str, tuple[str, str]] = {}
    for row in rows:
        back = row.back_at if row.back_at and row.back_at > now else None
        line = Line(
            row.id,
            row.case_id,
            reference_of(row.case_id),
            office.engine.assessor.policy.level(row.level).label,
            row.departement,
            row.received_at,
            row.due_at,
            back,
        )
        key = NAMED if row.ground == NAMED else row.found
        groups.setdefault(key, []).append(line)
        said_of[key] = (row.ground, policy.texts.of(row.ground, row.number, row.sources))
    return [Group(*said_of[key], tuple(lines)) for key, lines in groups.items()]


def decide(office: Office, person: Person, marks: Iterable[str], keep: bool, reason: str, now: datetime) -> int:
    """Gives cases back to the queue for good, or keeps them beside it for a while; how many.

    A case whose level says so, or that somebody has taken meanwhile, is never kept beside. Raises DeskError, and
    ForbiddenError for somebody who does not supervise; cases of another scope are left as they are.
    """
    require(person, Right.SUPERVISE)
    why, policy = said(reason), office.policies.flood
    done = 0
    for mark_id in dict.fromkeys(marks):
        with office.database.write() as connection:
            mark = apart.one(connection, mark_id)
            if mark is None or mark.state != apart.WAITING:
                continue
            try:
                standing = permitted(office, connection, person, mark.case_id, lock=True, right=Right.SUPERVISE)
            except ForbiddenError:
                continue
            may_wait = mark.ground != NAMED and standing.level not in policy.never
            kept = keep and may_wait and standing.held_by(now) is None
            state = KEPT if kept else RELEASED
            back = now + timedelta(hours=policy.keep) if kept else None
            sealed = office.cases.sealer(connection, mark.case_id).seal(why.encode())
            apart.decide(connection, mark_id, state, back, person.id, sealed, now)
            tell(connection, NEWS, standing, now)
            journal.record(office, connection, person, f"apart.{state}", now, mark.case_id, mark.ground, why)
            done += 1
    if not done:
        raise DeskError("Choisissez au moins un dossier qui attend encore une décision.")
    return done
