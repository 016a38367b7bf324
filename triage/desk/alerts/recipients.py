"""Who is told of an alert: first whoever is on duty there, and never nobody when it cannot wait."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from triage.desk.alerts.policy import AlertKind, Group
from triage.desk.people.rights import Right, may
from triage.intake.moment import in_paris
from triage.store import people
from triage.store.desk_tables import EXCLUSIONS, WEBHOOKS
from triage.store.people import Person, Scope
from triage.store.sealing import key_of
from triage.store.tables import CASES, DUTY

_DAY = 24 * 60


@dataclass(frozen=True)
class Place:
    """What an alert is about, as far as it decides who may be told: where, which unit, who is kept out of the case."""

    departement: str
    force: str
    concerns: str = ""
    excluded: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True)
class Roster:
    """Everybody who may be told now, the rota (login, scope) and the webhooks (id, scope)."""

    people: tuple[Person, ...]
    rota: tuple[tuple[str, Scope], ...]
    hooks: tuple[tuple[str, Scope], ...]

    def on_duty(self, place: Place) -> list[Person]:
        """Whoever the rota puts on duty there, and may see the case."""
        there = {who for who, scope in self.rota if scope.covers(place.departement, place.force)}
        return [one for one in self.people if one.login in there and sees(one, place)]

    def members(self, group: Group, place: Place) -> list[Person]:
        """The people of a group for that place."""
        if group == "duty":
            return self.on_duty(place)
        if group == "administrators":
            return [one for one in self.people if may(one, Right.ADMINISTER)]
        if group == "everywhere":
            return [one for one in self.people if may(one, Right.SUPERVISE) and Scope() in one.scopes]
        role = {"agents": "agent", "supervisors": "supervisor"}[group]
        return [one for one in self.people if one.role == role and sees(one, place)]

    def listening(self, place: Place) -> list[str]:
        """The webhooks that hear of that place."""
        return [hook for hook, scope in self.hooks if scope.covers(place.departement, place.force)]

    def covered(self, place: Place) -> bool:
        """Whether somebody may see a case of that place."""
        return any(sees(one, place) for one in self.people)


def roster(connection: Connection, now: datetime) -> Roster:
    """The roster of this moment."""
    there = (DUTY.c.starts_at <= now) & (DUTY.c.ends_at > now)
    rota = connection.execute(select(DUTY.c.who, DUTY.c.departement, DUTY.c.force).where(there)).all()
    about = (WEBHOOKS.c.id, WEBHOOKS.c.departement, WEBHOOKS.c.force)
    hooks = connection.execute(select(*about).where(WEBHOOKS.c.state == "active")).all()
    active = tuple(one for one in people.everybody(connection) if one.state == "active")
    logins = {key_of(connection, one.login): one.login for one in active}
    return Roster(
        active,
        tuple((logins.get(who, ""), Scope(departement, force)) for who, departement, force in rota),
        tuple((one, Scope(departement, force)) for one, departement, force in hooks),
    )


def places_of(connection: Connection, case_ids: Collection[str]) -> dict[str, Place]:
    """What decides who may be told of each of these cases."""
    about = (CASES.c.id, CASES.c.departement, CASES.c.force, CASES.c.concerns)
    rows = connection.execute(select(*about).where(CASES.c.id.in_(case_ids))).all()
    kept_out: dict[str, set[str]] = {}
    excluded = select(EXCLUSIONS.c.case_id, EXCLUSIONS.c.person_id).where(EXCLUSIONS.c.case_id.in_(case_ids))
    for case_id, person_id in connection.execute(excluded).all():
        kept_out.setdefault(case_id, set()).add(person_id)
    return {
        one.id: Place(one.departement, one.force, one.concerns, frozenset(kept_out.get(one.id, ()))) for one in rows
    }


def sees(person: Person, place: Place) -> bool:
    """Whether the person may see a case of that place."""
    kept_out = person.id in place.excluded or (bool(person.unit) and person.unit == place.concerns)
    return may(person, Right.HANDLE) and not kept_out and person.covers(place.departement, place.force)


def chosen(roster: Roster, kind: AlertKind, place: Place, now: datetime, widened: bool) -> dict[str, datetime]:
    """Who is sent an e-mail (person → when): the first group of which somebody can be reached.

    `widened`: the rota is left aside. Quiet hours are kept, but for somebody on duty; what presses breaks them rather
    than reach no agent; what does not waits until they end. « No e-mail » is always kept: the desk's pages show it.
    """
    groups = [group for group in kind.to if not (widened and group == ["duty"])]
    found = [_reachable(roster, group, place) for group in groups]
    duty = {one.id for one in roster.on_duty(place)}
    if not kind.pressing:
        first = next((group for group in found if group), [])
        return {one.id: now if one.id in duty else after_quiet(one, now) for one in first}
    awake = [[one for one in group if one.id in duty or not quiet(one, now)] for group in found]
    handlers = [[one for one in group if may(one, Right.HANDLE)] for group in (*awake, *found)]
    first = next((group for group in (*handlers, *awake, *found) if group), [])
    return dict.fromkeys((one.id for one in first), now)


def quiet(person: Person, now: datetime) -> bool:
    """Whether it is within the person's quiet hours."""
    return after_quiet(person, now) != now


def after_quiet(person: Person, now: datetime) -> datetime:
    """`now`, or the end of the person's quiet hours."""
    if person.quiet is None or person.quiet[0] == person.quiet[1]:
        return now
    begin, until = person.quiet
    at = in_paris(now)
    minute = at.hour * 60 + at.minute
    within = begin <= minute < until if begin < until else minute >= begin or minute < until
    if not within:
        return now
    return now + timedelta(minutes=(until - minute) % _DAY) - timedelta(seconds=at.second, microseconds=at.microsecond)


def _reachable(roster: Roster, groups: Iterable[Group], place: Place) -> list[Person]:
    everyone: Mapping[str, Person] = {one.id: one for one in _all(roster, groups, place)}
    return [one for one in everyone.values() if one.alerts]


def _all(roster: Roster, groups: Iterable[Group], place: Place) -> Iterator[Person]:
    for group in groups:
        yield from roster.members(group, place)
