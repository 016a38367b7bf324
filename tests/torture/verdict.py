"""What must be true afterwards: every acknowledged report is there, with its evidence, exactly once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from tests.cli.serving import PATIENCE
from tests.conftest import ROOT
from tests.torture.agents import Place
from tests.torture.reports import Report, digest
from tests.torture.senders import get
from triage.settings import Settings
from triage.store.cases import Cases
from triage.store.database import Database
from triage.store.keys import open_ring
from triage.store.people_tables import AUDIT
from triage.store.tables import ASSESSMENTS, CASES, EVENTS, EXHIBITS


def wait_for(true: Callable[[], bool], what: str) -> float:
    """How many seconds it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() < began + PATIENCE, what
        time.sleep(0.2)
    return time.monotonic() - began


def said(where: Place, *words: str) -> str:
    """What a command of `triage` prints; it has to succeed."""
    environment = {**os.environ, "TRIAGE_DATA": str(where.data), "TRIAGE_DATABASE": where.database}
    command = [sys.executable, "-m", "triage", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def found_again(report: Report, port: int) -> bool:
    """Through the service, with its code: each piece of its evidence, to the byte."""
    bearer = {"Authorization": f"Bearer {report.receipt}"}
    status, _, body = get(port, "/api/v1/reports/me/evidence", **bearer)
    assert status == 200, (status, report.text)
    told = json.loads(body)["exhibits"]
    assert [one["sha256"] for one in told] == [digest(content) for _, content in report.files], report.text
    for one, (_, content) in zip(told, report.files, strict=True):
        status, _, body = get(port, f"/api/v1/reports/me/evidence/{one['number']}", **bearer)
        assert (status, digest(body)) == (200, digest(content)), report.text
    return True


def all_found(reports: list[Report], port: int) -> int:
    """How many of them are there; all of them, or it fails."""
    with ThreadPoolExecutor(3) as readers:
        return sum(readers.map(lambda report: found_again(report, port), reports))


class Held:
    """What the store holds, read without the service."""

    def __init__(self, where: Place) -> None:
        settings = Settings(data=where.data, database=where.database)
        self._database = Database(settings.database_url)
        self._cases = Cases(open_ring(settings.keys_folder))

    def close(self) -> None:
        self._database.close()

    def unread(self) -> int:
        """Pieces that wait to be read."""
        with self._database.read() as connection:
            waits = EXHIBITS.c.state == "pending"
            return connection.scalar(select(func.count()).select_from(EXHIBITS).where(waits)) or 0

    def states(self) -> Counter[str]:
        """How many pieces were read, or could not be."""
        with self._database.read() as connection:
            return Counter(connection.scalars(select(EXHIBITS.c.state)))

    def texts(self) -> Counter[str]:
        """How many cases tell each text."""
        with self._database.read() as connection:
            ids = list(connection.scalars(select(CASES.c.id)))
        return Counter(self._text(one) for one in ids)

    def undecided(self) -> list[str]:
        """Cases that nothing was said of."""
        with self._database.read() as connection:
            decided = set(connection.scalars(select(ASSESSMENTS.c.case_id)))
            told = set(connection.scalars(select(EVENTS.c.case_id)))
            rows = connection.execute(select(CASES.c.id, CASES.c.level))
            return [row.id for row in rows if not row.level or row.id not in decided & told]

    def views(self) -> Counter[str]:
        """How often the audit says that each case was read."""
        with self._database.read() as connection:
            return Counter(connection.scalars(select(AUDIT.c.case_id).where(AUDIT.c.what == "view")))

    def _text(self, case_id: str) -> str:
        with self._database.read() as connection:
            return self._cases.get(connection, case_id).told.text
