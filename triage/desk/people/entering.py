"""Entering with an address, a password and a one-time code."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from triage.desk.journal import SYSTEM
from triage.desk.office import DeskError
from triage.desk.people import codes, lockout, passwords, sessions
from triage.desk.people.registry import Registry
from triage.store import people
from triage.store.people import Person
from triage.store.people_tables import PEOPLE


class RefusedError(DeskError):
    """The address, the password or the code is not right; which one is not said."""

    def __init__(self) -> None:
        super().__init__("L'adresse, le mot de passe ou le code n'est pas le bon. Un code ne sert qu'une fois.")


class WrongPasswordError(DeskError):
    """The password typed again is not that of the account."""

    def __init__(self) -> None:
        super().__init__("Votre mot de passe actuel n'est pas celui-là.")


@dataclass(frozen=True)
class Try:
    """What somebody typed. `browser` is one where this address entered before, or empty."""

    login: str
    password: str = field(repr=False)
    code: str = field(repr=False)
    browser: str = ""


def kept_login(typed: str) -> str:
    """An address as accounts have it."""
    return typed.strip().lower()


def enter(registry: Registry, typed: Try, now: datetime) -> tuple[Person, str]:
    """The person, and the token of a new session. Raises RefusedError, SlowedDownError."""
    login = kept_login(typed.login)
    key = lockout.entering(registry.ring, login, typed.browser)
    with registry.database.write() as connection:
        row = _account(connection, login)
        if lockout.take(registry, connection, key, now).slows:
            registry.note(connection, SYSTEM, "enter.slowed", now, row.id if row else "")
    step = _proved(registry, row, typed, now)
    if row is None or step is None:
        raise RefusedError
    kept = passwords.hashed(typed.password) if passwords.outdated(row.password) else row.password
    with registry.database.write() as connection:
        lockout.clear(connection, key)
        return _let_in(registry, connection, row, step, kept, now)


def has_accounts(registry: Registry) -> bool:
    """Whether there is anybody who could enter."""
    with registry.database.read() as connection:
        return connection.execute(select(PEOPLE.c.id).limit(1)).first() is not None


def confirm(registry: Registry, person: Person, password: str, now: datetime) -> None:
    """Asks somebody who has entered for their password again. Raises WrongPasswordError, SlowedDownError."""
    key = lockout.within(registry.ring, person.id)
    with registry.database.write() as connection:
        lockout.take(registry, connection, key, now)
        kept = connection.scalar(select(PEOPLE.c.password).where(PEOPLE.c.id == person.id))
    if not passwords.fits(kept, password):
        raise WrongPasswordError
    with registry.database.write() as connection:
        lockout.clear(connection, key)


def _account(connection: Connection, login: str) -> Row[Any] | None:
    return connection.execute(select(PEOPLE).where(people.of_login(connection, login))).first()


def _proved(registry: Registry, row: Row[Any] | None, typed: Try, now: datetime) -> int | None:
    """The step of the code when all is right. It takes the same time whatever is wrong."""
    usable = row is not None and row.state == "active" and bool(row.password) and bool(row.totp)
    right = passwords.fits(row.password if row is not None and usable else None, typed.password)
    if row is None or not usable:
        return None
    step = codes.step_of(registry.ring.wrapping.open(row.totp).decode(), typed.code, now)
    return step if right else None


def _let_in(
    registry: Registry, connection: Connection, row: Row[Any], step: int, kept: str, now: datetime
) -> tuple[Person, str]:
    """Opens the session, unless the code was used or the account changed meanwhile. Raises RefusedError."""
    spent = codes.spend(connection, row.id, step)
    latest = connection.execute(select(PEOPLE.c.state, PEOPLE.c.password).where(PEOPLE.c.id == row.id)).one()
    if not spent or (latest.state, latest.password) != ("active", row.password):
        raise RefusedError
    if kept != row.password:
        people.change(connection, row.id, password=kept)
    token = sessions.begin(registry, connection, row.id, "password", now)
    lockout.forget_old(registry, connection, now)
    person = people.get(connection, row.id)
    registry.note(connection, person, "enter", now, "password")
    return person, token
