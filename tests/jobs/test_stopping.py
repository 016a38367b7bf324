"""A worker that is told to stop leaves off between two pieces of work, and gives back what it has not done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from triage.comments.parsing import parse
from triage.desk import case as desk
from triage.desk import evidence, sorting
from triage.desk.evidence import File
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.jobs.work import read_files, sort_comments
from triage.store.records import Told
from triage.store.tables import EXHIBITS

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
CALM = "Des commentaires hostiles paraissent sous une publication de la mairie, voici l'export."
EXPORT = ("auteur;date;commentaire\n" + "".join(f"a{i};2026-11-20;bonjour {i}\n" for i in range(30))).encode()


def tries(office: Office) -> list[tuple[str, int]]:
    with office.database.read() as connection:
        rows = connection.execute(select(EXHIBITS.c.state, EXHIBITS.c.tries).order_by(EXHIBITS.c.number)).all()
        return [(row.state, row.tries) for row in rows]


def test_files_that_wait_are_left_to_the_next_worker(each_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [File(f"{i}.txt", b"Bonjour.") for i in range(3)]
    case_id = submit(each_office, Told(text=CALM), files, NOW).case_id
    read: list[str] = []
    really = evidence.read_exhibit

    def reading(office: Office, one: Any, now: datetime) -> None:
        really(office, one, now)
        read.append(one.exhibit_id)

    monkeypatch.setattr(evidence, "read_exhibit", reading)
    read_files(each_office, None, lambda: len(read) == 1)
    assert sorted(tries(each_office)) == [("pending", 0), ("pending", 0), ("read", 1)]
    read_files(each_office, None)
    assert {one.state for one in desk.load(each_office, case_id).exhibits} == {"read"}


def test_an_export_is_left_after_a_batch_and_taken_up_there(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """As often as the service stops: that is no try."""
    monkeypatch.setattr(sorting, "parse_safely", parse)
    monkeypatch.setattr("triage.comments.running.BATCH", 5)
    case_id = submit(office, Told(text=CALM), [File("a.csv", EXPORT)], NOW).case_id
    positions = []
    for _ in range(2):
        asked = iter([False] * 4)  # not before the first batch is kept
        sort_comments(office, None, 1, lambda asked=asked: next(asked, True))
        positions.append(desk.load(office, case_id).runs[0].position)
        assert tries(office) == [("pending", 0)]
    assert positions == sorted(positions) and 0 < positions[0] < positions[1] < 30
    sort_comments(office, None, 1)
    assert (desk.load(office, case_id).runs[0].position, tries(office)[0][0]) == (30, "read")
