"""Files to sort, and the command typed without the rest of the application."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.conftest import NOW
from triage.batch.local import LocalCrew
from triage.batch.rows import Chunk
from triage.batch.sorting import Identity, Job, Sorted, identity_of, sort_chunk
from triage.diagnostic.contract import as_json
from triage.engine import Engine
from triage.errors import TriageError
from triage.intake.report import Report

TOLD = (
    "Un inconnu m'écrit chaque nuit « je vais te tuer ».",
    "J'ai reçu un SMS « colis en attente », je n'ai pas cliqué.",
    "Un habitant a écrit sur ma page Facebook que je suis une ordure.",
    "Quelqu'un a créé un faux compte à mon nom et écrit à mes administrés.",
)


def reports(count: int) -> list[dict[str, Any]]:
    """As many different reports, the same at each call."""
    received = "2026-03-01T22:15:00+01:00"
    return [{"id": f"r{i}", "text": f"{TOLD[i % 4]} C'est le n° {i}.", "received_at": received} for i in range(count)]


def jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a Parquet file."""
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def expected(engine: Engine, rows: list[dict[str, Any]]) -> list[tuple[str, str, list[str]]]:
    """What `engine.assess` says of each, in a loop."""
    answers = []
    for row in rows:
        told = Report(row["text"], received_at=NOW)
        answer = as_json(engine.composer, engine.assess(told, NOW), row["id"])
        answers.append((answer["id"], answer["disposition"], [one["type"] for one in answer["threats"]]))
    return answers


def told(output: Path) -> list[tuple[str, str, list[str]]]:
    """The same of a sorted file."""
    return [(row["id"], row["disposition"], row["threats"]) for row in read(output)]


class Alone:
    """A crew of one, in the process of the tests, that may be stopped after some chunks."""

    warning = None

    def __init__(self, engine: Engine, stops_after: int = 1_000_000) -> None:
        self.engine, self.stops_after = engine, stops_after
        self.identity = identity_of(engine)
        self.done: list[int] = []

    def sort(self, chunks: Any, job: Job) -> Iterator[Sorted]:
        for chunk in chunks:
            if len(self.done) == self.stops_after:
                raise KeyboardInterrupt
            self.done.append(chunk.index)
            yield self.one(chunk, job)

    def one(self, chunk: Chunk, job: Job) -> Sorted:
        return sort_chunk(self.engine, self.identity, chunk, job)

    def close(self) -> None:
        pass


class Other(Alone):
    """The same, with other rules or another model."""

    def __init__(self, engine: Engine, **other: str) -> None:
        super().__init__(engine)
        self.identity = Identity(**{**vars(self.identity), **other})


@pytest.fixture(scope="module")
def crew(engine: Engine) -> Iterator[LocalCrew]:
    """Two processes that share an engine."""
    made = LocalCrew(lambda: engine, 2)
    yield made
    made.close()


Batch = Callable[..., CompletedProcess[str]]


@pytest.fixture
def batch(engine: Engine, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Batch:
    """The command, from its words to its exit code, sorted by the engine of the tests."""
    import typer

    from triage.cli import codes
    from triage.cli.batch import batch as command

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(command)
    monkeypatch.setattr("triage.batch.local.LocalCrew", lambda *_: Alone(engine))

    def typed(*words: object) -> CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["triage", *map(str, words)])
        code: object = codes.OK
        try:
            app()
        except SystemExit as ended:
            code = ended.code
        except TriageError as error:
            sys.stderr.write(f"{error}\n")
            code = codes.INPUT
        said = capfd.readouterr()
        return CompletedProcess(words, int(code or 0), said.out, said.err)  # type: ignore[call-overload]

    return typed
