"""A new report compared with 200,000 cases, and put into its campaign: PostgreSQL and SQLite.

make bench
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

import pytest
from sqlalchemy import text

from tests.conftest import migrated_postgres, office_at, store_address  # noqa: F401 (fixtures)
from tests.desk.campaigns.stories import MAYORS, SMS
from triage.bootstrap import build_engine
from triage.desk.campaigns import finding
from triage.desk.campaigns.fingerprints import signature
from triage.desk.campaigns.words import plain
from triage.desk.office import Office
from triage.desk.submit import submit
from triage.settings import Settings
from triage.store import prints
from triage.store.prints import Prints
from triage.store.records import Told

CASES = 200_000
BANDS = 32
ONE_IN = 50  # cases that are of the campaign: 4,000
NEW, RUNS = 40, 5  # the best run is kept: others may use the machine
MOST_P95 = 50.0  # milliseconds
NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)

# Digests are those of a keyed hash: random ones stand for texts that have nothing in common.
POSTGRES = (
    "SET LOCAL session_replication_role = replica",  # foreign keys are not looked up
    "CREATE TEMPORARY TABLE made ON COMMIT DROP AS SELECT lpad(to_hex(n), 32, '0') AS id, n, "
    "CAST(:now AS timestamptz) - n * interval '1 minute' AS at FROM generate_series(1, :cases) AS n",
    "INSERT INTO bands (digest, at, signature_id, case_id) SELECT decode(substr(md5(random()::text), 1, 16), 'hex'), "
    "at, id, id FROM made, generate_series(1, :bands)",
    "INSERT INTO signatures (id, case_id, size, minhash, at) SELECT id, id, 20, "
    "decode(repeat(md5(random()::text), 32), 'hex'), at FROM made",
    "INSERT INTO fingerprints (id, case_id, kind, digest, at) SELECT id, id, 'author', "
    "decode(md5((n / 3)::text), 'hex'), at FROM made",
)
SQLITE = (
    "CREATE TEMPORARY TABLE made AS WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count "
    "WHERE n < :cases) SELECT printf('%032x', n) AS id, n, "
    "strftime('%Y-%m-%d %H:%M:%S.000000', :now, '-' || n || ' minutes') AS at FROM count",
    "INSERT INTO bands (digest, at, signature_id, case_id) WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 "
    "FROM count WHERE n < :bands) SELECT randomblob(8), at, id, id FROM made, count",
    "INSERT INTO signatures (id, case_id, size, minhash, at) SELECT id, id, 20, randomblob(512), at FROM made",
    "INSERT INTO fingerprints (id, case_id, kind, digest, at) SELECT id, id, 'author', randomblob(16), at FROM made",
)
HELD = (
    "INSERT INTO cases (id, received_at, changed_at, state, level, rank, types, flags, departement, force) "
    "SELECT id, at, at, CASE WHEN n % 20 = 0 THEN 'open' ELSE 'closed' END, 'urgent', 9, 'menace', '', "
    "CASE WHEN n % 2 = 0 THEN '07' ELSE '26' END, '' FROM made"
)


def test_a_new_report_among_two_hundred_thousand(tmp_path: Path, store_address: str) -> None:  # noqa: F811
    office = office_at(build_engine(Settings()), tmp_path, store_address)
    office.database.upgrade()
    start = time.perf_counter()
    _fill(office)
    filled = time.perf_counter() - start
    runs = [[_new(office, number) for number in range(NEW * run, NEW * (run + 1))] for run in range(RUNS)]
    took = min(runs, key=_p95)
    kind = office.database.engine.dialect.name
    found = f"new report p50 {median(took):.1f} ms, p95 {_p95(took):.1f} ms"
    print(f"\n{kind}: {CASES} cases (filled in {filled:.0f} s); {found}")
    office.database.close()
    if _p95(took) >= MOST_P95:
        pytest.fail(f"{found}: more than {MOST_P95:.0f} ms")


def _p95(took: list[float]) -> float:
    return quantiles(took, n=100)[94]


def _new(office: Office, number: int) -> float:
    """Milliseconds to compare one new report: half of them quote the text of the campaign, all name a number."""
    quoted = (
        MAYORS[number % 3] if number % 2 else f"Reçu ceci : « le numéro {number} de ma rue finira en {number} cendres »"
    )
    told = Told(text=f"{quoted} Du 06 12 {number // 100:02} {number % 100:02} 78, par le compte @corbeau{number}.")
    case_id = submit(office, told, [], NOW).case_id
    with office.database.write() as connection:
        prints.keep(connection, case_id, Prints(), NOW)  # as if it had not been compared yet
        finding.ask(connection, case_id, NOW)
    start = time.perf_counter()
    finding.index(office, case_id, NOW)
    return (time.perf_counter() - start) * 1_000


def _fill(office: Office) -> None:
    """Cases that closed or wait, one in fifty of them with the text of the campaign."""
    made = signature(office.ring, office.policies.campaigns.rules.text, plain(SMS))
    with office.database.write() as connection:
        sqlite = connection.dialect.name == "sqlite"
        start = {"cases": CASES, "bands": BANDS, "now": f"{NOW:%Y-%m-%d %H:%M:%S}" + ("" if sqlite else "+00")}
        first, *rest = SQLITE if sqlite else POSTGRES
        for sql in (first, HELD, *rest) if sqlite else (first, rest[0], HELD, *rest[1:]):
            connection.execute(text(sql), {name: value for name, value in start.items() if f":{name}" in sql})
        same = {"step": ONE_IN}
        for band in made.bands:
            sql = "INSERT INTO bands (digest, at, signature_id, case_id) SELECT :band, at, id, id FROM made"
            connection.execute(text(f"{sql} WHERE n % :step = 0"), {"band": band, **same})
        sql = "UPDATE signatures SET minhash = :minhash WHERE id IN (SELECT id FROM made WHERE n % :step = 0)"
        connection.execute(text(sql), {"minhash": made.minhash, **same})
    with office.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
