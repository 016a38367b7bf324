"""A batch keeps the order, loses nothing, does nothing twice, and goes on only with what it began with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.batch.conftest import Alone, Other, expected, jsonl, read, reports, told
from tests.conftest import ROOT
from triage.batch.parts import folder_of, rejects_of
from triage.batch.reading import open_source
from triage.batch.rows import CHUNK, BatchError
from triage.batch.running import Outcome, run
from triage.engine import Engine

MANY = 2 * CHUNK + 10


def sort(source: Path, output: Path, crew: Alone, full: bool = False) -> tuple[Outcome, list[int]]:
    """What `run` gives, and what it showed."""
    shown: list[int] = []
    return run(open_source(source), output, crew, full, shown.append), shown


def begun(folder: Path, engine: Engine) -> tuple[Path, Path]:
    """A batch of three chunks, stopped after the first."""
    source, output = jsonl(folder / "a.jsonl", reports(MANY)), folder / "b.parquet"
    with pytest.raises(KeyboardInterrupt):
        sort(source, output, Alone(engine, stops_after=1))
    assert not output.exists()
    return source, output


def test_a_stopped_batch_goes_on_where_it_was(engine: Engine, tmp_path: Path) -> None:
    source, output = begun(tmp_path, engine)
    again = Alone(engine)
    outcome, shown = sort(source, output, again)
    assert again.done == [1, 2]
    assert shown[0] == CHUNK
    assert outcome == Outcome(MANY, 0)
    assert told(output) == expected(engine, reports(MANY))
    assert [row["row"] for row in read(output)] == list(range(1, MANY + 1))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "b.parquet"]


def test_relative_dates_count_from_the_first_start(engine: Engine, tmp_path: Path) -> None:
    _, output = begun(tmp_path, engine)
    manifest = folder_of(output) / "manifest.json"
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(content | {"started": "2020-01-01T00:00:00+00:00"}))

    class Heard(Alone):
        def one(self, chunk, job):  # type: ignore[no-untyped-def]
            assert job.now.year == 2020
            return super().one(chunk, job)

    assert sort(tmp_path / "a.jsonl", output, Heard(engine))[0].sorted == MANY


@pytest.mark.parametrize(
    ("other", "full", "reason"),
    [
        pytest.param({"rules": "0" * 12}, False, "les règles ont changé", id="règles"),
        pytest.param({"model": "2020-01-01"}, False, "le modèle a changé", id="modèle"),
        pytest.param({"weights": "0" * 12}, False, "le modèle a changé", id="poids"),
        pytest.param({}, True, "l'option --full a changé", id="option"),
    ],
)
def test_it_does_not_go_on_with_something_else(
    engine: Engine, tmp_path: Path, other: dict[str, str], full: bool, reason: str
) -> None:
    source, output = begun(tmp_path, engine)
    with pytest.raises(BatchError, match=f"{reason}. Pour recommencer du début, supprimez le dossier .*en-cours"):
        sort(source, output, Other(engine, **other), full)


def test_it_does_not_go_on_with_another_input(engine: Engine, tmp_path: Path) -> None:
    source, output = begun(tmp_path, engine)
    jsonl(source, reports(MANY - 1))
    with pytest.raises(BatchError, match="le fichier à trier a changé"):
        sort(source, output, Alone(engine))


def test_an_input_written_to_meanwhile_is_refused(engine: Engine, tmp_path: Path) -> None:
    source, output = jsonl(tmp_path / "a.jsonl", reports(3)), tmp_path / "b.parquet"
    opened = open_source(source)
    jsonl(source, reports(4))
    with pytest.raises(BatchError, match="a changé pendant le tri"):
        run(opened, output, Alone(engine), False, lambda _: None)
    assert not output.exists()


def test_an_answer_made_with_other_rules_is_not_kept(engine: Engine, tmp_path: Path) -> None:
    class Mixed(Alone):
        def one(self, chunk, job):  # type: ignore[no-untyped-def]
            return Other(self.engine, rules="0" * 12).one(chunk, job)

    with pytest.raises(BatchError, match="ne sont pas les mêmes partout"):
        sort(jsonl(tmp_path / "a.jsonl", reports(3)), tmp_path / "b.parquet", Mixed(engine))
    assert list(folder_of(tmp_path / "b.parquet").glob("*.parquet")) == []


def test_a_damaged_manifest_is_told(engine: Engine, tmp_path: Path) -> None:
    source, output = begun(tmp_path, engine)
    (folder_of(output) / "manifest.json").write_text("{")
    with pytest.raises(BatchError, match="abîmé"):
        sort(source, output, Alone(engine))


def test_two_processes_never_sort_into_the_same_file(engine: Engine, tmp_path: Path) -> None:
    source, output = begun(tmp_path, engine)
    lock = folder_of(output) / "lock"
    held = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX); print(flush=True); input()"
    command = [sys.executable, "-c", held, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(BatchError, match="Un autre processus écrit déjà"):
            sort(source, output, Alone(engine))
        other.kill()
    assert sort(source, output, Alone(engine))[0].sorted == MANY


def test_bad_rows_are_set_aside_and_the_others_sorted(engine: Engine, tmp_path: Path) -> None:
    rows = [*reports(2), {"id": "vide", "text": " "}, {"id": "sans"}, *reports(1)]
    output = tmp_path / "b.parquet"
    assert sort(jsonl(tmp_path / "a.jsonl", rows), output, Alone(engine))[0] == Outcome(3, 2)
    assert [(row["row"], row["id"]) for row in read(output)] == [(1, "r0"), (2, "r1"), (5, "r0")]
    rejects = [json.loads(line) for line in rejects_of(output).read_text(encoding="utf-8").splitlines()]
    assert [(one["row"], one["id"]) for one in rejects] == [(3, "vide"), (4, "sans")]
    assert "Le récit est vide" in rejects[0]["reason"]


def test_only_its_owner_reads_what_a_batch_writes(engine: Engine, tmp_path: Path) -> None:
    _, output = begun(tmp_path, engine)
    left = [folder_of(output), *folder_of(output).glob("*.*")]
    assert len(left) == 4 and not any(path.stat().st_mode & 0o077 for path in left)
    ended = tmp_path / "d.parquet"
    sort(jsonl(tmp_path / "c.jsonl", [*reports(1), {"id": "vide", "text": " "}]), ended, Alone(engine))
    assert not any(path.stat().st_mode & 0o077 for path in (ended, rejects_of(ended)))


def test_what_the_engine_cannot_bear_is_set_aside(engine: Engine, tmp_path: Path) -> None:
    rows = [{"id": "a", "text": "crève", "received_at": "0001-01-01T00:00:00+14:00"}, *reports(1)]
    output = tmp_path / "b.parquet"
    assert sort(jsonl(tmp_path / "a.jsonl", rows), output, Alone(engine))[0] == Outcome(1, 1)
    assert "n'a pas pu être trié (OverflowError)" in rejects_of(output).read_text(encoding="utf-8")


def test_a_row_says_what_decided_and_with_what(engine: Engine, tmp_path: Path) -> None:
    assert engine.model is not None
    output = tmp_path / "b.parquet"
    sort(jsonl(tmp_path / "a.jsonl", reports(1)), output, Alone(engine), full=True)
    (row,) = read(output)
    assert (row["primary"], row["disposition"], row["escalated"]) == ("cyberharcelement", "urgent", True)
    assert len(row["probabilities"]) == len(row["threats"]) and "menace" in row["threats"]
    assert row["reasons"] and all(isinstance(one, str) for one in row["reasons"])
    assert (row["rules"], row["model"], row["degraded"]) == (engine.catalogue.digest, engine.model.version, False)
    assert row["received_at"].isoformat() == "2026-03-01T22:15:00+01:00"
    assert json.loads(row["json"])["disposition"] == "urgent"


def test_rules_alone_sort_and_say_so(rules_engine: Engine, tmp_path: Path) -> None:
    output = tmp_path / "b.parquet"
    sort(jsonl(tmp_path / "a.jsonl", reports(1)), output, Alone(rules_engine))
    (row,) = read(output)
    assert (row["model"], row["degraded"]) == (None, True)
    assert row["notes"]


def test_what_a_kill_leaves_after_the_end_is_no_obstacle(engine: Engine, tmp_path: Path) -> None:
    source, output = jsonl(tmp_path / "a.jsonl", reports(2)), tmp_path / "b.parquet"
    folder_of(output).mkdir()
    (folder_of(output) / "00000000.parquet").write_bytes(b"d'un autre tri")
    assert sort(source, output, Alone(engine))[0] == Outcome(2, 0)


def test_a_disk_that_refuses_is_told(engine: Engine, tmp_path: Path) -> None:
    source, output = jsonl(tmp_path / "a.jsonl", reports(2)), tmp_path / "b.parquet"
    folder_of(output).write_text("un fichier à la place du dossier")
    with pytest.raises(BatchError, match="écriture impossible"):
        sort(source, output, Alone(engine))


COMMAND = "from typer import run; from triage.cli.batch import batch; run(batch)"


@pytest.mark.whole
def test_killed_without_warning_it_goes_on(engine: Engine, tmp_path: Path) -> None:
    source, output = jsonl(tmp_path / "a.jsonl", reports(6 * CHUNK)), tmp_path / "b.parquet"
    command = [sys.executable, "-c", COMMAND, str(source), str(output), "--workers", "2"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as first:
        while first.poll() is None and len(list(folder_of(output).glob("0*.parquet"))) < 2:
            os.sched_yield()
        first.kill()
    assert not output.exists()
    kept = sorted(folder_of(output).glob("0*.parquet"))
    assert kept
    again = Alone(engine)
    assert sort(source, output, again)[0] == Outcome(6 * CHUNK, 0)
    assert len(again.done) == 6 - len(kept)
    assert told(output) == expected(engine, reports(6 * CHUNK))
