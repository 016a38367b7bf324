"""A service follows the model that is put into service; one that is refused changes nothing."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import pytest

from tests.threats.small import seal, small_model
from triage.desk.serving import Follower
from triage.engine import Engine
from triage.threats.manifest import VOCABULARY
from triage.threats.modelfile import Shelf

PATIENCE = 20.0


class Serving:
    """What serves: the engines that were swapped in, one after the other."""

    def __init__(self, engine: Engine) -> None:
        self.engines = [engine]

    def until(self, changes: int) -> Engine:
        """The engine that serves after so many changes."""
        end = time.monotonic() + PATIENCE
        while len(self.engines) <= changes and time.monotonic() < end:
            time.sleep(0.02)
        assert len(self.engines) == changes + 1
        return self.engines[-1]


def test_the_model_named_serves_and_a_refused_one_leaves_it(
    rules_engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own, serving = Shelf(tmp_path / "models", seal), Serving(rules_engine)
    for version in ("v1", "v2", "v3"):
        small_model(own.root / version)
    (own.root / "v2" / VOCABULARY).write_text("{}", "utf-8")
    with (
        caplog.at_level(logging.WARNING),
        Follower([own]).following(rules_engine, lambda engine: serving.engines.append(engine)),
    ):
        own.point("v1")
        first = serving.until(1)
        assert (first.model and first.model.version, first.warning) == ("v1", None)

        own.point("v2")
        kept = serving.until(2)
        assert kept.model is first.model
        assert kept.warning is not None
        assert "vocabulary.json a changé" in kept.warning
        assert kept.warning.endswith("le modèle qui servait continue (v1).")

        own.point("v3")
        last = serving.until(3)
        assert (last.model and last.model.version, last.warning) == ("v3", None)
    assert len([one for one in caplog.records if one.name == "triage.desk.serving"]) == 1


def test_a_change_while_the_service_starts_is_seen(rules_engine: Engine, tmp_path: Path) -> None:
    own, serving = Shelf(tmp_path / "models", seal), Serving(rules_engine)
    small_model(own.root / "v1")
    follower = Follower([own])
    own.point("v1")
    with follower.following(rules_engine, lambda engine: serving.engines.append(engine)):
        engine = serving.until(1)
    assert engine.model is not None


def test_nothing_is_read_while_nothing_changes(rules_engine: Engine, tmp_path: Path) -> None:
    own, serving = Shelf(tmp_path / "models", seal), Serving(rules_engine)
    small_model(own.root / "v1")
    own.point("v1")
    with Follower([own]).following(rules_engine, lambda engine: serving.engines.append(engine)):
        time.sleep(1.5)
    assert serving.engines == [rules_engine]
