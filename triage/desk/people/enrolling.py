"""Enrolment: a link that serves once opens an account, with a password of one's own and an authenticator."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from triage.desk.office import DeskError
from triage.desk.people import codes, passwords, sessions
from triage.desk.people.registry import Registry
from triage.store import people
from triage.store.people import Person
from triage.store.people_tables import ENROLMENTS

PATH = "/desk/inscription/"


class LinkError(DeskError):
    """The link does not open anything, or no longer does."""

    def __init__(self) -> None:
        super().__init__(
            "Ce lien ne sert plus : il a déjà servi, il a expiré ou un autre l'a remplacé. Demandez-en un."
        )


class WrongCodeError(DeskError):
    """The code is not that of the authenticator."""

    def __init__(self) -> None:
        super().__init__("Ce code n'est pas le bon. Attendez le suivant dans votre application, puis recopiez-le.")


@dataclass(frozen=True)
class Enrolment:
    """A link that can still be used: whose it is, and the secret of their authenticator to be."""

    person: Person
    secret: str
    expires_at: datetime


def link(registry: Registry, connection: Connection, person_id: str, now: datetime) -> str:
    """A new link's token, of which the store only has a keyed hash. Links given before no longer serve."""
    connection.execute(delete(ENROLMENTS).where(ENROLMENTS.c.person_id == person_id))
    token = secrets.token_urlsafe(32)
    row = {"token": _hashed(registry, token), "person_id": person_id, "created_at": now}
    ends = now + timedelta(hours=registry.policy.link.hours)
    sealed = registry.ring.wrapping.seal(codes.new_secret().encode())
    connection.execute(insert(ENROLMENTS).values(expires_at=ends, opened=sealed, **row))
    return token


def look(registry: Registry, token: str, now: datetime) -> Enrolment:
    """What the link opens; looking does not use it. Raises LinkError."""
    with registry.database.read() as connection:
        return _opened(registry, connection, _row(registry, connection, token), now)


def complete(registry: Registry, token: str, password: str, code: str, now: datetime) -> tuple[Person, str]:
    """Opens the account, and a session in it: the person and the session's token. Of two at once, one succeeds.

    Raises LinkError, WeakPasswordError, WrongCodeError.
    """
    seen = look(registry, token, now)
    passwords.checked(registry.policy.password, password, (seen.person.login, seen.person.name))
    step = codes.step_of(seen.secret, code, now)
    if step is None:
        raise WrongCodeError
    kept = passwords.hashed(password)
    with registry.database.write() as connection:
        row = _row(registry, connection, token, lock=True)
        person = _opened(registry, connection, row, now).person
        connection.execute(update(ENROLMENTS).where(_is(registry, token)).values(used_at=now, opened=None))
        sealed = registry.ring.wrapping.seal(seen.secret.encode())
        people.change(connection, person.id, state="active", password=kept, totp=sealed, totp_step=step)
        sessions.revoke_all(connection, person.id, now)
        session = sessions.begin(registry, connection, person.id, "password", now)
        person = people.get(connection, person.id)
        registry.note(connection, person, "account.enrol", now)
    return person, session


def _row(registry: Registry, connection: Connection, token: str, lock: bool = False) -> Row[Any] | None:
    asked = select(ENROLMENTS).where(_is(registry, token))
    return connection.execute(asked.with_for_update() if lock else asked).first()


def _opened(registry: Registry, connection: Connection, row: Row[Any] | None, now: datetime) -> Enrolment:
    if row is None or row.used_at or row.expires_at <= now or row.opened is None:
        raise LinkError
    person = people.get(connection, row.person_id)
    if person.state == "disabled":
        raise LinkError
    return Enrolment(person, registry.ring.wrapping.open(row.opened).decode(), row.expires_at)


def _is(registry: Registry, token: str) -> Any:  # noqa: ANN401 (an SQL condition)
    return ENROLMENTS.c.token == _hashed(registry, token)


def _hashed(registry: Registry, token: str) -> bytes:
    return registry.ring.digest("enrolment", token)
