"""A desk with people, cases of any level, and real servers that take what alerts send."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from triage.desk import duty
from triage.desk.notice import Mailer
from triage.desk.office import Office
from triage.desk.queue.placing import place
from triage.store import people
from triage.store.cases import Ranking
from triage.store.people import Person, Role, Scope
from triage.store.records import Told

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)  # 22 h in Paris


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The servers of the tests are on this machine."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def person(office: Office, login: str, *scopes: Scope, role: Role = "agent", **columns: Any) -> Person:
    """Somebody active at the desk; everywhere when no scope is given."""
    with office.database.write() as connection:
        made = people.add(connection, login, login.split("@")[0].title(), role, scopes or (Scope(),), "", NOW)
        people.change(connection, made, state="active", **columns)
        return people.get(connection, made)


def case(
    office: Office, level: str = "immediate", departement: str = "", force: str = "", now: datetime = NOW, **more: Any
) -> str:
    """A case of that level, in the queue; its id."""
    told = Told(text="Récit de Jeanne Exemple, maire de Villefictive.", departement=departement, force=force)
    ranking = Ranking(level, office.engine.assessor.policy.rank(level), ("menace",), ())
    with office.database.write() as connection:
        receipt = office.ring.digest("receipt", str(time.perf_counter_ns()))
        made = office.cases.add(connection, told, ranking, now, receipt, None)
        if more:
            office.cases.stand(connection, made, **more)
        place(office, connection, made, now)
    return made


def on_duty(office: Office, login: str, departement: str = "", force: str = "", hours: int = 8) -> None:
    """Puts somebody on the rota from now on."""
    duty.add(office.database, login, NOW, NOW.replace(hour=NOW.hour - 20 + hours, day=28), departement, force)


class Inbox:
    """Every mail that the local server takes; `refusing` makes it answer an error."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.refusing = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refusing:
            return "451 later"
        self.mails.append(envelope)
        return "250 OK"

    @property
    def to(self) -> list[str]:
        """Whom the mails were for."""
        return sorted(one for mail in self.mails for one in mail.rcpt_tos)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, Mailer]]:
    """A real SMTP server."""
    told = Inbox()
    server = Controller(told, hostname="127.0.0.1", port=free_port())
    server.start()
    yield told, Mailer(f"127.0.0.1:{server.port}", "bureau@exemple.fr")
    server.stop()


class Receiver:
    """A real HTTP server: keeps what it is sent, answers `status` after `seconds`."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.status, self.seconds = 204, 0.0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(receiver.seconds)
                receiver.bodies.append(body)
                receiver.headers.append(dict(self.headers))
                self.send_response(receiver.status)
                self.send_header("Location", "/ailleurs")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/alertes"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()
