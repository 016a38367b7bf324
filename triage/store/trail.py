"""Reads the audit: the last lines first, for whoever they may be shown to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from string import hexdigits
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, false, or_, select

from triage.store.desk_tables import EXCLUSIONS
from triage.store.people import Person
from triage.store.people_tables import AUDIT
from triage.store.records import reference_of
from triage.store.tables import CASES

_BATCH = 2_000
_REFERENCE = 8  # signs of a case's id that its reference holds


@dataclass(frozen=True)
class Line:
    """A line of the audit; `why` is sealed with the key of its case."""

    seq: int
    at: datetime
    who: str
    role: str
    what: str
    case_id: str
    about: str
    why: bytes | None

    @property
    def reference(self) -> str:
        """What to call its case by."""
        return reference_of(self.case_id) if self.case_id else ""


@dataclass(frozen=True)
class Wanted:
    """Which lines: of somebody, of a case by its reference, of a verb and those under it, from and until moments."""

    who: str = ""
    reference: str = ""
    what: str = ""
    since: datetime | None = None
    until: datetime | None = None


def of_case(connection: Connection, case_id: str, what: str = "", limit: int = 500) -> list[Line]:
    """The last lines about a case; `what`: those of that verb, and of those under it (« export » : « export.pdf »)."""
    where = and_(AUDIT.c.case_id == case_id, *(_verb(what) if what else ()))
    return [_line(row) for row in connection.execute(_select(where).limit(limit))]


def lines(
    connection: Connection, seen: ColumnElement[bool], wanted: Wanted, before: int = 0, limit: int = 100
) -> list[Line]:
    """The last lines among those that may be `seen`, before a number."""
    clauses = [seen, *_clauses(wanted)]
    if before:
        clauses.append(AUDIT.c.seq < before)
    return [_line(row) for row in connection.execute(_select(and_(*clauses)).limit(limit))]


def all_lines(connection: Connection, seen: ColumnElement[bool], wanted: Wanted) -> Iterator[Line]:
    """The same, all of them, a page at a time."""
    before = 0
    while found := lines(connection, seen, wanted, before, _BATCH):
        yield from found
        before = found[-1].seq


def without_case() -> ColumnElement[bool]:
    """Lines about accounts and the service, about no case."""
    return AUDIT.c.case_id == ""


def within(person: Person, people: Collection[str]) -> ColumnElement[bool]:
    """Lines about the cases that `person` may see, and those about no case of one of `people`.

    A case that was erased is about nobody any more: its lines, which say nothing of it, are left to all.
    """
    place = or_(false(), *(and_(*_covers(one.departement, one.force)) for one in person.scopes))
    excluded = exists().where((EXCLUSIONS.c.case_id == CASES.c.id) & (EXCLUSIONS.c.person_id == person.id))
    theirs = [CASES.c.concerns != person.unit] if person.unit else []
    mine = select(CASES.c.id).where(place, ~excluded, *theirs)
    return or_(
        and_(AUDIT.c.case_id != "", AUDIT.c.case_id.in_(mine)), and_(without_case(), AUDIT.c.who.in_(list(people)))
    )


def _covers(departement: str, force: str) -> Iterator[ColumnElement[bool]]:
    """As `Scope.covers` says it of one case."""
    yield CASES.c.id.is_not(None)
    if departement:
        yield CASES.c.departement.in_((departement, ""))
    if force:
        yield CASES.c.force.in_((force, ""))


def _clauses(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.who:
        yield AUDIT.c.who == wanted.who
    if wanted.reference:
        signs = "".join(c for c in wanted.reference.lower() if c in hexdigits)
        found = len(signs) in (_REFERENCE, 32)
        yield AUDIT.c.case_id.between(signs, signs + "g") if found else false()
    if wanted.what:
        yield from _verb(wanted.what)
    if wanted.since:
        yield AUDIT.c.at >= wanted.since
    if wanted.until:
        yield AUDIT.c.at < wanted.until


def _verb(what: str) -> Iterator[ColumnElement[bool]]:
    yield or_(AUDIT.c.what == what, AUDIT.c.what.startswith(f"{what}.", autoescape=True))


def _select(where: ColumnElement[bool]) -> Select[Any]:
    return select(*(AUDIT.c[name] for name in Line.__dataclass_fields__)).where(where).order_by(AUDIT.c.seq.desc())


def _line(row: Row[Any]) -> Line:
    return Line(**row._mapping)
