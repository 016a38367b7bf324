"""Python's collector does not stop a service that answers: what stays is looked at once."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

import pytest

from triage.memory import Sparing, spared


class Node:
    """Something that only the collector can take away: it holds itself."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """The engine of the other tests left alone as it was, and nothing of these."""
    yield
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def collected() -> float:
    """Seconds of a collection of the whole heap."""
    began = time.perf_counter()
    gc.collect()
    return time.perf_counter() - began


def test_what_stays_is_walked_through_once() -> None:
    kept = [Node() for _ in range(300_000)]
    with spared():
        first, later = collected(), min(collected() for _ in range(5))
    assert gc.get_freeze_count() > len(kept)
    assert later < first / 3


def test_what_goes_later_is_still_taken_away() -> None:
    with spared():
        kept = [Node() for _ in range(300_000)]
        gc.collect()
        del kept
        passing = [Node() for _ in range(1_000)]
        del passing
        assert gc.collect() >= 1_000


def test_a_short_collection_freezes_nothing() -> None:
    gc.unfreeze()
    sparing = Sparing(long=60.0)
    sparing("start", {"generation": 2})
    sparing("stop", {"generation": 2})
    assert gc.get_freeze_count() == 0


def test_what_may_be_left_in_circles_is_bounded() -> None:
    sparing = Sparing(long=-1.0, most=2)
    for _ in range(3):
        gc.unfreeze()
        sparing("start", {"generation": 2})
        sparing("stop", {"generation": 2})
    assert gc.get_freeze_count() == 0, "la troisième fois, rien n'est plus mis de côté"


def test_a_collection_of_what_is_young_freezes_nothing() -> None:
    gc.unfreeze()
    sparing = Sparing(long=-1.0)
    sparing("start", {"generation": 1})
    sparing("stop", {"generation": 1})
    assert gc.get_freeze_count() == 0
