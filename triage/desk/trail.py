"""What was done, read back: by auditors, by those who handle a case, and by the official whose case it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection

from triage.desk import naming
from triage.desk.office import Office
from triage.desk.people.rights import Right, may
from triage.intake.moment import in_paris
from triage.store import people, trail
from triage.store.cases import UnknownCaseError
from triage.store.keys import KeyRingError
from triage.store.people import Person
from triage.store.trail import Line, Wanted

EXPORT = "export"
_AGENTS = ("agent", "supervisor")
PAGE = 100


@dataclass(frozen=True)
class Told:
    """A line as it is read: `name` of who did it, `why` opened, empty once the case is erased.

    `details`: what it is about, by names and references.
    """

    line: Line
    name: str
    why: str = ""
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What somebody of the desk did with a case on one day, `times` times, the last of them `at`.

    `number` tells the same agent again within this case, and says nothing else of them; `force` is empty for both.
    """

    day: date
    at: datetime
    number: str
    role: str
    force: str
    what: str
    times: int


def exports(office: Office, connection: Connection, case_id: str) -> list[Told]:
    """What left of a case, the last first."""
    return _told(office, connection, trail.of_case(connection, case_id, EXPORT))


def of_case(office: Office, connection: Connection, case_id: str) -> list[Told]:
    """Who did what with a case, the last first. Whoever calls has checked that the person may see it."""
    return _told(office, connection, trail.of_case(connection, case_id))


def journal(office: Office, connection: Connection, person: Person, wanted: Wanted, before: int) -> list[Told]:
    """A page of what `person` may audit, the last first, before the line of a number."""
    return _told(office, connection, trail.lines(connection, seen_by(connection, person), wanted, before, PAGE))


def whole_journal(connection: Connection, person: Person, wanted: Wanted) -> Iterator[Told]:
    """All of it, without reasons: these belong to the cases, and do not leave with a list."""
    names: dict[str, str] = {one.id: one.name for one in people.everybody(connection)}
    for line in trail.all_lines(connection, seen_by(connection, person), wanted):
        yield Told(line, names.get(line.who, line.who))


def seen_by(connection: Connection, person: Person) -> ColumnElement[bool]:
    """Supervisors see what concerns their cases and their people; administrators what concerns no case."""
    if not may(person, Right.HANDLE):
        return trail.without_case()
    return trail.within(person, [one.id for one in audited(connection, person)])


def audited(connection: Connection, person: Person) -> list[Person]:
    """Whose acts `person` may audit: everybody for an administrator, those within their scope for a supervisor."""
    everybody = people.everybody(connection)
    if not may(person, Right.HANDLE):
        return everybody
    return [one for one in everybody if one.id == person.id or _within(one, person)]


def _within(one: Person, person: Person) -> bool:
    """Whether all that somebody may see, `person` may see too."""
    return bool(one.scopes) and all(
        any(mine.departement in ("", theirs.departement) and mine.force in ("", theirs.force) for mine in person.scopes)
        for theirs in one.scopes
    )


def readings(office: Office, case_id: str) -> list[Reading]:
    """Who of the desk read the official's case, decided of it or took it out, the last day first; no name."""
    with office.database.read() as connection:
        lines = [one for one in trail.of_case(connection, case_id, limit=5_000) if one.role in _AGENTS]
        forces = _forces(connection, {one.who for one in lines})
    grouped: dict[tuple[date, str, str], list[Line]] = {}
    for one in lines:
        grouped.setdefault((in_paris(one.at).date(), one.who, one.what), []).append(one)
    return [
        Reading(day, several[0].at, number(office, case_id, who), several[0].role, forces[who], what, len(several))
        for (day, who, what), several in grouped.items()
    ]


def number(office: Office, case_id: str, person_id: str) -> str:
    """A number for an agent, the same within a case, unrelated from one case to the other."""
    return office.ring.digest("reader", case_id, person_id)[:2].hex().upper()


def _forces(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    found = {one.id: {scope.force for scope in one.scopes} for one in people.everybody(connection)}
    return {one: next(iter(found[one])) if len(found.get(one, ())) == 1 else "" for one in ids}


def _told(office: Office, connection: Connection, lines: list[Line]) -> list[Told]:
    names: Mapping[str, str] = {one.id: one.name for one in people.everybody(connection)}
    details = naming.details(office, connection, lines)
    return [
        Told(one, names.get(one.who, one.who), _why(office, connection, one), about)
        for one, about in zip(lines, details, strict=True)
    ]


def _why(office: Office, connection: Connection, line: Line) -> str:
    """The reason, while the key of its case is there."""
    if line.why is None:
        return ""
    try:
        sealer = office.cases.sealer(connection, line.case_id) if line.case_id else office.ring.reasons
        return sealer.open(line.why).decode()
    except (UnknownCaseError, KeyRingError):
        return ""
