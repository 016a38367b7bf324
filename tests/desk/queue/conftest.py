"""A desk without what reads reports: it is made at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.torture.agents import Place
from triage.desk.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A desk with an empty SQLite store."""
    made = Place(tmp_path).office()
    yield made
    made.database.close()


@pytest.fixture
def each_office(tmp_path: Path, store_address: str) -> Iterator[Office]:
    """A desk with an empty store, on SQLite then on PostgreSQL."""
    made = Place(tmp_path, store_address).office()
    yield made
    made.database.close()
