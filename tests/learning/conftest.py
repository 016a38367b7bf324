"""What training and measuring need, made once: reading the rules takes as long as most tests."""

from __future__ import annotations

import pytest

from triage.cli.train import workbench
from triage.learning.build import Workbench
from triage.learning.corpus import Labels
from triage.settings import Settings


@pytest.fixture(scope="session")
def equipped(settings: Settings) -> tuple[Workbench, Labels]:
    """The workbench, and the labels that texts may have."""
    return workbench(settings)
