"""A table of cases, written and read again, teaches what it says."""

from __future__ import annotations

import stat
from pathlib import Path

import pandas as pd
import pytest

from triage.errors import DataError, IntakeError
from triage.learning.cases import labels_of
from triage.learning.corpus import examples_of, load_all
from triage.learning.frames import COLUMNS, as_bytes, check_new, digest, frame_of, read_frame, records, write_new
from triage.settings import Settings

ROW = {
    **dict.fromkeys(COLUMNS, ""),
    "kind": "report",
    "case": "cas-00001",
    "text": "Il a écrit\n« gros porc », sur la page.",
    "exhibits": 0,
    "threats": ["injure", "haine"],
    "primary": "injure",
    "disposition": "guided",
    "red_flags": [],
    "facts": {"public": "oui"},
    "engine_threats": ["injure"],
    "engine_red_flags": [],
}
UNDECIDED = {**ROW, "case": "cas-00002", "threats": [], "primary": "", "disposition": ""}


def table(*rows: dict[str, object]) -> pd.DataFrame:
    return frame_of(rows or [ROW])


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_a_file_says_what_the_table_said(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"extrait{suffix}"
    write_new(path, as_bytes(table(ROW, UNDECIDED), suffix))
    read = records(read_frame(path))
    assert [{name: str(row[name]) for name in COLUMNS} for row in read] == [
        {name: str(row[name]) for name in COLUMNS} for row in (ROW, UNDECIDED)
    ]


@pytest.mark.parametrize("text", ["=1+1", "-2+3", "'tite frappe", "bonjour"])
def test_a_spreadsheet_runs_no_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    write_new(path, as_bytes(table({**ROW, "text": text}), ".csv"))
    assert f",{text}," not in path.read_text(encoding="utf-8") or text in ("'tite frappe", "bonjour")
    assert list(read_frame(path)["text"]) == [text]


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_a_file_is_learnt_from(tmp_path: Path, suffix: str) -> None:
    path, labels = tmp_path / f"extrait{suffix}", labels_of(Settings())
    write_new(path, as_bytes(table(), suffix))
    corpus = Settings().models / "corpus" / "contrastes.jsonl"
    *others, learnt = load_all([corpus, path], labels)
    assert len(others) > 50
    assert (learnt.threats, learnt.primary, learnt.disposition) == (("injure", "haine"), "injure", "guided")
    assert (learnt.facts, learnt.group, learnt.kind) == ({"public": "oui"}, "extrait", "report")


def test_an_undecided_case_teaches_nothing() -> None:
    assert [one.id for one in examples_of(table(ROW, UNDECIDED), labels_of(Settings()), "mars")] == ["mars-cas-00001"]


def test_labels_that_the_rules_no_longer_have_are_said_with_their_row() -> None:
    old = {**ROW, "threats": ["ancien"], "primary": "ancien"}
    with pytest.raises(DataError, match=r"cases:2 : .*ancien"):
        examples_of(table(ROW, old), labels_of(Settings()))


def test_the_digest_is_of_what_is_said() -> None:
    assert digest(table()) == digest(table()) != digest(table({**ROW, "disposition": "agent"}))


def test_a_file_is_its_owner_s_and_replaces_none(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_new(path, b"x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(IntakeError, match="existe déjà"):
        write_new(path, b"y")
    assert path.read_bytes() == b"x"


@pytest.mark.parametrize(
    ("name", "said"), [("a.csv", "existe déjà"), ("b.xlsx", "finit par"), ("rien/b.csv", "n'existe pas")]
)
def test_where_nothing_can_be_written(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "a.csv").write_text("x")
    with pytest.raises(IntakeError, match=said):
        check_new(tmp_path / name, ".csv")


@pytest.mark.parametrize(("name", "content"), [("a.parquet", b"PAR"), ("a.csv", b"a,b\n1,2\n"), ("a.jsonl", b"{")])
def test_a_table_that_cannot_be_read(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=name):
        read_frame(tmp_path / name)
