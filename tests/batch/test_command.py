"""The command as a person types it: what it says, where it writes, how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.batch.conftest import Alone, Batch, jsonl, read, reports


def test_it_tells_what_was_sorted_and_what_was_set_aside(batch: Batch, tmp_path: Path) -> None:
    source, output = jsonl(tmp_path / "a.jsonl", [*reports(3), {"id": "x"}]), tmp_path / "b.parquet"
    done = batch(source, output)
    assert done.returncode == 0, done.stderr
    assert done.stdout.replace(f"{tmp_path}/", "") == (
        "3 récits triés : b.parquet\n1 ligne mise de côté, avec les raisons : b.rejets.jsonl\n"
    )
    assert "json" not in read(output)[0]


def test_nothing_set_aside_leaves_no_file(batch: Batch, tmp_path: Path) -> None:
    done = batch(jsonl(tmp_path / "a.jsonl", reports(1)), tmp_path / "b.parquet", "--full")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "b.parquet"]
    assert "json" in read(tmp_path / "b.parquet")[0]


def test_stopped_then_typed_again(
    batch: Batch, tmp_path: Path, engine: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, output = jsonl(tmp_path / "a.jsonl", reports(250)), tmp_path / "b.parquet"
    with monkeypatch.context() as stopping:
        stopping.setattr("triage.batch.local.LocalCrew", lambda *_: Alone(engine, stops_after=1))  # type: ignore[arg-type]
        stopped = batch(source, output)
    assert (stopped.returncode, stopped.stdout) == (130, "")
    assert "relancez la même commande pour continuer" in stopped.stderr
    done = batch(source, output)
    assert "Reprise : 200 lignes sont déjà faites." in done.stderr
    assert done.stdout.startswith("250 récits triés")


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        pytest.param("b.csv", "son nom finit par .parquet", id="autre suffixe"),
        pytest.param("dossier.parquet", "est un dossier", id="dossier"),
        pytest.param("absent/b.parquet", "ce dossier n'existe pas", id="dossier absent"),
        pytest.param("a.jsonl/b.parquet", "ce dossier n'existe pas", id="fichier pris pour un dossier"),
        pytest.param("la.parquet", "existe déjà", id="déjà là"),
    ],
)
def test_an_output_that_cannot_be_written(batch: Batch, tmp_path: Path, output: str, reason: str) -> None:
    source = jsonl(tmp_path / "a.jsonl", reports(1))
    (tmp_path / "dossier.parquet").mkdir()
    (tmp_path / "la.parquet").write_bytes(b"autre chose")
    done = batch(source, tmp_path / output)
    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr and done.stderr.count("\n") == 1
    assert (tmp_path / "la.parquet").read_bytes() == b"autre chose"


def test_the_output_is_never_the_input(batch: Batch, tmp_path: Path) -> None:
    first = tmp_path / "b.parquet"
    assert batch(jsonl(tmp_path / "a.jsonl", reports(1)), first).returncode == 0
    kept = first.read_bytes()
    (tmp_path / "lien.parquet").symlink_to(first)
    for output in (first, tmp_path / "lien.parquet"):
        done = batch(first, output)
        assert done.returncode == 1 and "est le fichier à trier" in done.stderr
    rejects = jsonl(tmp_path / "c.rejets.jsonl", reports(1))
    assert "donnez un autre nom" in batch(rejects, tmp_path / "c.parquet").stderr
    assert first.read_bytes() == kept


def test_a_missing_file_is_one_sentence(batch: Batch, tmp_path: Path) -> None:
    done = batch(tmp_path / "absent.jsonl", tmp_path / "b.parquet")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{tmp_path}/absent.jsonl : fichier introuvable.\n"


def test_here_or_on_a_cluster_not_both(batch: Batch, tmp_path: Path) -> None:
    done = batch(tmp_path / "a.jsonl", tmp_path / "b.parquet", "--workers", "2", "--cluster", "tcp://127.0.0.1:8786")
    assert done.returncode == 2
    assert "Choisissez" in done.stderr
