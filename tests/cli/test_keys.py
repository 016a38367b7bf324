"""`triage keys`: the key that closes the cases' keys is changed while the service runs, and however often it is cut."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from tests.conftest import emptied, migrated_at, office_at
from tests.store.filling import CALM, NOW, THREAT, filled, place_of
from triage.cli.app import app
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.engine import Engine
from triage.store import keyfiles
from triage.store.checking import check
from triage.store.keys import KeyRingError, open_ring
from triage.store.people_tables import AUDIT, PEOPLE
from triage.store.records import Told
from triage.store.tables import CASE_KEYS

Keys = Callable[..., str]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.whole)])
def store_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty store; PostgreSQL's turn comes with the long tests."""
    if request.param == "postgresql":
        address = request.getfixturevalue("migrated_postgres")
        yield address
        emptied(address)
    else:
        yield f"sqlite:///{migrated_at(tmp_path) / 'triage.sqlite'}"


@pytest.fixture
def keys(each_office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keys:
    """The command on the store of a service that runs; what it says."""
    monkeypatch.setenv("TRIAGE_DATA", str(tmp_path))
    monkeypatch.setenv("TRIAGE_DATABASE", each_office.database.url)

    def typed(*words: str) -> str:
        done = CliRunner().invoke(app, ["keys", *words])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output

    return typed


def later(folder: Path) -> None:
    """More than ten minutes have gone by since the key was put into service."""
    before = time.time() - keyfiles.SETTLED.total_seconds() - 5
    os.utime(folder / "store.keys", (before, before))


def marks(office: Office) -> set[str | None]:
    """The keys that close the cases' keys."""
    with office.database.read() as connection:
        return {office.ring.wrapping.mark_of(one) for one in connection.scalars(select(CASE_KEYS.c.wrapped))}


def test_a_service_that_runs_follows(each_office: Office, keys: Keys, tmp_path: Path) -> None:
    """Neither side is started again: what the one closes the other opens, before, between and after."""
    case_id = filled(each_office)
    (old,) = each_office.ring.wrapping.marks
    assert "en service : 2 dossiers" in keys("list")
    keys("rotate")
    new, after = each_office.ring.wrapping.marks
    assert after == old and marks(each_office) == {new}
    later(tmp_path / "keys")
    other = submit(each_office, Told(text=CALM), [], NOW).case_id
    said = keys("rotate", "--retire")
    assert f"Clé {old} retirée" in said and "à part du registre" in said
    assert marks(each_office) == {new} == set(each_office.ring.wrapping.marks)
    with each_office.database.read() as connection:
        assert each_office.cases.get(connection, case_id).told.text == THREAT
        assert each_office.cases.get(connection, other).told.text == CALM
        whats = connection.scalars(select(AUDIT.c.what).order_by(AUDIT.c.seq)).all()
    assert [what for what in whats if what.startswith("keys.")] == ["keys.rotate", "keys.retire"]
    assert check(place_of(each_office, tmp_path)).faults == ()


def test_reasons_of_the_audit_are_still_read(each_office: Office, keys: Keys, tmp_path: Path) -> None:
    """The audit cannot be written again: the key of its time is kept for it alone."""
    filled(each_office)
    keys("rotate")
    later(tmp_path / "keys")
    assert "journal.keys" in keys("rotate", "--retire")
    with each_office.database.read() as connection:
        (why,) = connection.scalars(select(AUDIT.c.why).where(AUDIT.c.what == "model.shadow"))
    assert each_office.ring.reasons.open(why) == b"Pour comparer."
    with pytest.raises(KeyRingError):
        open_ring(tmp_path / "keys").wrapping.open(why)
    assert "retirée" in keys("list")


def test_other_secrets_are_closed_anew(each_office: Office, keys: Keys, tmp_path: Path) -> None:
    filled(each_office)
    row = {"id": "p", "login": "a@exemple.fr", "name": "A", "role": "agent", "state": "active", "created_at": NOW}
    with each_office.database.write() as connection:
        connection.execute(PEOPLE.insert().values(**row, totp=each_office.ring.wrapping.seal(b"secret")))
    keys("rotate")
    with each_office.database.read() as connection:
        sealed = connection.scalar(select(PEOPLE.c.totp)) or b""
    assert each_office.ring.wrapping.mark_of(sealed) == each_office.ring.wrapping.marks[0]
    assert each_office.ring.wrapping.open(sealed) == b"secret"


def test_an_old_key_is_not_taken_away_too_early(each_office: Office, keys: Keys, tmp_path: Path) -> None:
    filled(each_office)
    assert "Aucune ancienne clé" in keys("rotate", "--retire")
    keys("rotate")
    with pytest.raises(KeyRingError, match="réessayez dans 10 min"):
        keys("rotate", "--retire")
    assert len(each_office.ring.wrapping.marks) == 2


def test_a_key_that_is_missing_stops_all(each_office: Office, keys: Keys, tmp_path: Path) -> None:
    filled(each_office)
    other = open_ring(tmp_path / "others").new_case_key()
    with each_office.database.write() as connection:
        one = select(CASE_KEYS.c.case_id).limit(1).scalar_subquery()
        connection.execute(update(CASE_KEYS).where(CASE_KEYS.c.case_id == one).values(wrapped=other))
    for words in (("rotate",), ("list",)):
        with pytest.raises(KeyRingError, match="remettez-la dans"):
            keys(*words)
    assert len(each_office.ring.wrapping.marks) == 1


def test_two_at_once_are_told_apart(each_office: Office, keys: Keys, tmp_path: Path) -> None:
    with keyfiles.alone(tmp_path / "keys"), pytest.raises(KeyRingError, match="travaille déjà"):
        keys("rotate")


def test_prepared_first_where_the_folder_is_copied_by_hand(each_office: Office, keys: Keys, tmp_path: Path) -> None:
    filled(each_office)
    (old,) = each_office.ring.wrapping.marks
    assert "n'est pas en service" in keys("rotate", "--prepare")
    assert each_office.ring.wrapping.marks[0] == old
    prepared = each_office.ring.wrapping.marks[1]
    assert prepared in keys("rotate", "--prepare")  # the same one
    keys("rotate")
    assert each_office.ring.wrapping.marks == [prepared, old]


# Where the command is killed: at each thing that it does to a file or to the store.
_KILLED = """
import os, sys
import triage.store.{module} as module
kept, left = module.{name}, [{after}]
def killed(*given, **more):
    if not left[0]:
        os.kill(os.getpid(), 9)
    left[0] -= 1
    return kept(*given, **more)
module.{name} = killed
from triage.__main__ import main
sys.argv = ["triage", "keys", "rotate"]
main()
"""
STEPS = (
    ("keyfiles", "_write", 0),
    ("keyfiles", "_write", 1),
    ("keyfiles", "_settle", 1),
    ("rewrapping", "_replace", 0),
)


@pytest.fixture
def small(engine: Engine, tmp_path: Path) -> Iterator[Office]:
    office = office_at(engine, migrated_at(tmp_path))
    yield office
    office.database.close()


@pytest.mark.whole
@pytest.mark.parametrize(("module", "name", "after"), STEPS)
def test_killed_anywhere_it_is_run_again(small: Office, tmp_path: Path, module: str, name: str, after: int) -> None:
    case_id = filled(small)
    (old,) = small.ring.wrapping.marks
    environment = {**os.environ, "TRIAGE_DATA": str(tmp_path)}
    code = _KILLED.format(module=module, name=name, after=after)
    cut = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert cut.returncode == -9, cut.stderr.decode()
    with small.database.read() as connection:
        assert small.cases.get(connection, case_id).told.text == THREAT  # the service goes on
    done = subprocess.run([sys.executable, "-m", "triage", "keys", "rotate"], env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    new = small.ring.wrapping.marks[0]
    assert new != old and marks(small) == {new}
    assert small.ring.wrapping.marks == [new, old]  # one key more, whatever happened
    assert check(place_of(small, tmp_path)).faults == ()
