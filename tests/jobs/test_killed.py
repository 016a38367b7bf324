"""A worker killed at any step: nothing is lost, nothing is done twice, nobody else waits for it."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from triage.comments.parsing import parse
from triage.desk import case as desk
from triage.desk import evidence, sorting
from triage.desk.evidence import File
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.jobs.work import read_files, sort_comments
from triage.scratch import scratch, sweep
from triage.store.evidence import MOST_TRIES
from triage.store.records import Told

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
CALM = "Des commentaires hostiles paraissent sous une publication de la mairie, voici l'export."
THREAT = b"Je vais te tuer ce soir, je suis devant chez toi avec mon fusil."
EXPORT = (
    "auteur;date;commentaire\n" + "".join(f"a{i};2026-11-20;je vais te tuer ce soir\n" for i in range(20))
).encode()


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports are parsed in this process: another would take a second to start."""
    monkeypatch.setattr(sorting, "parse_safely", parse)


class Killed(BaseException):
    """The process ends there."""


def dying(*_: Any, **__: Any) -> None:
    raise Killed


@pytest.mark.parametrize(
    "step",
    [
        "triage.desk.evidence.read_safely",
        "triage.store.evidence.settle",
        "triage.desk.evidence.reassess_within",
        "triage.store.cases.Cases.record",
        "triage.store.cases.Cases.note",
    ],
)
def test_killed_while_reading(office: Office, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    case_id = submit(office, Told(text=CALM), [File("a.txt", THREAT)], NOW).case_id
    monkeypatch.setattr(step, dying)
    with pytest.raises(Killed):
        read_files(office, None)
    monkeypatch.undo()
    read_files(office, None)
    case = desk.load(office, case_id)
    assert (case.level, case.exhibits[0].state) == ("immediate", "read")
    assert sorted(one.kind for one in case.events) == ["exhibit", "level", "received"]


def test_the_next_kill_finds_another_file(each_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed again and again, the worker reads them in turn: none is tried more often than the others, and given up."""
    files = [File(f"{i}.txt", THREAT) for i in range(4)]
    case_id = submit(each_office, Told(text=CALM), files, NOW).case_id
    with monkeypatch.context() as patch:
        patch.setattr("triage.desk.evidence.read_safely", dying)
        for _ in range(2 * MOST_TRIES):
            with pytest.raises(Killed):
                read_files(each_office, None)
    read_files(each_office, None)
    assert {one.state for one in desk.load(each_office, case_id).exhibits} == {"read"}


def test_after_one_kill_a_file_keeps_its_turn(each_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it shows may be a threat: it does not wait behind all that came since."""
    files = [File(f"{i}.txt", THREAT) for i in range(3)]
    case_id = submit(each_office, Told(text=CALM), files[:1], NOW).case_id
    submit(each_office, Told(text=CALM), files[1:], NOW + timedelta(minutes=1))
    with monkeypatch.context() as patch:
        patch.setattr("triage.desk.evidence.read_safely", dying)
        with pytest.raises(Killed):
            read_files(each_office, None)
    assert evidence.waiting(each_office)[0].case_id == case_id


def test_a_capture_does_not_wait_behind_exports(office: Office) -> None:
    """However many wait to be sorted: they are another job's."""
    for _ in range(51):
        submit(office, Told(text=CALM), [File("a.csv", EXPORT)], NOW)
    case_id = submit(office, Told(text=CALM), [File("a.txt", THREAT)], NOW + timedelta(minutes=1)).case_id
    read_files(office, None)
    assert desk.load(office, case_id).level == "immediate"


@pytest.mark.parametrize(
    "step",
    [
        "triage.desk.sorting.parse_safely",
        "triage.store.evidence.save_run",
        "triage.store.evidence.drop_original",
        "triage.store.evidence.settle",
        "triage.desk.sorting.reassess_within",
    ],
)
def test_killed_while_sorting(office: Office, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    case_id = submit(office, Told(text=CALM), [File("a.csv", EXPORT)], NOW).case_id
    monkeypatch.setattr(step, dying)
    with pytest.raises(Killed):
        sort_comments(office, None, 1)
    monkeypatch.undo()
    monkeypatch.setattr(sorting, "parse_safely", parse)
    sort_comments(office, None, 1)
    case = desk.load(office, case_id)
    assert (case.exhibits[0].state, case.runs[0].position, case.runs[0].done) == ("read", 20, True)
    assert case.rank >= office.engine.assessor.policy.rank("urgent")
    assert sum(one.kind == "level" for one in case.events) == 1


def test_one_that_breaks_its_reader_keeps_nobody_waiting(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = submit(office, Told(text=CALM), [File("a.csv", EXPORT)], NOW).case_id
    second = submit(office, Told(text=CALM), [File("b.csv", EXPORT)], NOW).case_id
    good = sorting.run

    def run(engine: Any, export: Any, now: Any, key: bytes, *more: Any) -> Any:
        if key == office.ring.digest("authors", first):
            raise RuntimeError(export.comments[0].text)
        return good(engine, export, now, key, *more)

    monkeypatch.setattr(sorting, "run", run)
    caplog.set_level(logging.DEBUG)
    sort_comments(office, None, 1)
    assert [desk.load(office, one).exhibits[0].state for one in (first, second)] == ["pending", "read"]
    assert "RuntimeError" in caplog.text
    assert "tuer" not in caplog.text
    for _ in range(MOST_TRIES):
        sort_comments(office, None, 1)
    assert desk.load(office, first).exhibits[0].state == "unread"
    assert evidence.original(office, first, 1)[1] == EXPORT


def test_an_export_that_gets_on_is_never_given_up(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Restarted more often than a file is tried: each time a batch is done, the tries begin anew."""
    monkeypatch.setattr("triage.comments.running.BATCH", 2)
    case_id = submit(office, Told(text=CALM), [File("a.csv", EXPORT)], NOW).case_id
    kept = sorting.evidence.save_run
    for _ in range(8):
        saved: list[int] = []

        def save(*arguments: Any, saved: list[int] = saved) -> None:
            if len(saved) == 2:
                raise Killed
            kept(*arguments)
            saved.append(1)

        monkeypatch.setattr(sorting.evidence, "save_run", save)
        with pytest.raises(Killed):
            sort_comments(office, None, 1)
    monkeypatch.setattr(sorting.evidence, "save_run", kept)
    sort_comments(office, None, 1)
    assert desk.load(office, case_id).exhibits[0].state == "read"


def test_what_a_killed_reader_left_is_swept_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage.scratch._MEMORY", str(tmp_path))
    with scratch() as mine:
        assert mine.stat().st_mode & 0o077 == 0
        left = mine.with_name(mine.name[:-4] + "left")
        left.mkdir()
        (left / "image.png").write_bytes(b"x")
        (tmp_path / "triage-figures-1").mkdir()
        sweep()
        assert {one.name for one in tmp_path.iterdir()} == {mine.name, "triage-figures-1"}
    assert [one.name for one in tmp_path.iterdir()] == ["triage-figures-1"]


def test_a_folder_is_known_to_be_of_use_from_a_container_that_does_not_see_its_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triage.scratch._MEMORY", str(tmp_path))
    other = f"import triage.scratch as s; s._MEMORY = {str(tmp_path)!r}; s.sweep()"
    apart = ["unshare", "--user", "--map-root-user", "--pid", "--fork", sys.executable, "-c", other]
    if subprocess.run([*apart[:-3], "true"], capture_output=True).returncode:
        pytest.skip("« unshare » n'est pas permis ici : deux espaces de processus ne peuvent être essayés")
    with scratch() as mine:
        subprocess.run(apart, check=True)
        assert mine.is_dir()
