"""Accounts in a store of their own, at a moment of one's choice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
from sqlalchemy import select

from triage.desk.people import accounts, enrolling
from triage.desk.people.registry import Registry
from triage.desk.people.wishes import Wish
from triage.store.people import Person, Role, Scope
from triage.store.people_tables import PEOPLE

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
PASSWORD = "tilleul brouette cadran moufle"


class Telephone:
    """An authenticator."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def code(self, now: datetime, steps: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(now + timedelta(seconds=30 * steps))


def wish(login: str = "lea.martin@exemple.fr", role: Role = "agent") -> Wish:
    return Wish(login, "Léa Martin", role, (Scope(),))


def enrolled(
    registry: Registry, login: str = "lea.martin@exemple.fr", role: Role = "agent", now: datetime = NOON
) -> tuple[Person, Telephone]:
    """Somebody with a password, and their telephone. The code of `now` has served."""
    _, token = accounts.invite(registry, None, wish(login, role), now)
    telephone = Telephone(enrolling.look(registry, token, now).secret)
    person, _ = enrolling.complete(registry, token, PASSWORD, telephone.code(now), now)
    return person, telephone


def column(registry: Registry, person: Person, name: str) -> object:
    with registry.database.read() as connection:
        return connection.scalar(select(PEOPLE.c[name]).where(PEOPLE.c.id == person.id))
