"""Identifiers are sent in every way that people and machines use, through real processes, and looked for in their logs.

Requests that succeed, that are refused, that fail inside, a store that goes away, evidence that cannot be read, mail
that is refused, a provider of identities that is down: nothing of anybody is in any line.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import create_engine, make_url, text, update

from tests.cli.serving import PATIENCE, Guichet
from tests.conftest import POSTGRES, ROOT
from triage.store.database import Database
from triage.store.tables import EXHIBITS

pytestmark = pytest.mark.whole

NAME, TOWN = "Berthevin-Quimpe", "Saint-Ouen-sur-Rivette"
MAIL, PHONE, ADDRESS = "odile.berthevin@exemple.fr", "0612487593", "203.0.113.77"
PASSWORD, CODE = "soleil-orange-marteau", "authorization-4f1e9a"
CALM = f"Je suis {NAME}, maire de {TOWN}. Un habitant critique mes choix de voirie sur Facebook, sans insulte. {PHONE}"
TEXT = f"Je suis {NAME}, maire de {TOWN}. On m'écrit au {PHONE} : « je vais te tuer ce soir ». {MAIL}"
PLANTED = [NAME, TOWN, MAIL, PHONE, ADDRESS, PASSWORD, CODE, "te tuer", "odile"]
REPORTS = "/api/v1/reports"


class Refusing:
    """A mail server that refuses everybody, and quotes them."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.asked.append(address)
        return f"550 {address} inconnu ici"


@contextmanager
def refusing() -> Iterator[tuple[Refusing, str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    handler = Refusing()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, f"127.0.0.1:{port}"
    finally:
        controller.stop()


@contextmanager
def worker(environment: dict[str, str], errors: Path) -> Iterator[subprocess.Popen[bytes]]:
    with errors.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "triage", "worker", "--processes", "1"],
            stdout=written,
            stderr=written,
            cwd=ROOT,
            env={**os.environ, **environment},
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def eventually(what: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until
        time.sleep(0.1)


def files(report: dict[str, Any]) -> list[Any]:
    """A report with evidence: some that says more, some that nothing can read, under names that say who."""
    return [
        ("report", (None, json.dumps(report), "application/json")),
        (
            "files",
            (f"{NAME}.txt", f"{NAME}, je vais te tuer ce soir, je suis devant chez toi avec mon fusil.".encode()),
        ),
        ("files", (f"{MAIL}.pdf", b"%PDF-1.7\n" + TEXT.encode() * 20)),
        ("files", (f"{PHONE}.eml", b"From: =?x?y?" + TEXT.encode() + b"\nDate: " + NAME.encode() + b"\n\n\xff\xfe")),
    ]


def test_nothing_of_anybody_is_in_the_logs(tmp_path: Path, postgres: str) -> None:
    with refusing() as (inbox, server):
        environment = {
            "TRIAGE_DATA": str(tmp_path),
            "TRIAGE_DATABASE": postgres,
            "TRIAGE_SMTP": server,
            "TRIAGE_SENDER": "guichet@exemple.fr",
            "TRIAGE_OIDC_ISSUER": "http://127.0.0.1:1",
            "TRIAGE_OIDC_CLIENT": "triage",
            "TRIAGE_OIDC_SECRET": PASSWORD,
            "TRIAGE_LOG_LEVEL": "debug",
        }
        apart = {name: value for name, value in environment.items() if name != "TRIAGE_DATA"}
        errors = tmp_path / "worker.txt"
        with Guichet(tmp_path, "--port", "0", "--no-worker", **apart) as guichet:
            address = guichet.open()
            client = httpx.Client(base_url=address, timeout=PATIENCE, headers={"X-Forwarded-For": ADDRESS})
            with client, worker(environment, errors):
                receipt = told(client)
                eventually(lambda: settled(postgres) and inbox.asked)
                asked(client, receipt)
                broken(client, receipt, postgres)
                garbled(address)
                dropped(postgres)
                gone(client, receipt)
                eventually(lambda: b"alerts wait" in errors.read_bytes())
            assert guichet.stop() == 0
        web, work = (path.read_text(encoding="utf-8") for path in (guichet.errors, errors))
    lines = [json.loads(line) for line in (web + work).splitlines()]
    events = " ".join(line["event"] for line in lines)
    for said in ("the OIDC provider failed", "waits", "alerts wait", "ValidationError", "Invalid HTTP request"):
        assert said in events, said
    statuses = {line["status"] for line in lines if line["event"] == "request"}
    assert statuses >= {200, 201, 303, 400, 401, 404, 405, 500, 503}
    assert all(line["time"] and line["level"] and line["process"] in ("serve", "worker") for line in lines)
    assert {line["request"] for line in lines if "request" in line}
    found = [
        (word, line)
        for line in (web + work).splitlines()
        for word in [*PLANTED, receipt, " ".join(receipt[i : i + 4] for i in range(0, 16, 4))]
        if word in line or word in json.dumps(json.loads(line), ensure_ascii=False)
    ]
    assert found == []


def told(client: httpx.Client) -> str:
    """What people send, in every way; the code of a case."""
    report = {"text": CALM, "mail": MAIL, "contact": PHONE, "commune": TOWN, "addresses": [f"https://x.fr/{NAME}"]}
    answer = client.post(REPORTS, files=files(report))
    assert answer.status_code == 201, answer.text
    client.post("/api/v1/triage", json={"text": TEXT, "id": NAME})
    client.post("/signalement", data={"text": TEXT, "contact": PHONE, "mail": MAIL})
    client.post("/recit", data={"text": TEXT})
    return str(answer.json()["receipt"])


def asked(client: httpx.Client, receipt: str) -> None:
    """What is refused, or asks for something that names somebody."""
    entered = {"Authorization": f"Bearer {receipt}"}
    client.get(f"{REPORTS}/me", headers=entered)
    client.get(f"{REPORTS}/me", headers={"Authorization": "Bearer 1234567890123452"})
    client.post(f"{REPORTS}/me/messages", json={"text": TEXT, NAME: MAIL}, headers=entered)
    client.post("/suivi", data={"code": receipt})
    client.get(f"/{NAME}/{MAIL}?{PHONE}={TEXT}")
    client.get(f"/desk/dossiers/{NAME}")
    client.get(f"/api/v1/reports/me/evidence/{NAME}", headers=entered)
    client.post("/api/v1/triage", content=f'{{"text": "{TEXT}', headers={"Content-Type": "application/json"})
    client.request("DELETE", f"/fiches?{NAME}")
    client.post("/desk/entrer", data={"login": MAIL, "password": PASSWORD, "code": PHONE[:6]})
    client.get("/desk/entrer/oidc", params={"vers": f"/desk/{NAME}"})
    client.get("/desk/entrer/oidc/retour", params={"code": CODE, "state": NAME, "error_description": TEXT})
    client.get("/fiches", headers={"User-Agent": NAME, "Referer": f"https://{NAME}.fr/", "Cookie": f"guichet={NAME}"})


def broken(client: httpx.Client, receipt: str, address: str) -> None:
    """A failure that nobody foresaw, whose message names somebody: what the store holds makes no sense."""
    database = Database(address)
    with database.write() as connection:
        connection.execute(update(EXHIBITS).values(state=NAME))
    database.close()
    answer = client.get(f"{REPORTS}/me", headers={"Authorization": f"Bearer {receipt}"})
    assert answer.status_code == 500


def garbled(address: str) -> None:
    """What is no HTTP."""
    to = urlsplit(address)
    with socket.create_connection((to.hostname, to.port), timeout=PATIENCE) as connection:
        connection.sendall(f"GET /{NAME} {PHONE} HTTP\r\n{MAIL}\r\n\r\n".encode())
        connection.recv(1_000)


def dropped(address: str) -> None:
    """The store goes away, with all that was in it."""
    server = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {make_url(address).database} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {make_url(address).database} ALLOW_CONNECTIONS false"))
    server.dispose()


def gone(client: httpx.Client, receipt: str) -> None:
    """The same, when nothing can be kept."""
    assert client.post(REPORTS, files=files({"text": TEXT, "mail": MAIL})).status_code == 503
    assert client.get(f"{REPORTS}/me", headers={"Authorization": f"Bearer {receipt}"}).status_code == 503
    client.post("/signalement", data={"text": TEXT, "contact": PHONE})
    client.post("/desk/entrer", data={"login": MAIL, "password": PASSWORD, "code": PHONE[:6]})


def settled(address: str) -> bool:
    """All the evidence was read, or given up."""
    database = Database(address)
    with database.read() as connection:
        states = list(connection.scalars(EXHIBITS.select().with_only_columns(EXHIBITS.c.state)))
    database.close()
    return bool(states) and "pending" not in states
