"""Passwords are hashed with less here: how costly a hash is has a test of its own."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from triage.desk.people import passwords


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cheap hash, unless the test asks for the real one."""
    if "real_hashes" not in request.fixturenames:
        monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=2048))


@pytest.fixture
def real_hashes() -> None:
    """Passwords are hashed as in the service."""
