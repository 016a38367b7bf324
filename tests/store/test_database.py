"""The store on SQLite and on PostgreSQL: its tables come from Alembic, it says plainly when it is down."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, text

from triage.errors import IntakeError
from triage.store import news
from triage.store.database import Database, StoreError
from triage.store.tables import METADATA


@pytest.fixture(params=["sqlite", "postgresql"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store in which nothing was ever made, on each of the two databases."""
    return request.getfixturevalue("postgres") if request.param == "postgresql" else f"sqlite:///{tmp_path}/new.sqlite"


def test_migrations_make_exactly_the_tables_of_the_code(new_store: str) -> None:
    database = Database(new_store)
    database.upgrade()
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    database.close()


def test_processes_that_start_together_make_the_tables_once(new_store: str) -> None:
    several = [Database(new_store) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Database.upgrade, several))
    with several[0].read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    for database in several:
        database.close()


def test_a_store_that_is_down_is_said_in_a_sentence(tmp_path: Path) -> None:
    for address in ("postgresql+psycopg://nobody@127.0.0.1:1/none", f"sqlite:///{tmp_path}/absent/store.sqlite"):
        database = Database(address)
        with pytest.raises(StoreError, match="registre"), database.write():
            pass
        database.close()


def test_a_store_that_comes_back_is_used_again(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/later/store.sqlite")
    with pytest.raises(StoreError), database.read():
        pass
    (tmp_path / "later").mkdir()
    with database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM cases")) == 0
    database.close()


def test_what_was_in_use_when_the_store_was_closed_is_closed_once_given_back(new_store: str) -> None:
    database = Database(new_store)
    with database.read() as connection:
        raw = connection.connection.dbapi_connection
        database.close()
        assert connection.scalar(text("SELECT 1")) == 1
    assert raw is not None
    with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError), match="closed"):
        raw.cursor().execute("SELECT 1")


def test_a_commit_is_on_the_disk_when_it_returns(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/store.sqlite")
    with database.read() as connection:
        pragmas = {name: connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}
    database.close()


def test_a_value_that_the_store_cannot_hold_is_not_a_store_that_is_down(postgres: str) -> None:
    database = Database(postgres)
    for told in ({"one": "a\x00b"}, {"one": 10**30}):
        with pytest.raises(IntakeError, match="ne peut pas être enregistrée"), database.read() as connection:
            connection.execute(text("SELECT CAST(:one AS integer)"), told)
    database.close()


def test_a_connection_left_alone_is_tried_before_it_is_used(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server was restarted meanwhile: nobody is told that the store is down, and all the old ones are let go."""
    database, other = Database(postgres), Database(postgres)
    for used in (0.0, 3600.0):  # seconds within which a connection is taken for good
        monkeypatch.setattr("triage.store.database._FRESH", used)
        with database.read() as one, database.read() as two:
            cut = [each.connection.driver_connection.info.backend_pid for each in (one, two)]
        with other.write() as connection:
            for pid in cut:
                connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        if used:  # it is taken for good wrongly: an error for one, and the next one is served
            with pytest.raises(StoreError, match="ne répond pas"), database.read() as connection:
                connection.scalar(text("SELECT 1"))
        for _ in range(2):
            with database.read() as connection:
                assert connection.scalar(text("SELECT 1")) == 1
    database.close()
    other.close()


def test_a_glance_opens_nothing_around_what_it_asks_and_leaves_connections_as_they_were(postgres: str) -> None:
    database = Database(postgres)
    with database.read() as connection:
        connection.execute(text("SELECT 1"))
        assert status(connection) == TransactionStatus.INTRANS
    with database.glance() as connection:
        connection.execute(text("SELECT 1"))
        assert status(connection) == TransactionStatus.IDLE
    with pytest.raises(ZeroDivisionError), database.write() as connection:  # the same connection, given back meanwhile
        connection.execute(text("CREATE TABLE kept (one integer)"))
        raise ZeroDivisionError
    with database.glance() as connection:
        assert connection.scalar(text("SELECT to_regclass('kept')")) is None
    database.close()


def test_a_glance_sees_what_was_just_kept(new_store: str) -> None:
    database = Database(new_store)
    with database.write() as connection:
        news.tell(connection, "claim", datetime(2026, 3, 1, tzinfo=UTC))
    with database.glance() as connection:
        assert [one.kind for one in news.since(connection, 0)] == ["claim"]
    database.close()


def status(connection: Connection) -> TransactionStatus:
    """Whether PostgreSQL has a transaction open for it."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver.info.transaction_status
