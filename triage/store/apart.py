"""Which reports a supervisor is to look at, and where reports came from, for as long as that is known."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from triage.store.campaign_tables import FINGERPRINTS
from triage.store.cases import new_id
from triage.store.limit_tables import APART, SOURCES
from triage.store.tables import CASES, EXHIBITS, MESSAGES

Ground = Literal["flood", "accused", "named"]
WAITING, RELEASED, KEPT = "waiting", "released", "kept"
_OPEN = ("open", "withdrawn")


@dataclass(frozen=True)
class Mark:
    """Why a case is to be looked at: `found` names those that were found together.

    `back_at`: until then it is beside the queue, unless it is due sooner.
    """

    id: str
    case_id: str
    at: datetime
    ground: Ground
    found: str
    number: int
    sources: int
    back_at: datetime | None
    state: str


@dataclass(frozen=True)
class Sent:
    """A report and where it came from."""

    case_id: str
    source: bytes
    at: datetime
    looked: bool


def note_source(connection: Connection, case_id: str, source: bytes, now: datetime) -> None:
    """Keeps where a report came from: `source` is a keyed hash, another one each day."""
    connection.execute(insert(SOURCES).values(id=new_id(), case_id=case_id, source=source, at=now, looked=False))


def forget_sources(connection: Connection, before: datetime) -> None:
    """Deletes where the reports came from that were sent before."""
    connection.execute(delete(SOURCES).where(SOURCES.c.at < before))


def sent_since(connection: Connection, since: datetime) -> list[Sent]:
    """What was sent since then, the first before."""
    rows = connection.execute(select(SOURCES).where(SOURCES.c.at >= since).order_by(SOURCES.c.at, SOURCES.c.id))
    return [Sent(row.case_id, row.source, row.at, row.looked) for row in rows]


def not_looked_at(connection: Connection, most: int) -> list[str]:
    """The reports that were not looked at yet, the first before."""
    asked = select(SOURCES.c.case_id).where(SOURCES.c.looked.is_(False)).order_by(SOURCES.c.at, SOURCES.c.id)
    return list(connection.scalars(asked.limit(most)))


def looked(connection: Connection, case_id: str) -> None:
    """The report was looked at."""
    connection.execute(update(SOURCES).where(SOURCES.c.case_id == case_id).values(looked=True))


def naming_accounts(connection: Connection, cases: Collection[str], least: int) -> list[tuple[str, ...]]:
    """The cases, among those, that name one account: `least` of them and more."""
    theirs = FINGERPRINTS.c.case_id.in_(cases) & (FINGERPRINTS.c.kind == "author")
    asked = select(FINGERPRINTS.c.digest).where(theirs).group_by(FINGERPRINTS.c.digest)
    many = asked.having(func.count(FINGERPRINTS.c.case_id.distinct()) >= least)
    rows = connection.execute(
        select(FINGERPRINTS.c.digest, FINGERPRINTS.c.case_id).where(theirs, FINGERPRINTS.c.digest.in_(many)).distinct()
    )
    groups: dict[bytes, list[str]] = {}
    for row in rows:
        groups.setdefault(row.digest, []).append(row.case_id)
    return [tuple(sorted(group)) for group in groups.values()]


def with_exhibits(connection: Connection, cases: Collection[str]) -> set[str]:
    """Those of the cases that have an exhibit."""
    return set(connection.scalars(select(EXHIBITS.c.case_id).where(EXHIBITS.c.case_id.in_(cases)).distinct()))


def mark(connection: Connection, made: Mark) -> bool:
    """Marks a case, once for each ground; whether it was not yet."""
    known = (APART.c.case_id == made.case_id) & (APART.c.ground == made.ground)
    if connection.execute(select(APART.c.id).where(known)).first():
        return False
    connection.execute(insert(APART).values(**vars(made)))
    return True


def of_cases(connection: Connection, cases: Collection[str], *, waiting: bool = False) -> Mapping[str, list[Mark]]:
    """The marks of each case that has any."""
    asked = select(APART).where(APART.c.case_id.in_(cases)).order_by(APART.c.at, APART.c.id)
    marks: dict[str, list[Mark]] = {}
    for row in connection.execute(asked.where(APART.c.state == WAITING) if waiting else asked):
        marks.setdefault(row.case_id, []).append(_mark(row))
    return marks


def to_look_at(connection: Connection, seen: ColumnElement[bool], most: int) -> Sequence[Row[Any]]:
    """Cases of those that may be `seen` that wait for a supervisor: those held first, then the oldest."""
    joined = APART.join(CASES, CASES.c.id == APART.c.case_id)
    open_ = CASES.c.state.in_(_OPEN)
    asked = select(APART, CASES.c.level, CASES.c.due_at, CASES.c.received_at, CASES.c.departement).select_from(joined)
    asked = asked.where(APART.c.state == WAITING, open_, seen)
    return connection.execute(asked.order_by(APART.c.back_at.is_(None), APART.c.at, APART.c.id).limit(most)).all()


def any_waits(connection: Connection) -> bool:
    """Whether a flood or a concerted accusation waits for a supervisor's look; one person named is no news."""
    joined = APART.join(CASES, CASES.c.id == APART.c.case_id)
    waits = (APART.c.state == WAITING) & (APART.c.ground != "named") & CASES.c.state.in_(_OPEN)
    return connection.execute(select(APART.c.id).select_from(joined).where(waits).limit(1)).first() is not None


def one(connection: Connection, mark_id: str) -> Mark | None:
    """The mark, if there is one."""
    row = connection.execute(select(APART).where(APART.c.id == mark_id).with_for_update()).first()
    return _mark(row) if row else None


def decide(
    connection: Connection, mark_id: str, state: str, back_at: datetime | None, who: str, why: bytes, now: datetime
) -> None:
    """What a supervisor decided of a mark."""
    decided = {"state": state, "back_at": back_at, "decided_at": now, "decided_by": who, "why": why}
    connection.execute(update(APART).where(APART.c.id == mark_id).values(**decided))


def heard_again(connection: Connection) -> list[str]:
    """The cases beside the queue whose author has written or sent an exhibit since they were set there."""
    written = select(MESSAGES.c.id).where(
        MESSAGES.c.case_id == APART.c.case_id, MESSAGES.c.by == "official", MESSAGES.c.at >= APART.c.at
    )
    sent = select(EXHIBITS.c.id).where(EXHIBITS.c.case_id == APART.c.case_id, EXHIBITS.c.received_at >= APART.c.at)
    new = or_(written.exists(), sent.exists())
    asked = select(APART.c.case_id).where(APART.c.back_at.is_not(None), APART.c.state == WAITING, new)
    return list(connection.scalars(asked.distinct()))


def bring_back(connection: Connection, case_id: str) -> None:
    """To the queue, at once; the marks stay."""
    connection.execute(update(APART).where(APART.c.case_id == case_id).values(back_at=None))


def beside(now: datetime) -> ColumnElement[bool]:
    """The cases that are beside the queue at that moment."""
    joined = APART.join(CASES, CASES.c.id == APART.c.case_id)
    held = select(APART.c.case_id).select_from(joined).where(APART.c.back_at > now, APART.c.back_at < CASES.c.due_at)
    kept = select(APART.c.case_id).where(APART.c.back_at > now, APART.c.state == KEPT)
    return or_(CASES.c.id.in_(held), CASES.c.id.in_(kept))


def _mark(row: Row[Any]) -> Mark:
    names = ("id", "case_id", "at", "ground", "found", "number", "sources", "back_at", "state")
    return Mark(*(getattr(row, name) for name in names))
