"""What tests share: the real rules, the shipped model, one fixed moment."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from triage.bootstrap import build_engine
from triage.engine import Engine, without_model
from triage.settings import Settings

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 3, 18, 22, 30)  # a Wednesday evening


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings()


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
