"""A backup of many cases, restored on an empty machine, checked, and 100 of its decisions made again.

BACKUP_CASES=100000 make bench      (5,000 otherwise; BACKUP_DATABASE=postgresql for that one)
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from secrets import token_bytes
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from tests.conftest import new_postgres
from triage.archive import keep
from triage.bootstrap import build_engine, build_office
from triage.desk.campaigns import finding
from triage.desk.evidence import File
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.settings import Settings
from triage.store import people
from triage.store.campaign_tables import BANDS, FINGERPRINTS, SIGNATURES
from triage.store.cases import new_id
from triage.store.checking_sealed import sealed_columns
from triage.store.keys import Sealer
from triage.store.people import Scope
from triage.store.records import Told
from triage.store.tables import ASSESSMENTS, CASE_KEYS, CASES, CONTENTS, EVENTS, EXHIBITS

NUMBER = int(os.environ.get("BACKUP_CASES", "5000"))
DATABASE = os.environ.get("BACKUP_DATABASE", "sqlite")
TEMPLATES, DECISIONS = 150, 100
WHO = "analyste@exemple.fr"
_OF_CASE = (CASES, CASE_KEYS, ASSESSMENTS, EXHIBITS, CONTENTS, EVENTS, SIGNATURES, FINGERPRINTS, BANDS)
_NAMED = ("id", "exhibit_id", "signature_id")  # what a copy has of its own, besides its case
_AT_ONCE = 500
_MOST_MEMORY = 500  # MB, whatever the number of cases


def texts() -> Iterator[str]:
    for path in sorted(Path("models/corpus").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if (made := json.loads(line)).get("kind", "report") == "report":
                yield made["text"]


def own_rows(connection: Connection, table: Table, case_id: str) -> list[dict[str, Any]]:
    if table is CONTENTS:
        mine = select(EXHIBITS.c.id).where(EXHIBITS.c.case_id == case_id)
        query = select(table).where(table.c.exhibit_id.in_(mine))
    else:
        query = select(table).where((table.c.id if table is CASES else table.c.case_id) == case_id)
    return [dict(row._mapping) for row in connection.execute(query)]


def opened(office: Office, connection: Connection, case_id: str) -> dict[Table, list[dict[str, Any]]]:
    """All that a case has, its sealed columns opened."""
    sealer = office.cases.sealer(connection, case_id)
    rows = {table: own_rows(connection, table, case_id) for table in _OF_CASE}
    for table in rows:
        for column in sealed_columns(table) if table is not CASE_KEYS else ():
            for row in rows[table]:
                row[column.name] = None if row[column.name] is None else sealer.open(row[column.name])
    return rows


def copied(
    rows: dict[Table, list[dict[str, Any]]], wrapped: bytes, sealer: Sealer
) -> dict[Table, list[dict[str, Any]]]:
    """The same as another case, with a key of its own."""
    case_id, names = new_id(), {}
    made: dict[Table, list[dict[str, Any]]] = {}
    for table in rows:
        made[table] = []
        closed = [] if table is CASE_KEYS else [column.name for column in sealed_columns(table)]
        for row in rows[table]:
            fresh = {name: names.setdefault(row[name], new_id()) for name in _NAMED if name in row}
            sealed = {name: row[name] and sealer.seal(row[name]) for name in closed}
            own = {"id": case_id, "receipt": token_bytes(32)} if table is CASES else {"case_id": case_id}
            keyed = {"wrapped": wrapped} if table is CASE_KEYS else {}
            whole = {**row, **fresh, **sealed, **own, **keyed}
            made[table].append({name: whole[name] for name in row})
    return made


def filled(office: Office, settings: Settings) -> None:
    """Reports judged by the engine, then copies of them, each with a key of its own."""
    keep(settings, office.engine)
    now = datetime.now(UTC)
    for number, text in enumerate(islice(texts(), min(TEMPLATES, NUMBER))):
        files = [File("capture.txt", os.urandom(15_000).hex().encode())] if number % 4 == 0 else []
        finding.try_index(office, submit(office, Told(text=text, departement="35"), files, now).case_id, now)
    with office.database.write() as connection:
        made = people.add(connection, WHO, "Analyste", "analyst", (Scope(),), "", now)
        people.change(connection, made, state="active")
        ids = list(connection.scalars(select(CASES.c.id)))
        models = [opened(office, connection, one) for one in ids]
    for start in range(len(models), NUMBER, _AT_ONCE):
        batch: dict[Table, list[dict[str, Any]]] = {table: [] for table in _OF_CASE}
        for number in range(start, min(start + _AT_ONCE, NUMBER)):
            wrapped = office.ring.new_case_key()
            for table, rows in copied(models[number % len(models)], wrapped, office.ring.sealer(wrapped)).items():
                batch[table] += rows
        with office.database.write() as connection:
            for table, rows in batch.items():
                if rows:
                    connection.execute(insert(table), rows)


# The command, then the most memory that its process had (`rusage` counts that of the parent).
_MEASURED = """
import atexit, re, sys
from pathlib import Path
from triage.__main__ import main
status = Path("/proc/self/status")
atexit.register(lambda: print(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1], file=sys.stderr))
main()
"""


def ran(name: str, data: Path, keys: Path, database: str, *words: str) -> str:
    """Runs the command in a process of its own, prints how long it took and the most memory that it had."""
    environment = {**os.environ, "TRIAGE_DATA": str(data), "TRIAGE_KEYS": str(keys), "TRIAGE_DATABASE": database}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _MEASURED, *words], env=environment, capture_output=True, text=True)
    after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began
    assert done.returncode == 0, done.stdout + done.stderr
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    memory = int(done.stderr.split()[-1]) / 1024
    print(f"{name}: {seconds:.1f} s ({worked:.1f} s of processor), {memory:.0f} MB at most")
    assert memory < _MOST_MEMORY or words[0] == "models", memory  # that one loads the engine
    return done.stdout


def test_backup_restore_check_and_replay(tmp_path: Path) -> None:
    print()
    if DATABASE == "postgresql":
        with new_postgres() as first, new_postgres() as second:
            _there_and_back(tmp_path, first, second)
    else:
        _there_and_back(tmp_path, "", "")


def _there_and_back(tmp_path: Path, first: str, second: str) -> None:
    settings = Settings(data=tmp_path / "data", database=first, keys=tmp_path / "keys")
    office = build_office(settings, build_engine(settings))
    began = time.perf_counter()
    filled(office, settings)
    office.database.clear_journal()
    office.database.close()
    print(f"{NUMBER} cases made on {DATABASE}: {time.perf_counter() - began:.0f} s")
    keys, saved = tmp_path / "keys", tmp_path / "saved"
    ran("backup", settings.data, keys, first, "db", "backup", str(saved))
    print(f"size: {sum(one.stat().st_size for one in saved.rglob('*') if one.is_file()) / 1e6:.0f} MB")
    empty = tmp_path / "empty"
    said = ran("restore", empty, keys, second, "db", "restore", str(saved))
    assert f"{NUMBER} dossiers" in said
    assert "Rien à signaler" in ran("check --quick", empty, keys, second, "db", "check", "--quick")
    assert f"{NUMBER} dossiers" in ran("check", empty, keys, second, "db", "check")
    again = ran("replay", empty, keys, second, "models", "replay", "--sample", str(DECISIONS), "--by", WHO)
    assert f"{DECISIONS} sur {DECISIONS} : identiques" in again
