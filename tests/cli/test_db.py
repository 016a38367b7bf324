"""`triage db`: what is said, and the code that it ends with."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from tests.conftest import migrated_at, office_at
from tests.store.filling import filled
from triage.cli.app import app
from triage.engine import Engine
from triage.store.database import Database
from triage.store.keys import KeyRingError
from triage.store.tables import CONTENTS


def db(*words: str) -> Result:
    return CliRunner().invoke(app, ["db", *words])


@pytest.fixture
def data(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with two cases."""
    office = office_at(engine, migrated_at(tmp_path / "data"))
    filled(office)
    office.database.close()
    monkeypatch.setenv("TRIAGE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TRIAGE_KEYS", str(tmp_path / "data/keys"))
    return tmp_path / "data"


def test_backed_up_restored_elsewhere_and_checked(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = db("backup", str(tmp_path / "saved")).output
    assert "2 dossiers, 2 pièces" in said and "Les clés n'y sont pas" in said and str(data / "keys") in said
    monkeypatch.setenv("TRIAGE_DATA", str(tmp_path / "elsewhere"))
    assert "Restauré : 2 dossiers, 2 pièces." in db("restore", str(tmp_path / "saved")).output
    done = db("check")
    assert (done.exit_code, "Rien à signaler (contrôle complet) : 2 dossiers, 2 pièces" in done.output) == (0, True)
    assert "(contrôle rapide)" in db("check", "--quick").output


def test_what_is_wrong_ends_with_one(data: Path) -> None:
    database = Database(f"sqlite:///{data}/triage.sqlite")
    with database.write() as connection:
        connection.execute(update(CONTENTS).values(original=b"autre chose"))
    database.close()
    done = db("check")
    assert done.exit_code == 1 and done.output.count("elle ne s'ouvre pas") == 2
    assert db("check", "--quick").exit_code == 0


@pytest.mark.parametrize("words", [("backup", "saved"), ("restore", "saved"), ("check",)])
def test_keys_that_are_not_there_are_not_made(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("TRIAGE_KEYS", str(tmp_path / "lost"))
    done = db(words[0], *(str(tmp_path / one) for one in words[1:]))
    assert isinstance(done.exception, KeyRingError) and "sauvegardées à part" in str(done.exception)
    assert not (tmp_path / "lost").exists()


def test_tables_are_brought_to_this_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_DATA", str(tmp_path))
    old = Database(f"sqlite:///{tmp_path}/triage.sqlite")
    old.upgrade("0005")
    old.close()
    assert "Tables : 0005 → 0006." in db("upgrade").output
    assert "Tables à jour : version 0006." in db("upgrade").output
