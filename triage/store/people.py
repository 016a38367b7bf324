"""The people of the desk in the store. Every function works within the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from triage.errors import TriageError
from triage.store.cases import new_id
from triage.store.named_tables import ACCOUNTS
from triage.store.people_tables import PEOPLE, SCOPES
from triage.store.sealing import key_of, opened, seal

# The people with what they are called.
_CALLED = (ACCOUNTS.c.login.label("sealed_login"), ACCOUNTS.c.name.label("sealed_name"))
_NAMED = select(PEOPLE, *_CALLED).join(ACCOUNTS, ACCOUNTS.c.id == PEOPLE.c.id)

Role = Literal["agent", "supervisor", "analyst", "administrator"]
PersonState = Literal["invited", "active", "disabled"]


class UnknownPersonError(TriageError):
    """There is no such person."""


@dataclass(frozen=True)
class Scope:
    """Which cases somebody may see: an empty `departement` is everywhere, an empty `force` both."""

    departement: str = ""
    force: str = ""

    def covers(self, departement: str, force: str) -> bool:
        """Whether a case of that place is within. One whose place or force is not known is within every scope."""
        there = not (self.departement and departement) or self.departement == departement
        return there and (not (self.force and force) or self.force == force)


@dataclass(frozen=True)
class Person:
    """Somebody who works at the desk. `login` is an e-mail address, `unit` an entry of the directory.

    `quiet` are the minutes of the day, in Paris, between which no alert is sent by e-mail.
    """

    id: str
    login: str
    name: str
    role: Role
    unit: str
    state: PersonState
    scopes: tuple[Scope, ...]
    alerts: bool
    quiet: tuple[int, int] | None

    def covers(self, departement: str, force: str) -> bool:
        """Whether a case of that place is this person's to see."""
        return any(scope.covers(departement, force) for scope in self.scopes)


def add(
    connection: Connection, login: str, name: str, role: Role, scopes: Iterable[Scope], unit: str, now: datetime
) -> str:
    """A new person, invited; their id."""
    person_id = new_id()
    row = {"id": person_id, "login": person_id, "name": "", "role": role, "unit": unit, "state": "invited"}
    connection.execute(insert(PEOPLE).values(**row, created_at=now))
    sealed = {"login": seal(connection, login), "name": seal(connection, name)}
    connection.execute(insert(ACCOUNTS).values(id=person_id, login_key=key_of(connection, login), **sealed))
    set_scopes(connection, person_id, scopes)
    return person_id


def set_scopes(connection: Connection, person_id: str, scopes: Iterable[Scope]) -> None:
    """Replaces what somebody may see."""
    connection.execute(delete(SCOPES).where(SCOPES.c.person_id == person_id))
    for one in scopes:
        row = {"id": new_id(), "person_id": person_id, "departement": one.departement, "force": one.force}
        connection.execute(insert(SCOPES).values(**row))


def change(connection: Connection, person_id: str, **columns: Any) -> None:  # noqa: ANN401 (columns of PEOPLE)
    """Keeps what changed of somebody, but for what they are called."""
    connection.execute(update(PEOPLE).where(PEOPLE.c.id == person_id).values(**columns))


def get(connection: Connection, person_id: str) -> Person:
    """The person. Raises UnknownPersonError."""
    row = connection.execute(_NAMED.where(PEOPLE.c.id == person_id)).first()
    if row is None:
        raise UnknownPersonError("Cette personne n'a pas de compte ici.")
    return _person(connection, row, _scopes(connection, [row.id]))


def by_login(connection: Connection, login: str) -> Person | None:
    """The person of that address."""
    row = connection.execute(_NAMED.where(ACCOUNTS.c.login_key == key_of(connection, login))).first()
    return _person(connection, row, _scopes(connection, [row.id])) if row else None


def of_login(connection: Connection, login: str) -> ColumnElement[bool]:
    """What tells the row of PEOPLE of that address."""
    return PEOPLE.c.id.in_(select(ACCOUNTS.c.id).where(ACCOUNTS.c.login_key == key_of(connection, login)))


def everybody(connection: Connection) -> list[Person]:
    """All the people, by name."""
    rows = connection.execute(_NAMED).all()
    scopes = _scopes(connection, [row.id for row in rows])
    return sorted((_person(connection, row, scopes) for row in rows), key=lambda one: (one.name, one.login))


def names(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """The names of the people with those ids, by their ids."""
    query = select(ACCOUNTS.c.id, ACCOUNTS.c.name).where(ACCOUNTS.c.id.in_(set(ids)))
    return {row.id: opened(connection, row.name) for row in connection.execute(query)}


def _person(connection: Connection, row: Row[Any], scopes: Sequence[Row[Any]]) -> Person:
    own = tuple(Scope(one.departement, one.force) for one in scopes if one.person_id == row.id)
    quiet = (row.quiet_from, row.quiet_until) if row.quiet_from is not None and row.quiet_until is not None else None
    role, state = cast(Role, row.role), cast(PersonState, row.state)
    login, name = opened(connection, row.sealed_login), opened(connection, row.sealed_name)
    return Person(row.id, login, name, role, row.unit, state, own, row.alerts, quiet)


def _scopes(connection: Connection, ids: Sequence[str]) -> Sequence[Row[Any]]:
    return connection.execute(select(SCOPES).where(SCOPES.c.person_id.in_(ids))).all()
