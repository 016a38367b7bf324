"""A desk on a store of its own, and somebody of each role in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import migrated_at
from tests.web.visitor import Visitor
from triage.desk.people import sessions
from triage.engine import Engine
from triage.settings import Settings
from triage.store import people
from triage.store.people import Person, Role, Scope
from triage.web.app import create_app
from triage.web.desk.door import COOKIE, HOME

Enter = Callable[..., Visitor]


class Desk:
    """The application, and browsers of people who have entered."""

    def __init__(self, engine: Engine, data: Path, **set_: object) -> None:
        self.app = create_app(Settings(data=data, per_minute=100_000, **set_), engine)
        self.office = self.app.state.office
        self.office.database.upgrade()
        self._clients: list[Visitor] = []

    def person(self, role: Role = "agent", *scopes: Scope, login: str = "", unit: str = "", name: str = "") -> Person:
        """Somebody new, active; everywhere when no scope is given."""
        now = datetime.now(UTC)
        with self.office.database.write() as connection:
            number = len(people.everybody(connection)) + 1
            login = login or f"{role}{number}@exemple.fr"
            made = people.add(
                connection, login, name or f"{role.title()} {number}", role, scopes or (Scope(),), unit, now
            )
            people.change(connection, made, state="active")
            return people.get(connection, made)

    def browser(self, person: Person | None = None) -> Visitor:
        """A browser, of `person` once entered, or of a stranger."""
        client = Visitor(self.app, base_url="https://testserver", follow_redirects=False)
        if person:
            with self.office.database.write() as connection:
                token = sessions.begin(self.office, connection, person.id, "password", datetime.now(UTC))
            client.cookies.set(COOKIE, token, domain="testserver.local", path=HOME)
        self._clients.append(client)
        return client

    def close(self) -> None:
        """Gives all back."""
        for client in self._clients:
            client.close()
        self.office.database.close()


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Iterator[Desk]:
    """A desk with an empty store."""
    made = Desk(engine, migrated_at(tmp_path))
    yield made
    made.close()
