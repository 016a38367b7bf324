"""`triage comments`, as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.comments.exports import as_csv, export_of, joined, of
from triage.cli.comments import comments
from triage.engine import Engine
from triage.errors import IntakeError

app = typer.Typer()
app.command()(comments)


def test_the_verdict_the_counts_the_worst_and_a_table(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "export.csv", tmp_path / "tri.csv"
    source.write_bytes(
        as_csv(joined(export_of(of("harmless", 30), 20, 8), export_of(["Je vais te tuer, ordure"], 1, 1)))
    )
    monkeypatch.setattr("triage.cli.comments.build_engine", lambda _: engine)  # made once for all tests
    done = CliRunner().invoke(app, [str(source), "--output", str(target)], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    assert done.output.strip().startswith("URGENT")
    assert "1 commentaire sans équivoque" in done.output
    assert "31 commentaires, du 12/03/2026" in done.output
    assert "« Je vais te tuer, ordure »" in done.output
    lines = target.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("numéro;niveau")
    assert "Je vais te tuer, ordure" in lines[1]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [str(tmp_path / "absent.csv")])
    assert isinstance(done.exception, IntakeError)
    assert "lecture impossible" in str(done.exception)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7"])
def test_what_is_no_export_is_told(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "export.csv"
    source.write_bytes(content)
    assert isinstance(CliRunner().invoke(app, [str(source)]).exception, IntakeError)
