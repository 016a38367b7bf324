"""The queue in the store: who may see what in it, in what order, page by page; never all of it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    tuple_,
)

from triage.store import apart
from triage.store.campaign_tables import CAMPAIGN_CASES, CAMPAIGNS
from triage.store.desk_tables import EXCLUSIONS, MEASURES, NEWS
from triage.store.opening import standing_of
from triage.store.people import Person, Scope
from triage.store.records import Standing
from triage.store.tables import CASES, MESSAGES, REQUESTS, Moment

Show = Literal["free", "late", "mine", "snoozed", "all"]
_KEPT = timedelta(hours=1)  # news
_AFTER_HEX = "g"


@dataclass(frozen=True)
class Filters:
    """Which cases of the queue are shown; empty: whatever they have. `reference`: the beginning of an id."""

    show: Show = "free"
    level: str = ""
    type: str = ""
    departement: str = ""
    force: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Extras:
    """What is asked in a case: messages that wait, requests (a measure's id, « erasure »); its campaign, if any.

    `reminded`: the measures, by id, of which it is time to think again, its own and those of the cases joined to it;
    `marks`: why a supervisor is to look at it.
    """

    messages: int = 0
    asked: tuple[str, ...] = ()
    campaign: int | None = None
    reminded: tuple[str, ...] = ()
    marks: tuple[apart.Mark, ...] = ()


ANY = Filters()
Key = tuple[datetime, str]  # where a page ends: a turn and an id


def reach(person: Person) -> ColumnElement[bool]:
    """The cases that `person` may see, as `require_case` decides it one by one."""
    excluded = select(EXCLUSIONS.c.case_id).where(EXCLUSIONS.c.person_id == person.id)
    theirs = or_(false(), *(_within(scope) for scope in person.scopes))
    about = CASES.c.concerns != person.unit if person.unit else true()
    return and_(theirs, about, CASES.c.id.not_in(excluded))


def free(now: datetime) -> ColumnElement[bool]:
    """An agent has to act, nobody holds it, it is not put off, and no supervisor is to look at it first."""
    idle = or_(CASES.c.claimed_by.is_(None), CASES.c.lease_until <= now)
    return and_(CASES.c.queued, idle, awake(now), not_(apart.beside(now)))


def awake(now: datetime) -> ColumnElement[bool]:
    """It is not put off."""
    return or_(CASES.c.snoozed_until.is_(None), CASES.c.snoozed_until <= now)


def next_free(connection: Connection, person: Person, filters: Filters, now: datetime) -> str | None:
    """The id of the first case that waits, locked; those that others lock at this moment are passed over."""
    query = select(CASES.c.id).where(free(now), reach(person), *_kept(filters)).order_by(CASES.c.turn, CASES.c.id)
    return connection.scalar(query.limit(1).with_for_update(skip_locked=True))


def page(
    connection: Connection, person: Person, filters: Filters, now: datetime, size: int, after: Key | None = None
) -> list[Standing]:
    """At most `size` cases, first the one to be read first, from the one that follows `after`."""
    query = select(CASES).where(reach(person), _shown(filters, person, now), *_kept(filters))
    if after:
        query = query.where(tuple_(CASES.c.turn, CASES.c.id) > tuple_(literal(after[0], Moment), literal(after[1])))
    rows = connection.execute(query.order_by(CASES.c.turn, CASES.c.id).limit(size))
    return [standing_of(row) for row in rows]


def counts(connection: Connection, person: Person, now: datetime) -> Mapping[Show, int]:
    """How many cases each view shows to `person`."""
    ways: tuple[Show, ...] = ("free", "late", "snoozed", "all")
    sums = [func.count(case((_shown(Filters(one), person, now), 1))).label(one) for one in ways]
    row = connection.execute(select(*sums).where(CASES.c.queued, reach(person))).one()
    mine = connection.scalar(select(func.count()).where(_shown(Filters("mine"), person, now))) or 0
    return {"mine": mine, **{one: getattr(row, one) for one in ways}}


def extras(connection: Connection, ids: Sequence[str], now: datetime) -> Mapping[str, Extras]:
    """What is asked in each of the cases, by their ids."""
    waiting = (
        select(MESSAGES.c.case_id, func.count().label("number"))
        .join(CASES, CASES.c.id == MESSAGES.c.case_id)
        .where(MESSAGES.c.case_id.in_(ids), unanswered(CASES.c.taken_at))
        .group_by(MESSAGES.c.case_id)
    )
    asked = select(REQUESTS.c.case_id, REQUESTS.c.kind).where(REQUESTS.c.case_id.in_(ids), REQUESTS.c.state == "asked")
    joined = CAMPAIGN_CASES.join(CAMPAIGNS, CAMPAIGNS.c.id == CAMPAIGN_CASES.c.campaign_id)
    ranged = select(CAMPAIGN_CASES.c.case_id, CAMPAIGNS.c.number).select_from(joined)
    messages = {row.case_id: row.number for row in connection.execute(waiting)}
    requests = connection.execute(asked.order_by(REQUESTS.c.at)).all()
    campaigns = {row.case_id: row.number for row in connection.execute(ranged.where(CAMPAIGN_CASES.c.case_id.in_(ids)))}
    reminded, marks = _reminded(connection, ids, now), apart.of_cases(connection, ids, waiting=True)
    return {
        one: Extras(
            messages.get(one, 0),
            tuple(r.kind for r in requests if r.case_id == one),
            campaigns.get(one),
            tuple(dict.fromkeys(kind for case_id, kind in reminded if case_id == one)),
            tuple(marks.get(one, ())),
        )
        for one in ids
    }


def _reminded(connection: Connection, ids: Sequence[str], now: datetime) -> list[tuple[str, str]]:
    """The reminders that have come, the oldest first: the case that stands in the queue for it, and the measure."""
    main = func.coalesce(CASES.c.merged_into, CASES.c.id)
    query = select(main, MEASURES.c.kind).join(CASES, CASES.c.id == MEASURES.c.case_id)
    theirs = or_(CASES.c.id.in_(ids), CASES.c.merged_into.in_(ids))
    found = connection.execute(query.where(theirs, MEASURES.c.remind_at <= now).order_by(MEASURES.c.remind_at))
    return [(row[0], row[1]) for row in found]


def unanswered(taken_at: ColumnElement[Any] | datetime | None) -> ColumnElement[bool]:
    """The messages of an official that wait: unread, or read by somebody who then gave the case back undone."""
    later = MESSAGES.alias()
    answer = (later.c.case_id == MESSAGES.c.case_id) & later.c.author.is_not(None) & (later.c.at >= MESSAGES.c.at)
    since = taken_at if isinstance(taken_at, ColumnElement) else literal(taken_at, Moment)
    left = or_(since.is_(None), MESSAGES.c.at > since) & ~select(later.c.id).where(answer).exists()
    return (MESSAGES.c.by == "official") & or_(MESSAGES.c.read_at.is_(None), left)


def expired(connection: Connection, now: datetime) -> Sequence[str]:
    """The cases whose lease is over."""
    query = select(CASES.c.id).where(CASES.c.claimed_by.is_not(None) & (CASES.c.lease_until <= now))
    return connection.scalars(query.order_by(CASES.c.id)).all()


def held(connection: Connection, now: datetime) -> list[Standing]:
    """The cases that somebody holds."""
    rows = connection.execute(select(CASES).where(CASES.c.claimed_by.is_not(None) & (CASES.c.lease_until > now)))
    return [standing_of(row) for row in rows]


def forget_news(connection: Connection, now: datetime) -> None:
    """Deletes the news that every desk has shown long ago."""
    connection.execute(delete(NEWS).where(NEWS.c.at < now - _KEPT))


def _within(scope: Scope) -> ColumnElement[bool]:
    """A case whose place or force is not known is within every scope."""
    there = CASES.c.departement.in_(("", scope.departement)) if scope.departement else true()
    return and_(there, CASES.c.force.in_(("", scope.force)) if scope.force else true())


def _shown(filters: Filters, person: Person, now: datetime) -> ColumnElement[bool]:
    """What the view shows; a search finds cases that no agent has to act on, too."""
    if filters.reference:
        return CASES.c.state != "erased"
    views: Mapping[Show, ColumnElement[bool]] = {
        "free": free(now),
        "late": free(now) & (CASES.c.due_at <= now),
        "mine": (CASES.c.claimed_by == person.id) & (CASES.c.lease_until > now),
        "snoozed": CASES.c.queued & (CASES.c.snoozed_until > now),
        "all": and_(CASES.c.queued),
    }
    return views[filters.show]


def _kept(filters: Filters) -> list[ColumnElement[bool]]:
    """What the filters ask for, whether shown to somebody or taken by them."""
    exact = {"level": filters.level, "departement": filters.departement, "force": filters.force}
    found = [CASES.c[name] == value for name, value in exact.items() if value]
    if filters.type:
        found.append((" " + CASES.c.types + " ").contains(f" {filters.type} ", autoescape=True))
    if filters.reference:
        found.append(CASES.c.id.between(filters.reference, filters.reference + _AFTER_HEX))
    return found
