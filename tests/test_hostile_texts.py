"""Texts written so that reading them never ends: a second of one's time must not cost a minute of the service's.

Fifty thousand signs, the longest report; a reading that is not about proportional to the length takes twenty seconds
and more, and keeps all the others waiting meanwhile.
"""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import ROOT
from triage.attachments.impersonation import _ADDRESS_LIKE
from triage.desk.campaigns.words import things
from triage.desk.handover.masking import _CUT
from triage.desk.handover.names import Finder
from triage.desk.measures.places import _IN_BRACKETS
from triage.desk.policies import load_policies
from triage.engine import Engine
from triage.errors import IntakeError
from triage.intake.report import Report
from triage.learning.frames import LISTS, as_bytes, frame_of, read_frame
from triage.learning.interchange import as_csv, read_set
from triage.settings import Settings
from triage.spreadsheets import harmless, restored
from triage.store.records import Told

LENGTH, SECONDS = 50_000, 5.0
UNITS = ["a", "A", "é", "1", "@", "a@", "€", "$a", "a.", "a-", "A-a", "a'", "((", "« ", "> ", "0612345678", "_"]
UNITS += ["http://a/", "\n", " a", "\u200b", "<a ", "FR76"]
ENDS = ["", "/", "\x00", " …", "@", "-"]


def made(unit: str, end: str = "") -> str:
    return (unit * (LENGTH // len(unit) + 1))[: LENGTH - len(end)] + end


def quick(read: Callable[[str], object], *texts: str) -> None:
    """Each is read in time, of the processor and by this thread: a machine that is loaded proves nothing.

    One that is slow is read once more: Python's collector may have gone through the gigabytes of these tests meanwhile.
    """
    for text in texts:
        if _spent(read, text) >= SECONDS:
            took = _spent(read, text)
            assert took < SECONDS, f"{took:.1f} s : {text[:12]!r}… {text[-3:]!r}"


def _spent(read: Callable[[str], object], text: str) -> float:
    began = time.thread_time()
    read(text)
    return time.thread_time() - began


@pytest.mark.parametrize(
    ("unit", "end"), [("a@", "/"), ("€", "/"), ("1a", "/"), ("a", ""), ("a@a.fr ", ""), ("« ", ""), ("((", "")]
)
def test_a_report_is_assessed_in_time(engine: Engine, unit: str, end: str) -> None:
    quick(lambda text: engine.assess(Report(text), datetime(2026, 11, 27, tzinfo=UTC)), made(unit, end))


@pytest.mark.whole
@pytest.mark.parametrize("unit", UNITS)
def test_every_hostile_report_is_assessed_in_time(engine: Engine, unit: str) -> None:
    def read(text: str) -> None:
        with suppress(IntakeError):  # signs that show nothing are nothing to read
            engine.assess(Report(text), datetime(2026, 11, 27, tzinfo=UTC))

    quick(read, *(made(unit, end) for end in ENDS))


@pytest.mark.parametrize("pattern", [_ADDRESS_LIKE, _CUT, _IN_BRACKETS], ids=["address", "cut", "brackets"])
def test_what_reads_names_and_places_is_quick(pattern: re.Pattern[str]) -> None:
    quick(pattern.findall, *(made(unit, end) for unit in UNITS for end in ENDS[:4]))


@pytest.mark.whole
@pytest.mark.parametrize("unit", UNITS)
def test_names_and_accounts_are_looked_for_in_time(engine: Engine, unit: str) -> None:
    policies = load_policies(Settings().rules, engine)
    finder = Finder(policies.handover.redaction)
    quick(lambda text: list(finder(text)), *(made(unit, end) for end in ENDS))
    quick(lambda text: things(policies.campaigns, Told(text=text), [text]), *(made(unit, end) for end in ENDS))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("support@impots.gouv.fr", ["support@impots.gouv.fr"]),
        ("ameli.fr - remboursement", ["ameli.fr"]),
        ("Jean (mairie-vern.fr)", ["mairie-vern.fr"]),
        ("J. Martin", []),
        ("service.client+1@a-b.co.uk et x.fr", ["service.client+1@a-b.co.uk", "x.fr"]),
    ],
)
def test_an_address_in_a_name_is_still_found(name: str, found: list[str]) -> None:
    assert _ADDRESS_LIKE.findall(name) == found


# --- Tables -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell", ["=1+1", "@SUM(1)", "+33 6", "-1", " =1+1", "\t=1", "\r=1", "\n=1", "＝1+1", "'=1+1", "''@x", "'\t=1"]
)
def test_no_cell_is_run_and_none_is_changed_for_good(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert restored(harmless(cell)) == cell


@pytest.mark.parametrize("cell", ["", "bonjour", "1 = 1", "'bonjour'", "c'est =", "a@b.fr"])
def test_other_cells_are_left_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell and restored(cell) == cell


def test_what_leaves_for_analysts_runs_nothing_either() -> None:
    """`triage data convert`, and `triage data export` with another's columns or ours."""
    told = '=cmd|" /C calc"!A0'
    theirs = as_csv([{"+colonne": told, "autre": "@x"}, {"+colonne": "bonjour", "autre": 1}])
    rows = list(csv.reader(io.StringIO(theirs.decode())))
    assert rows == [["'+colonne", "autre"], [f"'{told}", "'@x"], ["bonjour", "1"]]
    ours = as_bytes(frame_of([{"case": "1", "text": told, "facts": {}, **{name: [] for name in LISTS}}]), ".csv")
    assert not any(cell.startswith(("=", "+", "@")) for row in csv.reader(io.StringIO(ours.decode())) for cell in row)


def test_what_leaves_for_analysts_is_read_again_as_it_was(tmp_path: Path) -> None:
    told = ["=1+1", "'=1+1", "'bonjour'", "\t=1"]
    path = tmp_path / "eux.csv"
    path.write_bytes(as_csv([{"texte": one} for one in told]))
    assert [row["texte"] for _, row in read_set(path)] == told
    path = tmp_path / "nous.csv"
    path.write_bytes(as_bytes(frame_of([{"text": one, "facts": {}, **{n: [] for n in LISTS}} for one in told]), ".csv"))
    assert list(read_frame(path)["text"]) == told


def test_every_table_that_is_written_is_made_harmless() -> None:
    writers = [
        path
        for path in (ROOT / "triage").rglob("*.py")
        if re.search(r"csv\.(?:Dict)?[wW]riter\(|\.to_csv\(", path.read_text(encoding="utf-8"))
    ]
    assert len(writers) >= 5
    assert [path for path in writers if "harmless(" not in path.read_text(encoding="utf-8")] == []
