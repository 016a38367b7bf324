"""An agent who takes cases and reads them, so that the audit grows while everything is torn down."""

from __future__ import annotations

import re
import threading
from contextlib import suppress
from datetime import UTC, datetime
from http.client import HTTPException

from tests.torture.agents import Place, somebody
from tests.torture.senders import get
from triage.desk.people import sessions
from triage.store.database import StoreError
from triage.web.desk.door import COOKIE

_PACE = 0.7  # seconds between two cases
_CASE = re.compile(r"/desk/dossiers/([0-9a-f]{32})")


class Reader(threading.Thread):
    """Notes outside the store each case whose page was shown."""

    def __init__(self, where: Place, port: int, over: threading.Event) -> None:
        super().__init__()
        self._office, self._port, self._over = where.office(), port, over
        self._person, self._token = somebody(self._office, 1), ""
        self.shown: list[str] = []

    def run(self) -> None:
        while not self._over.wait(_PACE):
            with suppress(OSError, HTTPException, StoreError):
                self._read_one()
        self._office.database.close()

    def _read_one(self) -> None:
        status, _, page = get(self._port, "/desk?vue=tous", Cookie=f"{COOKIE}={self._token}")
        if status != 200:
            self._enter()
            return
        for case_id in dict.fromkeys(_CASE.findall(page.decode())):
            if case_id not in self.shown:
                self._show(case_id)
                return

    def _enter(self) -> None:
        with self._office.database.write() as connection:
            self._token = sessions.begin(self._office, connection, self._person.id, "password", datetime.now(UTC))

    def _show(self, case_id: str) -> None:
        status, _, _ = get(self._port, f"/desk/dossiers/{case_id}", Cookie=f"{COOKIE}={self._token}")
        if status == 200:
            self.shown.append(case_id)
