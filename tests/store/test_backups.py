"""A backup is whole or is not there; it comes back on an empty machine, in either database, with its keys only."""

from __future__ import annotations

import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from tests.conftest import migrated_at, office_at
from tests.store.filling import NOW, THREAT, filled, rows, source_of, target_at
from triage.desk import case as desk
from triage.desk import erasing
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.engine import Engine
from triage.store import anchor, audit
from triage.store.backups import making, manifest
from triage.store.backups.copying import BackupError
from triage.store.backups.making import back_up
from triage.store.backups.opening import open_backup
from triage.store.backups.restoring import Target, restore
from triage.store.checking import Store, check
from triage.store.database import Database
from triage.store.desk_tables import NEWS
from triage.store.keys import KeyRingError, open_ring
from triage.store.records import Told
from triage.store.tables import CASE_KEYS, CASES


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture(scope="module")
def small(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Path]]:
    """A small store, its folder of data with its keys, and a backup of it, made once."""
    data = migrated_at(tmp_path_factory.mktemp("small"))
    office = office_at(engine, data)
    filled(office)
    back_up(source_of(office, data), data / "saved", NOW)
    yield office, data
    office.database.close()


@pytest.fixture
def own_office(engine: Engine, tmp_path: Path) -> Iterator[Office]:
    """One that changes."""
    made = office_at(engine, migrated_at(tmp_path))
    yield made
    made.database.close()


@pytest.fixture
def office(small: tuple[Office, Path]) -> Office:
    """It is only read."""
    return small[0]


@pytest.fixture
def data(small: tuple[Office, Path]) -> Path:
    return small[1]


@pytest.fixture
def saved(data: Path, tmp_path: Path) -> Path:
    """A copy of its backup, and of its keys in « keys »."""
    shutil.copytree(data / "saved", tmp_path / "saved")
    shutil.copytree(data / "keys", tmp_path / "keys", dirs_exist_ok=True)
    return tmp_path / "saved"


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path, keys: Path) -> Iterator[Target]:
    """An empty machine, with the keys."""
    address = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    target = target_at(tmp_path / "elsewhere", keys, address)
    yield target
    target.database.close()


@pytest.mark.whole
def test_it_comes_back_whole_in_either_database(
    each_office: Office, tmp_path: Path, keys: Path, elsewhere: Target
) -> None:
    case_id = filled(each_office)
    made = back_up(source_of(each_office, tmp_path), tmp_path / "saved", NOW)
    done = restore(elsewhere, open_backup(tmp_path / "saved", elsewhere.ring), NOW)
    assert rows(elsewhere.database) == rows(each_office.database)
    assert done.counts["cases"] == made.counts["cases"] == 2
    assert (elsewhere.data / "models/v1/model.skops").read_text() == "models/v1/model.skops"
    assert (elsewhere.data / "archive/rules/abc.zip").exists()
    assert check(Store(elsewhere.database, elsewhere.ring, keys)).faults == ()
    with elsewhere.database.read() as connection:
        assert each_office.cases.get(connection, case_id).told.text == THREAT


def test_from_one_database_into_the_other(
    office: Office, saved: Path, postgres: str, keys: Path, tmp_path: Path
) -> None:
    """The long tests try every pair of them."""
    middle = target_at(tmp_path / "middle", keys, postgres)
    restore(middle, open_backup(saved, middle.ring), NOW)
    assert rows(middle.database) == rows(office.database)
    back_up(making.Source(middle.database, middle.ring, middle.data), tmp_path / "again", NOW)
    last = target_at(tmp_path / "last", keys)
    restore(last, open_backup(tmp_path / "again", last.ring), NOW)
    assert rows(last.database) == rows(office.database)
    assert check(Store(last.database, last.ring, keys)).faults == ()
    assert (last.data / "models/v1/model.skops").read_text() == "models/v1/model.skops"
    middle.database.close()
    last.database.close()


@pytest.mark.whole
def test_the_service_goes_on_after_a_restoration(engine: Engine, saved: Path, elsewhere: Target) -> None:
    restore(elsewhere, open_backup(saved, elsewhere.ring), NOW)
    again = office_at(engine, elsewhere.data, elsewhere.database.url, keys=elsewhere.keys)
    made = submit(again, Told(text=THREAT), [], NOW)
    assert desk.load(again, made.case_id).told.text == THREAT
    again.database.close()


def test_the_keys_are_not_in_it(saved: Path, tmp_path: Path) -> None:
    lines = [line for path in (tmp_path / "keys").iterdir() for line in path.read_text().split()]
    assert len(lines) >= 3
    for path in saved.rglob("*"):
        assert not path.is_file() or not [line for line in lines if line.encode() in path.read_bytes()]
    assert {path.stat().st_mode & 0o77 for path in (saved, *saved.rglob("*.sqlite"))} == {0}


@pytest.mark.whole
def test_one_moment_while_reports_come(each_office: Office, tmp_path: Path) -> None:
    """Every case of the backup is there with its key, its assessment, its pieces: none is cut in two."""
    filled(each_office)
    over, written = threading.Event(), threading.Event()

    def write() -> None:
        while not over.is_set():
            filled(each_office)
            written.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert written.wait(30)
        back_up(source_of(each_office, tmp_path), tmp_path / "saved", NOW)
    finally:
        over.set()
        writer.join()
    target = target_at(tmp_path / "elsewhere", tmp_path / "keys")
    restore(target, open_backup(tmp_path / "saved", target.ring), NOW)
    assert check(Store(target.database, target.ring, tmp_path / "nowhere")).faults == ()
    target.database.close()


# --- What was cut, damaged or foreign is never taken for a backup --------------------------------------------------


@pytest.mark.whole
def test_killed_while_it_is_made_nothing_bears_its_name(office: Office, data: Path, tmp_path: Path) -> None:
    killed = (
        "import os, sys; from triage.store.backups import making, manifest; from triage.__main__ import main\n"
        "making.told.copied = lambda *_: os.kill(os.getpid(), 9)\n"
        f"sys.argv = ['triage', 'db', 'backup', {str(tmp_path / 'saved')!r}]; main()"
    )
    environment = {"TRIAGE_DATA": str(data), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", killed], env=environment, capture_output=True)
    assert done.returncode == -9, done.stderr
    assert not (tmp_path / "saved").exists()
    (left,) = tmp_path.glob(".saved.en-cours-*")
    with pytest.raises(BackupError, match="sauvegarde entière"):
        open_backup(left, office.ring)


@pytest.mark.whole
def test_a_full_disk_leaves_nothing(data: Path, tmp_path: Path) -> None:
    """No file may grow over 40 kB, as on a disk that is full."""
    done = subprocess.run(
        [sys.executable, "-m", "triage", "db", "backup", str(tmp_path / "saved")],
        env={"TRIAGE_DATA": str(data), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)),
    )
    said = done.stderr.decode()
    assert done.returncode == 1 and "rien n'est gardé" in said and "Traceback" not in said
    assert not (tmp_path / "saved").exists() and not list(tmp_path.glob(".saved*"))


def test_too_little_room_is_said_before(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(making.shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive/large").write_bytes(bytes(2_000_000))
    with pytest.raises(BackupError, match="il en reste"):
        back_up(making.Source(office.database, office.ring, tmp_path), tmp_path / "saved", NOW)


def test_a_folder_that_is_not_empty_is_left(saved: Path, office: Office, tmp_path: Path) -> None:
    source = source_of(office, tmp_path)
    for name in ("saved", "archive/saved", "models/saved"):
        with pytest.raises(BackupError, match=r"pas un dossier vide|dans ce qui est"):
            back_up(source, tmp_path / name, NOW)
    (tmp_path / "empty").mkdir()
    back_up(source, tmp_path / "empty", NOW)
    assert (tmp_path / "empty" / manifest.NAME).exists()


def _changed(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)


def _newer(folder: Path, ring: object, **fields: object) -> None:
    told = manifest.read(folder).model_copy(update=fields).sealed(ring)  # type: ignore[arg-type]
    (folder / manifest.NAME).write_text(told.model_dump_json())


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda folder, ring: _changed(folder, manifest.STORE), "registre.sqlite : le contenu a changé"),
        (lambda folder, ring: (folder / manifest.CASE_KEYS).unlink(), "cles-des-dossiers.sqlite : manque"),
        (lambda folder, ring: _changed(folder, "models/v1/model.skops"), "model.skops : le contenu a changé"),
        (lambda folder, ring: (folder / manifest.NAME).unlink(), "n'est pas une sauvegarde entière"),
        (lambda folder, ring: (folder / manifest.NAME).write_text("{}"), "abîmé, ou n'est pas"),
        (lambda folder, ring: _newer(folder, ring, format=99), "version plus récente"),
        (lambda folder, ring: _newer(folder, ring, schema_="9999"), "version plus récente"),
        (lambda folder, ring: shutil.rmtree(folder), "n'est pas le dossier d'une sauvegarde"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_restored(
    saved: Path, office: Office, harm: Callable[[Path, object], None], said: str
) -> None:
    harm(saved, office.ring)
    with pytest.raises(BackupError, match=said):
        open_backup(saved, office.ring)


def test_all_damages_are_said_at_once(saved: Path, office: Office) -> None:
    _changed(saved, manifest.STORE)
    _changed(saved, "archive/rules/abc.zip")
    with pytest.raises(BackupError) as refused:
        open_backup(saved, office.ring)
    assert manifest.STORE in str(refused.value) and "abc.zip" in str(refused.value)


def test_other_keys_or_a_changed_manifest_are_refused(saved: Path, office: Office, tmp_path: Path) -> None:
    with pytest.raises(KeyRingError, match="n'ouvrent pas"):
        open_backup(saved, open_ring(tmp_path / "others"))
    told = json.loads((saved / manifest.NAME).read_text())
    told["counts"]["cases"] += 1
    (saved / manifest.NAME).write_text(json.dumps(told))
    with pytest.raises(KeyRingError, match="a été modifié"):
        open_backup(saved, office.ring)


def test_a_key_of_its_time_that_is_missing_is_named(saved: Path, office: Office, tmp_path: Path) -> None:
    (mark,) = office.ring.wrapping.marks
    others = open_ring(tmp_path / "others")
    (tmp_path / "keys/store.keys").write_text((tmp_path / "others/store.keys").read_text())
    with pytest.raises(KeyRingError, match=mark):
        open_backup(saved, open_ring(tmp_path / "keys"))
    assert others


def test_a_store_that_holds_something_is_left(saved: Path, office: Office, tmp_path: Path) -> None:
    before = rows(office.database, ())
    target = Target(office.database, office.ring, tmp_path / "keys", tmp_path / "other")
    with pytest.raises(BackupError, match="n'est pas vide"):
        restore(target, open_backup(saved, office.ring), NOW)
    assert rows(office.database, ()) == before


def test_a_file_that_is_another_is_left(saved: Path, office: Office, tmp_path: Path) -> None:
    target = target_at(tmp_path / "elsewhere", tmp_path / "keys")
    (target.data / "models").mkdir()
    (target.data / "models/current").write_text("mine")
    with pytest.raises(BackupError, match="current existe"):
        restore(target, open_backup(saved, office.ring), NOW)
    (target.data / "models/current").unlink()
    assert restore(target, open_backup(saved, office.ring), NOW).counts["cases"] == 2
    target.database.close()


# --- What happened since -------------------------------------------------------------------------------------------


def test_lines_of_the_audit_that_are_lost_are_said_and_the_audit_goes_on(
    own_office: Office, tmp_path: Path, keys: Path
) -> None:
    filled(own_office)
    back_up(source_of(own_office, tmp_path), tmp_path / "saved", NOW)
    filled(own_office)
    filled(own_office)
    with own_office.database.read() as connection:
        late = audit.head(connection)
    anchor.note(keys, late)
    target = target_at(tmp_path / "elsewhere", keys)
    done = restore(target, open_backup(tmp_path / "saved", target.ring), NOW)
    assert done.lost == late.seq - audit_size(tmp_path / "saved")
    assert check(Store(target.database, target.ring, keys)).faults == ()
    (kept,) = keys.glob("audit.anchor.*")
    assert anchor.parse(kept.read_text()) == late
    target.database.close()


def audit_size(folder: Path) -> int:
    return anchor.parse(manifest.read(folder).head).seq


def test_a_case_erased_since_stays_erased(own_office: Office, tmp_path: Path, keys: Path) -> None:
    """The keys of the cases are a file of their own: the last one opens the backups before, less what was erased."""
    filled(own_office)
    gone = submit(own_office, Told(text="Un avis sans gravité sur la voirie."), [], NOW).case_id
    source = source_of(own_office, tmp_path)
    back_up(source, tmp_path / "first", NOW)
    assert erasing.erase(own_office, gone, NOW) == "erased"
    filled(own_office)
    back_up(source, tmp_path / "last", NOW)
    (tmp_path / "first" / manifest.CASE_KEYS).unlink()
    target = target_at(tmp_path / "elsewhere", keys)
    done = restore(target, open_backup(tmp_path / "first", target.ring, tmp_path / "last"), NOW)
    assert (done.counts["cases"], done.erased) == (3, 1)
    with target.database.read() as connection:
        assert connection.scalar(select(CASES.c.told).where(CASES.c.id == gone)) is None
        assert connection.scalar(select(func.count()).select_from(CASE_KEYS)) == 2
    assert check(Store(target.database, target.ring, keys)).faults == ()
    target.database.close()


def test_older_keys_of_cases_are_refused(own_office: Office, tmp_path: Path) -> None:
    filled(own_office)
    source = source_of(own_office, tmp_path)
    back_up(source, tmp_path / "first", NOW.replace(hour=1))
    back_up(source, tmp_path / "last", NOW)
    with pytest.raises(BackupError, match="plus ancienne"):
        open_backup(tmp_path / "last", own_office.ring, tmp_path / "first")


def test_a_backup_of_the_version_before_is_brought_to_this_one(saved: Path, office: Office, tmp_path: Path) -> None:
    """Its tables are made as they were, filled, then migrated."""
    as_before(saved, office)
    target = target_at(tmp_path / "elsewhere", tmp_path / "keys")
    done = restore(target, open_backup(saved, target.ring), NOW)
    assert done.counts["cases"] == 2
    assert check(Store(target.database, target.ring, target.keys)).faults == ()
    assert target.database.revision() == office.database.revision()
    target.database.close()


def as_before(folder: Path, office: Office) -> None:
    """Makes of a backup what the version before would have made: without the tables and columns that came since."""
    old = Database(f"sqlite:///{folder}/old.sqlite")
    old.upgrade("0005")
    old.close()
    with sqlite3.connect(folder / manifest.STORE) as raw, sqlite3.connect(folder / "old.sqlite") as was:
        there = {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        then = {name for (name,) in was.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for name in there - then:
            raw.execute(f'DROP TABLE "{name}"')
        for name in there & then:
            kept = {row[1] for row in was.execute(f'PRAGMA table_info("{name}")')}
            for row in raw.execute(f'PRAGMA table_info("{name}")').fetchall():
                if row[1] not in kept:
                    raw.execute(f'ALTER TABLE "{name}" DROP COLUMN "{row[1]}"')
    raw.close()
    was.close()
    (folder / "old.sqlite").unlink()
    files = {**manifest.read(folder).files, manifest.STORE: manifest.file_of(folder / manifest.STORE)}
    _newer(folder, office.ring, schema_="0005", files=files)


def test_a_table_that_this_version_does_not_know_is_never_left_out(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{migrated_at(tmp_path)}/triage.sqlite")
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE of_later (id INTEGER)")
    with pytest.raises(BackupError, match="of_later"):
        back_up(making.Source(database, open_ring(tmp_path / "keys"), tmp_path), tmp_path / "saved", NOW)
    database.close()


@pytest.mark.whole
def test_what_the_service_counts_by_itself_goes_on(each_office: Office, elsewhere: Target, tmp_path: Path) -> None:
    """What is new to a desk is numbered: numbers never come back."""
    filled(each_office)
    back_up(source_of(each_office, tmp_path), tmp_path / "saved", NOW)
    restore(elsewhere, open_backup(tmp_path / "saved", elsewhere.ring), NOW)
    with elsewhere.database.write() as connection:
        last = connection.scalar(select(func.max(NEWS.c.seq))) or 0
        assert last
        empty = {"case_id": "", "level": "", "departement": "", "force": "", "about": ""}
        connection.execute(NEWS.insert().values(at=NOW, kind="x", **empty))
        assert connection.scalar(select(func.max(NEWS.c.seq))) == last + 1
        connection.execute(delete(NEWS).where(NEWS.c.seq > last))
