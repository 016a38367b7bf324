"""A store of the version before, with cases in it, is brought to this one while officials and agents go on reading.

Its locks, said in docs/exploitation.md: on PostgreSQL the tables that were there are locked against writing until the
migration is over (SHARE, SHARE ROW EXCLUSIVE), never against reading; on SQLite writers wait in turn as always.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, inspect, text

from triage.desk import duty
from triage.store import campaigns, exposures, people
from triage.store.cases import Cases
from triage.store.database import Database, revisions
from triage.store.keys import KeyRingError, open_ring

AT = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
BEFORE, CASES, PEOPLE = "0005", 500, 40
_CALLED = text("SELECT name FROM campaigns UNION SELECT who FROM duty")
_LOCKS = text(
    "SELECT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
    "WHERE l.granted AND l.pid <> pg_backend_pid() AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def populated(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A store as the version before made it, with cases."""
    address = request.getfixturevalue("postgres") if request.param == "postgresql" else f"sqlite:///{tmp_path}/t.sqlite"
    ring = open_ring(tmp_path / "keys")
    database = Database(address, lambda: ring)
    database.upgrade(BEFORE)
    wrapped = ring.new_case_key()
    told = ring.sealer(wrapped).seal(b'{"text": "Un recit."}')
    rows = [{"id": f"{number:032x}", "at": AT, "told": told, "wrapped": wrapped} for number in range(CASES)]
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO cases (id, received_at, changed_at, state, level, rank, types, flags, departement, force,"
                " told) VALUES (:id, :at, :at, 'open', 'urgent', 3, 'menace', '', '35', '', :told)"
            ),
            rows,
        )
        connection.execute(text("INSERT INTO case_keys (case_id, wrapped) VALUES (:id, :wrapped)"), rows)
        connection.execute(
            text(
                "INSERT INTO people (id, login, name, role, state, created_at) "
                "VALUES (:id, :login, :name, 'agent', 'active', :at)"
            ),
            [{**row, "login": f"agent{n}@exemple.fr", "name": f"Agent {n}"} for n, row in enumerate(rows[:PEOPLE])],
        )
        connection.execute(
            text(
                "INSERT INTO duty (id, who, departement, force, starts_at, ends_at) VALUES "
                "(:id, :who, '35', '', :at, '2099-01-01 00:00:00')"
            ),
            [{**row, "who": who} for row, who in zip(rows, ("Agent3@exemple.fr ", "La permanence"), strict=False)],
        )
        connection.execute(
            text(
                "INSERT INTO campaigns (id, number, created_at, changed_at, state, name) "
                "VALUES (:id, 1, :at, :at, 'open', 'La place du marché')"
            ),
            rows[:1],
        )
    engine.dispose()
    yield database
    database.close()


def readers(address: str) -> Engine:
    """A reader that does not wait."""
    if address.startswith("sqlite"):
        return create_engine(address, connect_args={"timeout": 0})
    return create_engine(address, connect_args={"options": "-c statement_timeout=10000 -c lock_timeout=5000"})


def test_everybody_goes_on_reading(populated: Database, tmp_path: Path) -> None:
    """After each statement of the migration, while it holds all its locks, somebody else reads every case."""
    others = readers(populated.url)
    with others.connect() as connection:
        there = set(inspect(connection).get_table_names())
    seen: list[int] = []
    locks: set[tuple[str, str]] = set()

    def read(*_: Any) -> None:
        with others.connect() as connection:
            query = text("SELECT count(*) FROM cases JOIN case_keys ON case_id = id WHERE told IS NOT NULL")
            seen.append(connection.scalar(query) or 0)
            if connection.dialect.name == "postgresql":
                locks.update((row.relname, row.mode) for row in connection.execute(_LOCKS) if row.relname in there)

    event.listen(populated.engine, "after_cursor_execute", read)
    populated.upgrade()
    event.remove(populated.engine, "after_cursor_execute", read)
    others.dispose()
    assert len(seen) > 8 and set(seen) == {CASES}
    assert [one for one in locks if one[1] == "AccessExclusiveLock"] == []
    assert populated.revision() == revisions()[0] != BEFORE
    with populated.read() as connection:
        assert Cases(open_ring(tmp_path / "keys")).get(connection, f"{7:032x}").told.text == "Un recit."


def test_a_reader_that_began_before_sees_its_moment_to_the_end(populated: Database) -> None:
    """A long page neither stops the migration nor is stopped by it."""
    others = readers(populated.url)
    with others.connect() as connection:
        query = text("SELECT count(*) FROM cases WHERE level = 'urgent'")
        assert connection.scalar(query) == CASES
        populated.upgrade()
        assert connection.scalar(query) == CASES
    others.dispose()


def test_names_are_sealed_and_read_as_they_were(populated: Database) -> None:
    populated.upgrade()
    with populated.read() as connection:
        person = people.by_login(connection, " Agent3@exemple.fr")
        assert person and (person.login, person.name) == ("agent3@exemple.fr", "Agent 3")
        assert len(people.everybody(connection)) == PEOPLE
        assert campaigns.numbered(connection, 1).name == "La place du marché"
        clear = [*connection.execute(text("SELECT login, name FROM people")), *connection.execute(_CALLED)]
        assert exposures.shift_began(connection, person.id, person.login, AT, AT) == AT
    assert sorted(one.who for one in duty.shifts(populated, AT)) == ["Agent3@exemple.fr ", "La permanence"]
    assert not any(word in str(row) for row in clear for word in ("gent", "exemple", "permanence", "marché"))


@pytest.mark.parametrize("populated", ["sqlite"], indirect=True)
def test_no_name_is_left_in_the_files_of_sqlite(populated: Database) -> None:
    """Neither in the pages that were freed nor in the journal. PostgreSQL's go with VACUUM: docs/exploitation.md."""
    path = Path(populated.engine.url.database or "")
    there = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert b"agent3@exemple" in there.lower() and "marché".encode() in there
    populated.upgrade()
    there = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert b"exemple" not in there.lower() and "marché".encode() not in there and b"La permanence" not in there


def test_names_are_not_sealed_without_the_keys(populated: Database) -> None:
    """Nothing is changed then: the upgrade is only run again."""
    keyless = Database(populated.url)
    with pytest.raises(KeyRingError, match="sans les clés"):
        keyless.upgrade()
    assert keyless.revision() == BEFORE
    keyless.close()
