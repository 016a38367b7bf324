"""A live stream ends at once with its session, and knows at once what its person may see."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.torture.agents import report
from tests.web.desk.conftest import Desk
from tests.web.desk.test_live import entered, listening
from tests.web.serving import served
from triage.desk.people import accounts, sessions
from triage.desk.people.registry import Registry, registry_of
from triage.store.people import Person, Scope

# Much less than the fifteen seconds between two looks at a session, more than what a slow machine takes.
AT_ONCE = 5.0


def now() -> datetime:
    return datetime.now(UTC)


def _left(registry: Registry, person: Person) -> None:
    with registry.database.write() as connection:
        for one in sessions.open_ones(connection, person.id, now()):
            sessions.revoke(connection, one.id, now())


ENDINGS: dict[str, Callable[[Registry, Person], None]] = {
    "the account is closed": lambda registry, person: accounts.disable(registry, None, person.id, now()),
    "an administrator ends their sessions": lambda registry, person: accounts.end_sessions(
        registry, None, person.id, now()
    ),
    "they leave": _left,
}


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda name: name.replace(" ", "_"))
def test_a_stream_ends_at_once(desk: Desk, ending: str) -> None:
    person = desk.person()
    with served(desk.app) as port, listening(port, entered(desk, person)) as events:
        since = time.monotonic()
        ENDINGS[ending](registry_of(desk.office), person)
        assert [name for name, _ in events if name != "battement"] == ["fin"]
        assert time.monotonic() - since < AT_ONCE


def test_the_streams_of_others_go_on_and_hear_nothing_of_it(desk: Desk) -> None:
    gone, stays = desk.person(), desk.person()
    with served(desk.app) as port, listening(port, entered(desk, stays)) as events:
        accounts.disable(registry_of(desk.office), None, gone.id, now())
        report(desk.office, now(), "immediate")
        name, told = next(events)
        assert (name, told["kind"]) == ("nouvelle", "queue")


def test_another_scope_counts_at_once(desk: Desk) -> None:
    person = desk.person("agent", Scope("35"))
    with served(desk.app) as port, listening(port, entered(desk, person)) as events:
        accounts.set_place(registry_of(desk.office), None, person.id, (Scope("29"),), None, now())
        assert next(events)[0] == "battement"
        report(desk.office, now(), "immediate", departement="35", force="police")
        here = report(desk.office, now(), "immediate", departement="29", force="police")
        assert next(events)[1]["case"] == here
