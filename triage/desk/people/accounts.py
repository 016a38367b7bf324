"""Accounts: who is invited, with which role and scope. Every act is audited, and somebody can always administer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, select

from triage.desk.journal import SYSTEM
from triage.desk.office import DeskError
from triage.desk.people import enrolling, sessions
from triage.desk.people.registry import Registry
from triage.desk.people.wishes import Wish
from triage.store import people
from triage.store.desk_tables import DIRECTORY
from triage.store.people import Person, Role, Scope
from triage.store.people_tables import PEOPLE


class AccountError(DeskError):
    """The account cannot be changed in that way."""


Who = Person | None  # nobody: the command, on the machine of the service


def invite(registry: Registry, by: Who, wish: Wish, now: datetime) -> tuple[Person, str]:
    """A new account: the person, and the token of the link to be given to them. Raises AccountError."""
    with registry.database.write() as connection:
        if people.by_login(connection, wish.login):
            raise AccountError(f"{wish.login} a déjà un compte : donnez-lui plutôt un nouveau lien.")
        _known(connection, wish.unit)
        made = people.add(connection, wish.login, wish.name, wish.role, wish.scopes, wish.unit, now)
        token = enrolling.link(registry, connection, made, now)
        registry.note(connection, by or SYSTEM, "account.invite", now, f"{made} {wish.role}")
        return people.get(connection, made), token


def relink(registry: Registry, by: Who, person_id: str, now: datetime) -> str:
    """A new link for somebody who lost a telephone or forgot a password: their sessions end, the old link too.

    The password and the authenticator change when it is used; the OIDC identity is forgotten at once.
    Raises AccountError, for one's own account too: the link would be lost with the session.
    """
    if by and by.id == person_id:
        raise AccountError("Pour votre propre compte, passez par « Mon compte » ou par un autre administrateur.")
    with _changing(registry, by, person_id, "account.link", now) as (connection, person):
        if person.state == "disabled":
            raise AccountError("Ce compte est fermé : rouvrez-le d'abord.")
        people.change(connection, person.id, issuer=None, subject=None)
        sessions.revoke_all(connection, person.id, now)
        return enrolling.link(registry, connection, person.id, now)


def disable(registry: Registry, by: Who, person_id: str, now: datetime) -> None:
    """Closes an account: the person is out at once. Raises AccountError for the last administrator."""
    with _changing(registry, by, person_id, "account.disable", now) as (connection, person):
        _not_the_last(connection, person)
        people.change(connection, person.id, state="disabled")
        sessions.revoke_all(connection, person.id, now)


def enable(registry: Registry, by: Who, person_id: str, now: datetime) -> None:
    """Opens an account again; one that was never enrolled waits for its link."""
    with _changing(registry, by, person_id, "account.enable", now) as (connection, person):
        row = connection.execute(select(PEOPLE).where(PEOPLE.c.id == person.id)).one()
        state = "active" if row.password or row.subject else "invited"
        people.change(connection, person.id, state=state)


def set_role(registry: Registry, by: Who, person_id: str, role: Role, now: datetime) -> None:
    """Gives another role, at once. Raises AccountError for one's own, and for the last administrator."""
    if by and by.id == person_id:
        raise AccountError("Vous ne pouvez pas changer votre propre rôle : demandez à un autre administrateur.")
    with _changing(registry, by, person_id, "account.role", now, role) as (connection, person):
        if role != "administrator":
            _not_the_last(connection, person)
        people.change(connection, person.id, role=role)
        sessions.changed(connection, person.id, now)


def set_place(
    registry: Registry, by: Who, person_id: str, scopes: tuple[Scope, ...], unit: str | None, now: datetime
) -> None:
    """Gives another scope, at once, and another unit of the directory unless it is None."""
    with _changing(registry, by, person_id, "account.scope", now) as (connection, person):
        people.set_scopes(connection, person.id, scopes)
        sessions.changed(connection, person.id, now)
        if unit is not None:
            _known(connection, unit)
            people.change(connection, person.id, unit=unit)


def end_sessions(registry: Registry, by: Who, person_id: str, now: datetime) -> None:
    """Ends all the sessions of somebody, at once."""
    with _changing(registry, by, person_id, "account.sessions", now) as (connection, person):
        sessions.revoke_all(connection, person.id, now)


def units(registry: Registry) -> list[tuple[str, str]]:
    """The units of the directory: id and name."""
    with registry.database.read() as connection:
        rows = connection.execute(select(DIRECTORY.c.id, DIRECTORY.c.name).order_by(DIRECTORY.c.name)).all()
    return [(row.id, row.name) for row in rows]


def by_login(registry: Registry, login: str) -> Person:
    """The person of that address. Raises AccountError."""
    with registry.database.read() as connection:
        found = people.by_login(connection, login)
    if found is None:
        raise AccountError(f"{login} n'a pas de compte : voyez « triage users list ».")
    return found


@contextmanager
def _changing(
    registry: Registry, by: Who, person_id: str, what: str, now: datetime, about: str = ""
) -> Iterator[tuple[Connection, Person]]:
    """A transaction on one account, written in the audit at its end. Administrators are locked first, in one order."""
    with registry.database.write() as connection:
        where = (PEOPLE.c.role == "administrator") | (PEOPLE.c.id == person_id)
        connection.execute(select(PEOPLE.c.id).where(where).order_by(PEOPLE.c.id).with_for_update()).all()
        yield connection, people.get(connection, person_id)
        registry.note(connection, by or SYSTEM, what, now, f"{person_id} {about}".strip())


def _known(connection: Connection, unit: str) -> None:
    if unit and connection.execute(select(DIRECTORY.c.id).where(DIRECTORY.c.id == unit)).first() is None:
        raise AccountError(f"Unité inconnue : « {unit} ». Écrivez l'identifiant d'une unité de l'annuaire, ou rien.")


def _not_the_last(connection: Connection, person: Person) -> None:
    where = (PEOPLE.c.role == "administrator") & (PEOPLE.c.state == "active")
    left = set(connection.scalars(select(PEOPLE.c.id).where(where)).all())
    if left == {person.id}:
        raise AccountError("C'est le dernier administrateur : nommez-en un autre d'abord.")
