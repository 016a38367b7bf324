"""`triage doctor`: whatever can be wrong is found and told with how to mend it, and nothing is changed."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import create_engine, insert, make_url, text

from tests.conftest import migrated_at
from triage.__main__ import main
from triage.desk import duty
from triage.doctor import machine, tools, work
from triage.doctor.configuration import configuration
from triage.doctor.engine import Bench
from triage.doctor.finding import Finding
from triage.doctor.store import store, usable
from triage.engine import Engine, without_model
from triage.errors import DataError, Location, Problem
from triage.jobs.presence import beat
from triage.jobs.queue import make_queue
from triage.settings import Settings
from triage.store.cases import Cases, new_id
from triage.store.database import Database
from triage.store.keys import open_ring
from triage.store.tables import CASE_KEYS, CASES

NOW = datetime.now(UTC)
NOWHERE = "127.0.0.1:1"


@pytest.fixture
def built(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine of the tests, in place of another one."""
    monkeypatch.setattr("triage.doctor.engine.build_engine", lambda _: engine)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing of this service."""
    for name in [*os.environ]:
        if name.startswith("TRIAGE_"):
            monkeypatch.delenv(name)


@pytest.fixture
def installed(tmp_path: Path, store_address: str) -> Settings:
    """An installation that was started once: its store and its keys are there."""
    made = Settings(data=tmp_path, database=store_address)
    open_ring(made.keys_folder)
    return made


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    """The same, with the store in a file."""
    made = Settings(data=migrated_at(tmp_path))
    open_ring(made.keys_folder)
    return made


def only(findings: Iterator[Finding]) -> Finding:
    [one] = findings
    return one


def case(database: Database, **values: Any) -> None:
    row = {"id": new_id(), "received_at": NOW, "changed_at": NOW, "state": "open", "level": "agent", "rank": 2}
    told = dict.fromkeys(("types", "flags", "departement", "force"), "")
    with database.write() as connection:
        connection.execute(insert(CASES).values({**row, **told, **values}))
    database.close()


def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["triage", "doctor", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0), capsys.readouterr().out


def test_an_installation_that_works_is_told_part_by_part(
    built: None, here: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_DATA", str(here.data))
    before = {path: path.stat().st_mtime_ns for path in here.data.rglob("*")}
    code, said = command(monkeypatch, capsys, "--json")
    told = json.loads(said)
    assert (code, told["ok"]) == (0, True), said
    parts = [one["part"] for one in told["findings"]]
    assert parts[:5] == ["réglages", "disque", "clés", "registre", "horloge"] and len(set(parts)) == 14
    states = {one["part"]: one["state"] for one in told["findings"]}
    for part in ("clés", "registre", "horloge", "modèle", "pages PDF", "lecture des pièces"):
        assert states[part] == "ok", said
    assert all(one["mend"].endswith(".") for one in told["findings"] if one["state"] != "ok")
    assert before.items() <= {path: path.stat().st_mtime_ns for path in here.data.rglob("*")}.items()


def test_what_is_to_be_mended_makes_the_command_fail(
    built: None, here: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_DATA", str(here.data))
    monkeypatch.setenv("TRIAGE_SMTP", NOWHERE)
    monkeypatch.setenv("TRIAGE_SENDER", "guichet@exemple.fr")
    code, said = command(monkeypatch, capsys)
    assert code == 1
    assert "À CORRIGER    courriel : 127.0.0.1:1 ne répond pas" in said
    assert "→ Vérifiez TRIAGE_SMTP" in said
    assert "OK            registre : " in said


def test_settings_that_cannot_be_read_are_told_and_nothing_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_PORT", "huit")
    code, said = command(monkeypatch, capsys)
    assert code == 1
    assert said.startswith("À CORRIGER    réglages : environnement : TRIAGE_PORT : un nombre entier est attendu\n")


def test_a_variable_that_nobody_reads_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_OPERATEUR", "x")
    monkeypatch.setenv("TRIAGE_SAMPLE", "1")
    found = only(configuration(Settings()))
    assert (found.state, found.what) == ("watch", "TRIAGE_OPERATEUR n'est lu par personne")
    assert "TRIAGE_OPERATOR" in found.mend


@pytest.mark.parametrize(
    ("values", "state", "said"),
    [
        ({"smtp": "localhost:25"}, "mend", "TRIAGE_SENDER"),
        ({"smtp": "localhost:25", "sender": "personne"}, "mend", "n'est pas une adresse"),
        ({"oidc_issuer": "https://exemple.fr", "oidc_client": "x"}, "mend", "sans secret"),
        ({"address": "http://exemple.fr", "operator": "x"}, "mend", "pas en https"),
        ({"address": "https://exemple.fr"}, "watch", "TRIAGE_OPERATOR"),
        ({"host": "0.0.0.0"}, "watch", "TRIAGE_ADDRESS est vide"),
        ({"host": "localhost"}, "ok", "se tiennent"),
    ],
)
def test_settings_that_contradict_each_other_are_told(values: dict[str, str], state: str, said: str) -> None:
    found = only(configuration(Settings(**values)))
    assert found.state == state and said in found.what


def test_a_file_of_settings_that_all_may_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "triage.toml"
    path.write_text("port = 8017\n")
    path.chmod(0o644)
    assert only(configuration(Settings(config=path))).state == "watch"
    path.chmod(0o640)
    assert only(configuration(Settings(config=path))).state == "ok"


@pytest.mark.parametrize(("left", "state"), [(100, "ok"), (5, "watch"), (0.5, "mend")])
def test_the_room_left_on_the_disk(here: Settings, monkeypatch: pytest.MonkeyPatch, left: float, state: str) -> None:
    usage = type("Usage", (), {"free": int(left * 2**30)})
    monkeypatch.setattr("triage.doctor.machine.shutil.disk_usage", lambda _: usage)
    assert only(machine.disk(here)).state == state


def test_keys_that_others_may_read_are_told(here: Settings) -> None:
    assert only(machine.keys(here)).state == "ok"
    (here.keys_folder / "store.keys").chmod(0o644)
    found = only(machine.keys(here))
    assert found.state == "mend" and "chmod -R go=" in found.mend


def test_keys_beside_what_they_open_are_told_where_the_service_is_for_real(here: Settings) -> None:
    found = only(machine.keys(here.model_copy(update={"address": "https://exemple.fr"})))
    assert found.state == "watch" and "TRIAGE_KEYS" in found.mend


def test_a_key_that_is_lost_is_told(here: Settings) -> None:
    (here.keys_folder / "receipts.key").unlink()
    found = only(machine.keys(here))
    assert found.state == "mend" and "sauvegarde" in found.mend


def test_a_store_that_works(installed: Settings) -> None:
    assert only(store(installed)).state == "ok"


def test_a_store_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    fresh = Settings(data=tmp_path)
    assert only(store(fresh)).state == "watch"
    assert usable(fresh) is None and list(tmp_path.iterdir()) == []


def test_a_store_that_does_not_answer(tmp_path: Path) -> None:
    down = Settings(data=tmp_path, database="postgresql+psycopg://personne:secret@127.0.0.1:1/rien")
    found = only(store(down))
    assert (found.state, found.what) == ("mend", "Le registre ne répond pas")
    assert "secret" not in repr(found)


def test_tables_of_another_version_are_told_and_left(installed: Settings) -> None:
    database = Database(installed.database_url)
    own = database.revision()
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    found = only(store(installed))
    assert (found.state, found.mend) == ("mend", "Lancez « triage db upgrade ».")
    assert database.revision() == "0001"
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :own"), {"own": own})
    database.close()


def test_a_server_that_does_not_wait_for_its_disk_is_told(migrated_postgres: str, tmp_path: Path) -> None:
    """What was acknowledged would be lost with the machine."""
    made = Settings(data=tmp_path, database=migrated_postgres)
    open_ring(made.keys_folder)
    server = create_engine(migrated_postgres, isolation_level="AUTOCOMMIT")
    name = make_url(migrated_postgres).database
    with server.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    try:
        found = only(store(made))
    finally:
        with server.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {name} RESET synchronous_commit"))
        server.dispose()
    assert found.state == "mend" and "« synchronous_commit » vaut « off »" in found.what


def test_keys_of_another_store_are_told(here: Settings, tmp_path: Path) -> None:
    database = Database(here.database_url)
    case(database, id="a" * 32)
    other = open_ring(tmp_path / "others")
    with database.write() as connection:
        connection.execute(insert(CASE_KEYS).values(case_id="a" * 32, wrapped=other.new_case_key()))
    database.close()
    found = only(store(here))
    assert found.state == "mend" and "pas celles de ce registre" in found.what
    assert Cases(other)


def test_machines_that_disagree_on_the_hour_are_told(
    migrated_postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(migrated_postgres)
    assert only(machine.clock(database, NOW)).state == "ok"
    real = machine.time.time
    for ahead, state in ((10, "watch"), (3_600, "mend")):
        monkeypatch.setattr(machine.time, "time", lambda ahead=ahead: real() + ahead)
        found = only(machine.clock(database, NOW))
        assert found.state == state and "écart" in found.what and "NTP" in found.mend
    database.close()


def test_a_clock_that_went_back_is_told(here: Settings) -> None:
    database = Database(here.database_url)
    case(database, received_at=NOW + timedelta(hours=2))
    assert "de l'avenir" in only(machine.clock(database, NOW)).what
    database.close()


def test_missing_time_zones_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage.doctor.machine.available_timezones", lambda: {"Europe/Paris"})
    found = only(machine.clock(None, NOW))
    assert found.state == "mend" and "tzdata" in found.mend and "Indian/Reunion" in found.what


def test_rules_with_errors_are_told(here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Settings) -> Engine:
        raise DataError([Problem(Location(Path("rules/a.yaml"), 3), "champ inconnu")])

    monkeypatch.setattr("triage.doctor.engine.build_engine", broken)
    bench = Bench(here)
    found = only(bench.rules(NOW.date()))
    assert found.state == "mend" and "rules/a.yaml:3" in found.what and "triage rules check" in found.mend
    assert only(bench.model()).state == "watch"


def test_rules_that_nobody_read_again_are_told(built: None, here: Settings) -> None:
    found = only(Bench(here).rules(NOW.date() + timedelta(days=3 * 365)))
    assert found.state == "watch" and "plus d'un an" in found.what


def test_a_model_that_does_not_serve_is_told(here: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = "le modèle 7 est abîmé : le modèle livré sert à sa place."
    for served, state in ((without_model(engine), "mend"), (replace(engine, warning=wanted), "mend"), (engine, "ok")):
        monkeypatch.setattr("triage.doctor.engine.build_engine", lambda _, served=served: served)
        bench = Bench(here)
        list(bench.rules(NOW.date()))
        assert only(bench.model()).state == state


def test_a_mail_server_is_greeted_and_nothing_is_sent() -> None:
    class Inbox:
        mails: Sequence[object] = ()

        async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
            self.mails = [*self.mails, envelope]
            return "250 OK"

    inbox = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        assert only(tools.mail(Settings(smtp=f"127.0.0.1:{port}", sender="a@exemple.fr"))).state == "ok"
    finally:
        controller.stop()
    assert list(inbox.mails) == []
    assert only(tools.mail(Settings())).state == "watch"


def test_without_tesseract_images_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytesseract.pytesseract.tesseract_cmd", "/absent/tesseract")
    monkeypatch.setattr(tools.pytesseract, "get_tesseract_version", _absent(tools.pytesseract.TesseractNotFoundError))
    found = only(tools.images(Settings()))
    assert found.state == "watch" and "tesseract-ocr-fra" in found.mend


def test_tesseract_without_french_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools.pytesseract, "get_tesseract_version", lambda: "5.3.0")
    monkeypatch.setattr(tools.pytesseract, "get_languages", lambda: ["eng", "osd"])
    assert only(tools.images(Settings())).state == "mend"


def _absent(error: Callable[[], Exception]) -> Callable[[], object]:
    def called() -> object:
        raise error()

    return called


def test_an_antivirus_that_is_set_has_to_answer() -> None:
    assert only(tools.antivirus(Settings())).state == "ok"
    found = only(tools.antivirus(Settings(clamav=NOWHERE)))
    assert found.state == "mend" and "TRIAGE_CLAMAV" in found.mend


def test_the_worker_has_to_make_its_turns(installed: Settings) -> None:
    database = Database(installed.database_url)
    assert "jamais" in only(work.worker(installed, database, NOW)).what
    queue = make_queue(installed)
    beat(queue)
    queue.storage.close()
    assert only(work.worker(installed, database, datetime.now(UTC))).state == "ok"
    found = only(work.worker(installed, database, datetime.now(UTC) + timedelta(minutes=10)))
    assert found.state == "mend" and "10 min" in found.what
    assert only(work.worker(installed, None, NOW)).state == "watch"
    database.close()


def test_somebody_is_on_duty_or_not(installed: Settings) -> None:
    database = Database(installed.database_url, lambda: open_ring(installed.keys_folder))
    found = only(work.rota(database, NOW))
    assert found.state == "watch" and "triage duty add" in found.mend
    duty.add(database, "Capitaine Test", NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    found = only(work.rota(database, NOW))
    assert (found.state, "Capitaine" in found.what) == ("ok", False)
    database.close()
    keyless = Database(installed.database_url)
    found = only(work.rota(keyless, NOW))
    assert (found.state, found.mend) == ("watch", "Corrigez d'abord les clés.")
    keyless.close()
