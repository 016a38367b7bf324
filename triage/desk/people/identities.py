"""Entering with the identity that an OIDC provider vouches for; the account exists already, nobody is made here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from triage.desk.office import DeskError
from triage.desk.people import sessions
from triage.desk.people.registry import Registry
from triage.store import people
from triage.store.people import Person
from triage.store.people_tables import PEOPLE


class NoAccountError(DeskError):
    """Nobody here has that identity, or the account is closed."""

    def __init__(self) -> None:
        super().__init__(
            "Votre identité est confirmée, mais aucun compte ouvert ne lui correspond ici. "
            "Demandez-en un à l'administrateur du bureau."
        )


@dataclass(frozen=True)
class Identity:
    """Who the provider says it is. `email` is empty when it is not verified; `vouched_by` is whom ProConnect asked."""

    issuer: str
    subject: str
    email: str
    id_token: str = ""
    vouched_by: str = ""


def admit(registry: Registry, identity: Identity, now: datetime) -> tuple[Person, str]:
    """The person, and the token of a new session. The identity is bound to the account the first time.

    Afterwards only that identity opens the account, whatever its address. Raises NoAccountError.
    """
    with registry.database.write() as connection:
        row = _account(connection, identity)
        if row is None or row.state == "disabled":
            raise NoAccountError
        people.change(connection, row.id, issuer=identity.issuer, subject=identity.subject, state="active")
        token = sessions.begin(registry, connection, row.id, "oidc", now, identity.id_token)
        person = people.get(connection, row.id)
        registry.note(connection, person, "enter", now, f"oidc {identity.vouched_by}".strip())
    return person, token


def _account(connection: Connection, identity: Identity) -> Row[Any] | None:
    """The account of the identity, else the one of its address that no identity opens yet; locked."""
    bound = (PEOPLE.c.issuer == identity.issuer) & (PEOPLE.c.subject == identity.subject)
    found = connection.execute(select(PEOPLE).where(bound).with_for_update()).first()
    if found or not identity.email:
        return found
    free = people.of_login(connection, identity.email) & PEOPLE.c.subject.is_(None)
    return connection.execute(select(PEOPLE).where(free).with_for_update()).first()
