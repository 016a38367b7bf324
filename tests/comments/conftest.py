"""What these tests share: the policy of the real rules, and a way to sort a whole export in this process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import NOW
from triage.comments.comment import Export
from triage.comments.policy import CommentsPolicy, load_policy
from triage.comments.running import Progress, run
from triage.comments.verdict import Verdict, verdict
from triage.engine import Engine
from triage.settings import Settings

KEY = b"the key of one case"


@pytest.fixture(scope="session")
def policy(settings: Settings) -> CommentsPolicy:
    return load_policy(settings.rules)


@pytest.fixture(scope="session")
def sort(engine: Engine, policy: CommentsPolicy) -> Callable[[Export], Progress]:
    def sort(export: Export) -> Progress:
        return run(engine, export, NOW, KEY, Progress(), lambda _: None, workers=1, policy=policy)

    return sort


@pytest.fixture(scope="session")
def judge(sort: Callable[[Export], Progress], policy: CommentsPolicy) -> Callable[[Export], Verdict]:
    def judge(export: Export) -> Verdict:
        done = sort(export)
        return verdict(done.kept, done.tally, policy)

    return judge
