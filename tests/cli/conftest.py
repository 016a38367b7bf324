"""The command typed in the process of the tests, where the engine is built already."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from triage import bootstrap
from triage.__main__ import main
from triage.engine import Engine
from triage.settings import Settings

Triage = Callable[..., CompletedProcess[str]]


@pytest.fixture
def triage(
    engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Triage:
    """The command, from its words to its exit code; the engine that it would build is the one of the tests."""

    def typed(*words: str, told: str | bytes = "", **environment: str) -> CompletedProcess[str]:
        raw = told.encode() if isinstance(told, str) else told
        monkeypatch.setattr(sys, "argv", ["triage", *words])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return CompletedProcess(words, int(ended.value.code or 0), said.out, said.err)

    def built(wanted: Settings) -> Engine:
        return engine if wanted == settings else bootstrap.build_engine(wanted)

    monkeypatch.setattr("triage.cli.assess.build_engine", built)
    monkeypatch.setattr("triage.cli.evaluate.build_engine", built)
    monkeypatch.setattr("triage.cli.train.build_reader", lambda _: (engine.catalogue, engine.reader))
    return typed
