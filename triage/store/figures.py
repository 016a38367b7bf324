"""Figures of the desk, counted by the store: they hold whatever the number of cases, and open none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    FromClause,
    Integer,
    Row,
    Select,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    or_,
    select,
    text,
    true,
    tuple_,
)

from triage.store.desk_tables import DECISIONS, EXPOSURES, SAMPLE_READS, SAMPLES
from triage.store.people import Scope
from triage.store.samples import CALM
from triage.store.tables import CASES, Moment

_DAY = 86_400
WHOLE = -1
# Of every hundred, how many are reached at the median and at the ninth tenth.
_MEDIAN, _TENTH = 50, 90
_ROOM = "64MB"  # for each sort: those of 200,000 cases take 20


@dataclass(frozen=True)
class Cut:
    """Which cases are counted: those of `scopes`, of a place when one is given, over the steps between `edges`."""

    edges: tuple[datetime, ...]
    scopes: tuple[Scope, ...]
    departement: str = ""
    force: str = ""

    @property
    def since(self) -> datetime:
        """Where the period begins."""
        return self.edges[0]

    @property
    def until(self) -> datetime:
        """Where it ends."""
        return self.edges[-1]

    @property
    def everywhere(self) -> bool:
        """Whether all cases are counted, wherever they are."""
        return not self.departement and not self.force and Scope() in self.scopes


@dataclass(frozen=True)
class Spread:
    """How long something took, in seconds: for how many cases, the median, and what nine out of ten stay under.

    `step`: which one, or `WHOLE`, the period.
    """

    level: str
    step: int
    count: int
    median: int
    tenth: int


@dataclass(frozen=True)
class Intake:
    """How many cases came at a level in a step; how many nobody has claimed; how many waited too long."""

    level: str
    step: int
    count: int
    unclaimed: int
    late: int


def make_room(connection: Connection) -> None:
    """Until the transaction ends, PostgreSQL counts a year of cases in memory: on the disk it takes twice as long."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL work_mem = '{_ROOM}'"))


def waits(connection: Connection, cut: Cut) -> list[Spread]:
    """From the report to the first claim, by level and step of the report."""
    took = _seconds(connection, CASES.c.first_claimed_at, CASES.c.received_at)
    return _spreads(connection, took, CASES.c.received_at, cut)


def handlings(connection: Connection, cut: Cut) -> list[Spread]:
    """From the first claim to the end, by level and step of the end."""
    took = _seconds(connection, CASES.c.closed_at, CASES.c.first_claimed_at)
    return _spreads(connection, took, CASES.c.closed_at, cut)


def intakes(connection: Connection, cut: Cut, now: datetime, allowed: Mapping[str, timedelta]) -> list[Intake]:
    """What came, by level and step. Late: claimed, or still waiting, longer after its level than is `allowed`."""
    taken = func.coalesce(CASES.c.first_claimed_at, CASES.c.closed_at, _moment(now))
    waited = _seconds(connection, taken, func.coalesce(CASES.c.level_since, CASES.c.received_at))
    over = [(and_(CASES.c.level == level, waited > most.total_seconds()), 1) for level, most in allowed.items()]
    unclaimed = case((CASES.c.first_claimed_at.is_(None) & CASES.c.queued.is_(True), 1), else_=0)
    late = case(*over, else_=0)
    step = _step(CASES.c.received_at, cut).label("step")
    query = (
        select(CASES.c.level, step, func.count(), func.sum(unclaimed), func.sum(late))
        .where(within(cut) & _during(CASES.c.received_at, cut))
        .group_by(CASES.c.level, step)
    )
    return [Intake(*row) for row in connection.execute(query).all()]


def backlog(
    connection: Connection, cut: Cut, now: datetime, ages: Sequence[timedelta | None]
) -> dict[tuple[str, int], int]:
    """How many cases wait now, by level and place among `ages`, the last of which has no end."""
    arms = [(CASES.c.received_at > now - age, place) for place, age in enumerate(ages) if age is not None]
    age = case(*arms, else_=len(ages) - 1).label("age")
    query = select(CASES.c.level, age, func.count()).where(within(cut) & CASES.c.queued.is_(True))
    return {(row[0], row[1]): row[2] for row in connection.execute(query.group_by(CASES.c.level, age)).all()}


def types(connection: Connection, cut: Cut) -> dict[str, int]:
    """How many cases came with each type; a case may have several."""
    found: dict[str, int] = {}
    for names, count in _grouped(connection, cut, CASES.c.types):
        for name in names.split():
            found[name] = found.get(name, 0) + count
    return found


def places(connection: Connection, cut: Cut) -> dict[str, int]:
    """How many cases came from each departement; « » where it was not told."""
    return dict(_grouped(connection, cut, CASES.c.departement))


def corrections(connection: Connection, cut: Cut) -> Sequence[Row[Any]]:
    """What agents confirmed or corrected: kind, types before and after, their sources, and how often."""
    about = (DECISIONS.c.kind, DECISIONS.c.types_before, DECISIONS.c.types, DECISIONS.c.sources)
    return connection.execute(select(*about, func.count().label("cases")).where(_decided(cut)).group_by(*about)).all()


def levels_decided(connection: Connection, cut: Cut) -> dict[tuple[str, str], int]:
    """The level before the first decision on a case, and after the last one, and how many cases."""
    case_id, order = DECISIONS.c.case_id, (DECISIONS.c.at, DECISIONS.c.id)
    earlier, later = (side(DECISIONS.c.id).over(partition_by=case_id, order_by=order) for side in (func.lag, func.lead))
    about = (case_id, DECISIONS.c.level_before, DECISIONS.c.level)
    ranked = select(*about, earlier.label("earlier"), later.label("later")).where(_decided(cut)).subquery()
    before = func.max(case((ranked.c.earlier.is_(None), ranked.c.level_before))).label("before")
    after = func.max(case((ranked.c.later.is_(None), ranked.c.level))).label("after")
    pairs = select(before, after).group_by(ranked.c.case_id).subquery()
    query = select(pairs.c.before, pairs.c.after, func.count()).group_by(pairs.c.before, pairs.c.after)
    return {(row[0], row[1]): row[2] for row in connection.execute(query).all()}


def sample_reads(connection: Connection, cut: Cut) -> list[tuple[str, str, str]]:
    """What each reader found of each report drawn at random: the sample, the level, the types."""
    joined = SAMPLE_READS.join(CASES, CASES.c.id == SAMPLE_READS.c.case_id).join(
        SAMPLES, and_(SAMPLES.c.id == SAMPLE_READS.c.sample_id, SAMPLES.c.purpose == CALM)
    )
    query = select(SAMPLE_READS.c.sample_id, SAMPLE_READS.c.level, SAMPLE_READS.c.types).select_from(joined)
    rows = connection.execute(
        query.where(within(cut) & _during(SAMPLE_READS.c.at, cut)).order_by(SAMPLE_READS.c.at)
    ).all()
    return [(row[0], row[1], row[2]) for row in rows]


def exposures(connection: Connection, first: datetime, until: datetime) -> list[tuple[str, int, int]]:
    """Who has seen how many pieces of evidence in each shift: person, days after `first`, how many."""
    days = _seconds(connection, EXPOSURES.c.at, _moment(first)) / _DAY
    whole = func.floor(days) if connection.dialect.name == "postgresql" else cast(days, Integer)  # a cast would round
    shift = whole.label("shift")
    query = select(EXPOSURES.c.person_id, shift, func.count())
    there = (EXPOSURES.c.at >= first) & (EXPOSURES.c.at < until)
    rows = connection.execute(query.where(there).group_by(EXPOSURES.c.person_id, shift)).all()
    return [(row[0], int(row[1]), row[2]) for row in rows]


def within(cut: Cut) -> ColumnElement[bool]:
    """The cases of the scopes and of the place; those that were erased have neither left, and are not counted."""
    mine = [
        and_(
            CASES.c.departement.in_(("", scope.departement)) if scope.departement else CASES.c.id.is_not(None),
            CASES.c.force.in_(("", scope.force)) if scope.force else CASES.c.id.is_not(None),
        )
        for scope in cut.scopes
    ]
    told = [CASES.c.state != "erased", or_(CASES.c.id.is_(None), *mine)]
    told += [CASES.c.departement == cut.departement] if cut.departement else []
    told += [CASES.c.force == cut.force] if cut.force else []
    return and_(*told)


def _spreads(connection: Connection, took: ColumnElement[Any], at: ColumnElement[datetime], cut: Cut) -> list[Spread]:
    """By level and step, and by level over the whole period: nearest-rank percentiles, the same on every store."""
    inner = select(CASES.c.level, _step(at, cut).label("step"), _whole(connection, took).label("took"))
    there = CASES.c.first_claimed_at.is_not(None)
    told = inner.where(within(cut) & _during(at, cut) & there).subquery()
    if connection.dialect.name == "postgresql":
        return [_spread(row) for row in connection.execute(_in_one(told)).all()]
    whole = select(told.c.level, literal(WHOLE).label("step"), told.c.took).subquery()
    return [_spread(row) for part in (told, whole) for row in connection.execute(_by_rank(part)).all()]


def _in_one(told: FromClause) -> Select[*tuple[Any, ...]]:
    """PostgreSQL reads the cases once for both."""
    reached = [func.percentile_disc(most / 100).within_group(told.c.took) for most in (_MEDIAN, _TENTH)]
    both = func.grouping_sets(tuple_(told.c.level, told.c.step), tuple_(told.c.level))
    step = func.coalesce(told.c.step, WHOLE)
    return select(told.c.level, step, func.count(), *reached).group_by(both)


def _by_rank(told: FromClause) -> Select[*tuple[Any, ...]]:
    """SQLite has no percentiles: the rank that is first to cover them."""
    group = (told.c.level, told.c.step)
    rank = func.row_number().over(partition_by=group, order_by=told.c.took).label("rank")
    count = func.count().over(partition_by=group).label("count")
    inner = select(*group, told.c.took, rank, count).subquery()
    reached = [func.min(case((inner.c.rank * 100 >= inner.c.count * most, inner.c.took))) for most in (_MEDIAN, _TENTH)]
    cells = (inner.c.level, inner.c.step, inner.c.count)
    return select(*cells, *reached).group_by(*cells)


def _spread(row: Row[*tuple[Any, ...]]) -> Spread:
    return Spread(row[0], row[1], row[2], round(row[3]), round(row[4]))


def _decided(cut: Cut) -> ColumnElement[bool]:
    """The decisions of the period. An erased case has none left: where all cases count, none has to be looked at."""
    mine = DECISIONS.c.case_id.in_(select(CASES.c.id).where(within(cut)))
    return _during(DECISIONS.c.at, cut) & (true() if cut.everywhere else mine)


def _grouped(connection: Connection, cut: Cut, column: ColumnElement[str]) -> list[tuple[str, int]]:
    query = select(column, func.count()).where(within(cut) & _during(CASES.c.received_at, cut)).group_by(column)
    return [(row[0], row[1]) for row in connection.execute(query).all()]


def _during(at: ColumnElement[Any], cut: Cut) -> ColumnElement[bool]:
    return and_(at >= cut.since, at < cut.until)


def _step(at: ColumnElement[datetime], cut: Cut) -> ColumnElement[int]:
    arms = [(at < edge, place) for place, edge in enumerate(cut.edges[1:-1])]
    return case(*arms, else_=len(arms)) if arms else literal(0)


def _seconds(connection: Connection, later: Any, earlier: Any) -> ColumnElement[Any]:  # noqa: ANN401 (moments)
    if connection.dialect.name == "postgresql":
        return extract("epoch", later - earlier)
    return (func.julianday(later) - func.julianday(earlier)) * _DAY


def _whole(connection: Connection, seconds: ColumnElement[Any]) -> ColumnElement[Any]:
    """Rounded, half to even as `round` does: PostgreSQL sorts integers much faster than its exact numbers."""
    return cast(cast(seconds, Double), Integer) if connection.dialect.name == "postgresql" else seconds


def _moment(moment: datetime) -> ColumnElement[datetime]:
    return literal(moment, Moment())
