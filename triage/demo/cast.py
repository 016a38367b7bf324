"""Invites the people of the demonstration, and fills the directory."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp

from triage.demo.script import Cast
from triage.desk import duty
from triage.desk.journal import SYSTEM
from triage.desk.measures.importing import Imported, import_communes, import_units
from triage.desk.office import Office
from triage.desk.people import accounts, enrolling
from triage.desk.people.registry import registry_of
from triage.desk.people.wishes import read_wish
from triage.errors import DataError
from triage.intake.moment import in_paris
from triage.store.people import Person

# The watches change in the morning and in the evening, in Paris; how many there are in a week.
_MORNING, _EVENING, _WATCHES = 8, 20, 14
_WATCH = timedelta(hours=12)
_CODE_SECONDS = 30


@dataclass(frozen=True)
class Badge:
    """How to enter as somebody: the password, and the secret of the one-time codes."""

    person: Person
    password: str
    secret: str


@dataclass(frozen=True)
class Watch:
    """A turn of duty, in all the places of whoever stands it."""

    person: Person
    starts: datetime
    ends: datetime


def invite(office: Office, cast: Cast, now: datetime) -> dict[str, Badge]:
    """Everybody of the cast, active; by login. One password, drawn at random, for all of them."""
    registry, password = registry_of(office), "-".join(secrets.token_hex(2) for _ in range(4))
    badges: dict[str, Badge] = {}
    for one in cast.people:
        wish = read_wish(
            one.login, one.name, one.role, one.departements, one.force, one.unit, office.service.departements
        )
        _, token = accounts.invite(registry, None, wish, now)
        secret = enrolling.look(registry, token, now).secret
        # The code of the step before is as good, and leaves the current one to whoever enters now.
        code = pyotp.TOTP(secret).at(now - timedelta(seconds=_CODE_SECONDS))
        person, _session = enrolling.complete(registry, token, password, code, now)
        badges[one.login] = Badge(person, password, secret)
    for watch in rota([badges[login].person for login in cast.duty], now):
        for scope in watch.person.scopes:
            duty.add(office.database, watch.person.login, watch.starts, watch.ends, scope.departement, scope.force)
    return badges


def rota(people: Sequence[Person], now: datetime) -> Iterator[Watch]:
    """A week of watches of twelve hours. For the one that goes on all are there: whoever tries the desk is answered.

    Then those of some départements stand by day; those who cover everywhere take turns, by day and by night.
    """
    places = [one for one in people if all(scope.departement for scope in one.scopes)]
    everywhere = [one for one in people if one not in places] or people
    started = _change(now)
    for number in range(_WATCHES):
        starts, ends = (_later(started, number + more) for more in (0, 1))
        by_day = places if starts.hour == _MORNING else []
        for one in people if number == 0 else [*by_day, everywhere[number % len(everywhere)]]:
            yield Watch(one, starts, ends)


def _change(now: datetime) -> datetime:
    """When the watch that goes on began, in Paris."""
    local = in_paris(now)
    today = [local.replace(hour=hour, minute=0, second=0, microsecond=0) for hour in (_MORNING, _EVENING)]
    return max(one for one in (today[1] - timedelta(days=1), *today) if one <= local)


def _later(started: datetime, watches: int) -> datetime:
    """That many watches later, on the clocks of Paris: eight o'clock stays eight o'clock when they change."""
    return started + watches * _WATCH


def fill_directory(office: Office, cast: Cast, now: datetime) -> None:
    """The units and communes of the cast. Raises DataError."""
    for name, read, content in (("units", import_units, cast.units), ("communes", import_communes, cast.communes)):
        imported: Imported = read(office, SYSTEM, name, content.encode(), now)
        if imported.problems:
            raise DataError(list(imported.problems))
