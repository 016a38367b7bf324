"""The store fails at each step: the diagnostic is given, what is not saved is said, what was written comes back."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from lxml import html
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from tests.web.api_app import THREAT, api_app, bearer, deposit, refused
from tests.web.visitor import Visitor
from triage.engine import Engine

Broken = Callable[[FastAPI], Any]
ME = "/api/v1/reports/me"


@pytest.fixture
def app(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FastAPI]:
    monkeypatch.setattr("triage.store.database._BUSY", 0.2)
    made = api_app(engine, tmp_path)
    yield made
    made.state.office.database.close()


def file_of(app: FastAPI) -> Path:
    return Path(app.state.office.database.engine.url.database)


@contextmanager
def locked(app: FastAPI) -> Iterator[None]:
    """Another program writes and does not end."""
    with sqlite3.connect(file_of(app), isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
    other.close()


@contextmanager
def unreadable(app: FastAPI) -> Iterator[None]:
    """The folder is gone, as when a disk is no longer there."""
    folder = file_of(app).parent
    folder.rename(away := folder.with_name("away"))
    yield
    away.rename(folder)


@contextmanager
def damaged(app: FastAPI) -> Iterator[None]:
    """Something else in place of the file."""
    path = file_of(app)
    app.state.office.database.close()
    path.rename(away := path.with_name("away"))
    path.write_bytes(b"this is no database" * 1_000)
    yield
    path.unlink()
    away.rename(path)


@contextmanager
def full(app: FastAPI) -> Iterator[None]:
    """No page can be added any more."""
    engine = app.state.office.database.engine

    def limit(raw: Any, *_: Any) -> None:
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
        raw.execute(f"PRAGMA max_page_count={pages}")

    event.listen(engine, "checkout", limit)
    yield
    event.remove(engine, "checkout", limit)
    engine.dispose()


@contextmanager
def stopped_at_commit(app: FastAPI) -> Iterator[None]:
    engine = app.state.office.database.engine

    def fail(connection: Any) -> None:
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))

    event.listen(engine, "commit", fail)
    yield
    event.remove(engine, "commit", fail)


def said(page: str) -> str:
    return " ".join(html.fromstring(page).text_content().split())


@pytest.mark.parametrize("broken", [locked, unreadable, damaged, full, stopped_at_commit])
def test_a_report_is_answered_and_said_to_be_lost(app: FastAPI, broken: Broken) -> None:
    client = Visitor(app)
    deposit(client)
    files = [("files", ("capture.txt", b"a" * 3_000_000))]
    with broken(app):
        page = client.post("/signalement", data={"text": THREAT, "contact": "la mairie"}, files=files)
        told = client.post("/api/v1/reports", data={"report": f'{{"text": "{THREAT}"}}'}, files=files)
    assert page.status_code == 503
    text = said(page.text)
    assert "Votre récit n'a pas été enregistré" in text
    assert "capture.txt" in text
    assert "je vais te tuer" in text
    assert "17" in text
    kept = html.fromstring(page.text).xpath("//form[@action='/recit']//input[@name='text']/@value")
    assert kept[0] == THREAT
    assert "guichet" not in client.cookies
    problem = refused(told, 503)
    assert (problem["saved"], problem["lost"]) == (False, ["capture.txt"])
    assert problem["assessment"]["primary"] == "menace"
    assert "Error" not in problem["detail"]
    again = client.post("/signalement", data={"text": THREAT}, files=files, follow_redirects=False)
    assert again.status_code == 303, "it is back"


@pytest.mark.parametrize("broken", [unreadable, damaged])
def test_what_was_written_in_a_case_comes_back(app: FastAPI, broken: Broken) -> None:
    client = Visitor(app)
    client.post("/signalement", data={"text": THREAT})
    key = bearer(deposit(client)["receipt"])
    with broken(app):
        read = client.get("/suivi")
        sent = client.post("/suivi/messages", data={"message": "Il revient <ce soir>."})
        api_read, api_sent = client.get(ME, headers=key), client.post(f"{ME}/messages", json={"text": "x"}, headers=key)
    assert (read.status_code, sent.status_code) == (503, 503)
    assert "ce que vous venez d'envoyer" not in said(read.text)
    assert "ce que vous venez d'envoyer n'est pas enregistré" in said(sent.text)
    assert html.fromstring(sent.text).xpath("string(//textarea)").strip() == "Il revient <ce soir>."
    assert "n'est pas perdu" in refused(api_read, 503)["detail"]
    assert "n'est pas enregistré" in refused(api_sent, 503)["detail"]
    for answer in (read, sent, api_read, api_sent):
        assert "Error" not in answer.text
    assert "je vais te tuer" in client.get("/suivi").text


# --- PostgreSQL, through a wire that is cut ------------------------------------------------------------------------


COMMIT = b"COMMIT\0"  # the whole question: « READ COMMITTED » is asked too


class Wire:
    """Carries bytes to PostgreSQL until it is cut: at once, or when the client sends `at`, before or after it goes."""

    def __init__(self, host: str, port: int) -> None:
        self.target, self.at, self.deliver, self.up, self.deaf = (host, port), b"", False, True, False
        self.pairs: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self.up = False
        for one in self.pairs:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self.pairs.clear()

    def mend(self) -> None:
        self.at, self.up, self.deaf = b"", True, False

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                if not self.up:
                    client.close()
                    continue
                server = socket.create_connection(self.target)
                self.pairs += [client, server]
                threading.Thread(target=self._carry, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self._carry, args=(server, client, False), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, asked: bool) -> None:
        with suppress(OSError):
            while data := source.recv(2**16):
                if asked and self.at and self.at in data:
                    self.up, self.deaf = False, True
                    if self.deliver:
                        target.sendall(data)
                        time.sleep(0.2)  # the server has done it; nobody hears of it
                    self.cut()
                    return
                if asked or not self.deaf:
                    target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@pytest.fixture
def wired(engine: Engine, tmp_path: Path, postgres: str) -> Iterator[tuple[FastAPI, Wire]]:
    url = make_url(postgres)
    wire = Wire(url.host or "127.0.0.1", url.port or 5432)
    address = url.set(host="127.0.0.1", port=wire.port).render_as_string(hide_password=False)
    app = api_app(engine, tmp_path, database=address)
    yield app, wire
    app.state.office.database.close()
    wire.cut()
    wire.listener.close()


@pytest.mark.parametrize("at", [b"INSERT INTO cases", b"INSERT INTO exhibit_contents", COMMIT])
def test_a_wire_cut_while_a_report_is_kept(wired: tuple[FastAPI, Wire], at: bytes) -> None:
    app, wire = wired
    client = Visitor(app)
    deposit(client)
    files, key = [("files", ("a.txt", b"bonjour"))], "0123456789abcdef0123"
    wire.at = at
    page = client.post("/signalement", data={"text": THREAT, "key": key}, files=files)
    assert page.status_code == 503
    assert "n'a pas été enregistré" in said(page.text)
    wire.mend()
    assert client.post("/signalement", data={"text": THREAT, "key": key}, files=files).status_code == 200
    assert number_of_cases(app) == 2


def test_a_wire_cut_once_it_is_kept_makes_no_second_case(wired: tuple[FastAPI, Wire]) -> None:
    """The store has it and nobody hears so: sent again, it is the same case with the same code."""
    app, wire = wired
    client = Visitor(app)
    deposit(client)
    headers = {"Idempotency-Key": "0123456789abcdef0123"}
    wire.at, wire.deliver = COMMIT, True
    assert client.post("/api/v1/reports", json={"text": THREAT}, headers=headers).status_code == 503
    wire.mend()
    again = client.post("/api/v1/reports", json={"text": THREAT}, headers=headers)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (200, "true")
    assert number_of_cases(app) == 2
    assert client.get(ME, headers=bearer(again.json()["receipt"])).status_code == 200


def test_a_service_that_starts_without_its_store_advises_all_the_same(engine: Engine, tmp_path: Path) -> None:
    app = api_app(engine, tmp_path, database="postgresql+psycopg://nobody@127.0.0.1:1/none")
    client = Visitor(app)
    assert client.get("/fiches").status_code == 200
    assert "je vais te tuer" in said(client.post("/diagnostic", data={"text": THREAT}).text)
    assert client.post("/signalement", data={"text": THREAT}).status_code == 503
    assert client.get("/suivi").status_code == 200
    app.state.office.database.close()


def number_of_cases(app: FastAPI) -> int:
    with app.state.office.database.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM cases").scalar_one())
