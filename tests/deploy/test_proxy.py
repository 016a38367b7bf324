"""Behind nginx and behind Caddy, with the files that we deliver: TLS, limits, nothing buffered, nobody noted."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.attachments.files import saved, screenshot
from tests.deploy.proxies import HERE, SITE, Proxy, listening, running
from tests.torture.agents import report
from tests.web.desk.conftest import Desk
from tests.web.serving import served
from tests.web.visitor import signed
from triage.desk.people import sessions
from triage.engine import Engine
from triage.web import guard
from triage.web.cookies import PREFIX
from triage.web.desk.door import COOKIE

KINDS = ("nginx", "caddy")
TOLD = "Je suis maire et l'on me menace."
CONFIGURATIONS = {"nginx": "nginx.conf", "caddy": "Caddyfile"}
MEBI = 2**20


def written(kind: str) -> str:
    return (HERE / CONFIGURATIONS[kind]).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_its_limits_are_those_of_the_service(kind: str) -> None:
    """What the service takes is let through; what it never takes stops at the door."""
    text = written(kind)
    (most,) = re.findall(r"(?:client_max_body_size|max_size) (\d+)mi?b?;?$", text, re.IGNORECASE | re.MULTILINE)
    assert int(most) * MEBI == guard.MAX_UPLOAD
    assert re.search(rf"(?:client_max_body_size|Content-Length\}}\) >) {guard.MAX_BODY}\b", text)
    (pattern,) = re.findall(r"\^/\(signalement\S*\)\$", text)
    for path in (*guard._UPLOADS, f"/desk/dossiers/{'0a' * 16}/messages"):
        assert re.search(pattern, path), path
    assert not re.search(pattern, "/api/v1/triage")


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(engine, tmp_path / "data", address=f"https://{SITE}")
    yield made
    made.close()


@pytest.fixture
def proxy(kind: str, desk: Desk, tmp_path: Path) -> Iterator[Proxy]:
    """One of them before the guichet."""
    with served(desk.app) as port, running(kind, port, tmp_path / kind) as made:
        yield made


@pytest.mark.whole
def test_a_report_and_its_evidence_go_through(proxy: Proxy) -> None:
    image = saved(screenshot(), "PNG")
    heavy = image + b"\0" * (3 * MEBI)
    with proxy.browser() as browser:
        home = browser.get("/")
        assert home.status_code == 200
        assert home.headers.get_list("strict-transport-security") == ["max-age=31536000"]
        assert "server" not in home.headers or home.headers["server"] == "nginx"
        parts = [("report", (None, json.dumps({"text": TOLD}), "application/json")), ("files", ("image.png", heavy))]
        kept = browser.post("/api/v1/reports", files=parts)
        assert (kept.status_code, kept.json()["refused"]) == (201, [])
        bearer = {"Authorization": f"Bearer {kept.json()['receipt']}"}
        assert browser.get("/api/v1/reports/me/evidence/1", headers=bearer).content == heavy
        assert browser.post("/suivi", data=signed(browser, "/suivi", code=kept.json()["receipt"])).status_code == 200
        for size in (guard.MAX_BODY + 1, 20 * MEBI):
            assert browser.post("/api/v1/triage", content=b"a" * size).status_code == 413, size
        for hidden in ("/metrics", "/readyz"):
            assert browser.get(hidden).status_code == 404, hidden
        assert browser.get("/healthz").status_code == 200
    assert "127.0.0.1" not in proxy.written()
    assert [path for path in proxy.folder.glob("spilled/**/*") if path.is_file()] == []


@pytest.mark.whole
def test_news_reach_the_desk_at_once(proxy: Proxy, desk: Desk) -> None:
    now = datetime.now(UTC)
    agent = desk.person()
    with desk.office.database.write() as connection:
        token = sessions.begin(desk.office, connection, agent.id, "password", now)
    headers = {"Cookie": f"{PREFIX}{COOKIE}={token}"}
    with proxy.browser(headers=headers) as browser, browser.stream("GET", "/desk/flux") as stream:
        assert (stream.status_code, stream.headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
        lines = stream.iter_lines()
        assert "bonjour" in next(lines)
        report(desk.office, now, "immediate")
        assert next(line for line in lines if line == "event: nouvelle")


@pytest.mark.whole
def test_what_is_sent_passes_on_as_it_comes_with_the_true_address(kind: str, tmp_path: Path) -> None:
    """Half an upload is at the service before the other half is sent: it waits in no file of the proxy."""
    with (
        listening() as upstream,
        running(kind, upstream.getsockname()[1], tmp_path / kind) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), 30) as raw,
        proxy.context.wrap_socket(raw, server_hostname=SITE) as client,
    ):
        head = (
            f"POST /api/v1/reports HTTP/1.1\r\nHost: {SITE}\r\nContent-Length: {4 * MEBI}\r\n"
            "X-Forwarded-For: 203.0.113.9\r\nForwarded: for=203.0.113.9\r\nX-Forwarded-Proto: http\r\n\r\n"
        )
        client.sendall(head.encode())
        sender = threading.Thread(target=client.sendall, args=(b"a" * (2 * MEBI),))
        sender.start()
        service, _ = upstream.accept()
        service.settimeout(30)
        with service:
            got = b""
            while got.count(b"a") < 2 * MEBI:
                got += service.recv(MEBI)
            sender.join()
            service.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
    told = got.partition(b"\r\n\r\n")[0].decode().lower()
    assert "x-forwarded-for: 127.0.0.1\r\n" in told + "\r\n"
    assert "x-forwarded-proto: https" in told
    assert "x-forwarded-for: 203" not in told
    assert [path for path in proxy.folder.glob("spilled/**/*") if path.is_file()] == []
