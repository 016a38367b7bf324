"""What tests share: the real rules, the shipped model, one fixed moment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, inspect, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from triage import bootstrap
from triage.bootstrap import build_engine, build_office
from triage.desk.office import Office
from triage.engine import Engine, without_model
from triage.settings import Settings
from triage.store.database import Database
from triage.store.people_tables import AUDIT_HEAD

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 3, 18, 22, 30)  # a Wednesday evening


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked `whole` are long: they run with `TRIAGE_TESTS=whole`, as CI does."""
    if os.environ.get("TRIAGE_TESTS") == "whole":
        return
    long = [item for item in items if item.get_closest_marker("whole")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if not item.get_closest_marker("whole")]


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings()


@pytest.fixture(scope="session", autouse=True)
def rules_read_once() -> Iterator[None]:
    """The desk's own rules are read once for all the offices of a session: reading them takes as long as most tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("load_service", "load_comments_policy", "load_policies"):
            patch.setattr(bootstrap, name, _read_once(getattr(bootstrap, name)))
        yield


def _read_once(load: Callable[..., Any]) -> Callable[..., Any]:
    kept: dict[tuple[int, ...], tuple[Any, ...]] = {}

    def loaded(rules: Path, *others: Any) -> Any:
        if rules != Settings().rules:
            return load(rules, *others)
        key = tuple(map(id, others))
        if key not in kept:
            kept[key] = (load(rules, *others), others)  # `others` too: what is kept alive keeps its identity
        return kept[key][0]

    return loaded


@pytest.fixture(scope="session")
def engine(settings: Settings) -> Engine:
    """The engine as it is served, with the shipped model."""
    built = build_engine(settings)
    assert built.model is not None, built.warning
    return built


@pytest.fixture(scope="session")
def rules_engine(engine: Engine) -> Engine:
    """The same engine when its model cannot be loaded."""
    return without_model(engine)


POSTGRES = os.environ.get("TRIAGE_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")


@contextmanager
def new_postgres() -> Iterator[str]:
    """The address of a new, empty PostgreSQL database, dropped afterwards."""
    server = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    name = f"triage_{uuid4().hex[:12]}"
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError:
        server.dispose()
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL est absent : démarrez-le, ou dites où il est (TRIAGE_TEST_POSTGRES)")
        pytest.skip("POSTGRESQL ABSENT : le registre n'est pas testé avec lui")
    try:
        yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


@pytest.fixture
def postgres() -> Iterator[str]:
    """The address of a new, empty PostgreSQL database, dropped afterwards."""
    with new_postgres() as address:
        yield address


@pytest.fixture(scope="session")
def migrated_postgres() -> Iterator[str]:
    """The address of a PostgreSQL database with its tables, which the tests of one process use in turn, emptied."""
    with new_postgres() as address:
        made = Database(address)
        made.upgrade()
        made.close()
        yield address


def emptied(address: str) -> None:
    """Leaves the tables of a store as they were made: creating and dropping a database takes a second each time."""
    engine = create_engine(address)
    others = "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with engine.begin() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM {others}"))
        connection.execute(text("ALTER TABLE audit ENABLE TRIGGER audit_only_grows"))
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # no trigger, no foreign key
        for name in inspect(connection).get_table_names():
            if name not in ("alembic_version", "audit_head"):
                connection.execute(text(f'DELETE FROM "{name}"'))
        connection.execute(update(AUDIT_HEAD).values(seq=0, digest=bytes(32)))
    engine.dispose()


@cache
def _migrated_sqlite() -> bytes:
    """A SQLite store in which the tables are made."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "triage.sqlite"
        made = Database(f"sqlite:///{path}")
        made.upgrade()
        made.close()
        return path.read_bytes()


def migrated_at(data: Path) -> Path:
    """`data`, with a store in which the tables are made already: making them takes as long as most tests."""
    data.mkdir(parents=True, exist_ok=True)
    (data / "triage.sqlite").write_bytes(_migrated_sqlite())
    return data


@pytest.fixture(params=["sqlite", "postgresql"])
def store_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty store, on each of the two databases."""
    if request.param == "postgresql":
        address = request.getfixturevalue("migrated_postgres")
        yield address
        emptied(address)
    else:
        yield f"sqlite:///{migrated_at(tmp_path) / 'triage.sqlite'}"


def office_at(engine: Engine, data: Path, database: str = "", **more: object) -> Office:
    """A guichet with its own store and keys in `data`."""
    return build_office(Settings(data=data, database=database, **more), engine)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Iterator[Office]:
    """A guichet with an empty SQLite store."""
    made = office_at(engine, migrated_at(tmp_path))
    yield made
    made.database.close()


@pytest.fixture
def each_office(engine: Engine, tmp_path: Path, store_address: str) -> Iterator[Office]:
    """A guichet with an empty store, on SQLite then on PostgreSQL."""
    made = office_at(engine, tmp_path, store_address)
    yield made
    made.database.close()


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Files made for a test are named by their size: several processes must agree on the names of the tests."""
    return f"{len(val)} octets" if isinstance(val, bytes) else None
