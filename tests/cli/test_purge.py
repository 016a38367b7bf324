"""`triage purge`: says what would go, erases it, and is held back where that looks like a mistake."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.conftest import ROOT, office_at
from tests.desk.forgetting.lives import NOW, closed, days, keys
from triage.cli.app import app
from triage.desk.office import Office
from triage.engine import Engine
from triage.jobs.daily import Purger
from triage.settings import Settings


@pytest.fixture
def here(engine: Engine, tmp_path: Path, store_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A desk that the command opens too, on each database."""
    monkeypatch.setenv("TRIAGE_DATA", str(tmp_path))
    monkeypatch.setenv("TRIAGE_DATABASE", store_address)
    monkeypatch.setattr("triage.cli.purge.build_engine", lambda _: engine)
    made = office_at(engine, tmp_path, store_address)
    yield made
    made.database.close()


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, ["purge", *words])


def old(office: Office, number: int, outcome: str = "doublon") -> None:
    """Cases closed so long ago that they are due today."""
    at = datetime.now(UTC) - timedelta(days=5_000)
    for _ in range(number):
        made = closed(office, outcome, changed_at=at, closed_at=at)
        with office.database.write() as connection:
            connection.exec_driver_sql(f"DELETE FROM events WHERE case_id = '{made}'")


def test_told_then_erased_then_nothing_left(here: Office) -> None:
    old(here, 2)
    told = typed("--dry-run")
    assert told.exit_code == 0, told.output
    assert "À effacer" in told.output and "2  Dossier clos sans objet ici (durée : 180 jours)" in told.output
    assert len(keys(here)) == 2
    done = typed()
    assert "Effacé" in done.output and not keys(here)
    assert ("VACUUM" in done.output) == (here.database.engine.dialect.name == "postgresql")
    assert "Rien n'était à effacer." in typed().output and "Rien n'est à effacer." in typed("--dry-run").output


def test_the_table_is_printed_for_the_documents(here: Office) -> None:
    assert typed("--table").output in (ROOT / "docs" / "conservation.md").read_text(encoding="utf-8")


def test_the_worker_purges_once_a_day_from_its_hour(here: Office, tmp_path: Path) -> None:
    closed(here, "doublon")
    purger = Purger(Settings())
    day = (NOW + days(200)).replace(hour=0, minute=30)  # 2 h 30 in Paris, in June
    purger.run(here, day)
    assert len(keys(here)) == 1
    purger.run(here, day + timedelta(hours=1))
    assert not keys(here)
    closed(here, "doublon")
    purger.run(here, day + timedelta(hours=2))
    assert len(keys(here)) == 1, "the next day"
    purger.run(here, day + timedelta(hours=25))
    assert not keys(here)


def test_a_worker_with_a_wrong_clock_erases_nothing_and_says_so(
    here: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    monkeypatch.setattr("triage.desk.forgetting.due.number", lambda *_: 100)
    closed(here, "doublon")
    Purger(Settings()).run(here, NOW + days(9_000))
    assert len(keys(here)) == 1 and "--all" in caplog.text
