"""Raw bytes to a service started as an operator starts it: HTTP that is none, bodies that are not what they say."""

from __future__ import annotations

import random
import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.cli.serving import Guichet
from tests.conftest import migrated_at
from tests.fuzz.mutating import damaged
from tests.fuzz.running import Target
from tests.web.api_app import THREAT

pytestmark = pytest.mark.whole
_JSON = ('{"text": "' + THREAT + '"}').encode()
_FORM = b"text=Bonjour%20%C3%A9&who=elu&question.en_cours=oui"
_PARTS = b'--b\r\nContent-Disposition: form-data; name="report"\r\n\r\n' + _JSON
_PARTS += b'\r\n--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nBonjour\r\n--b--\r\n'


def _post(path: bytes, kind: bytes, body: bytes, *more: bytes) -> bytes:
    lines = [b"POST " + path + b" HTTP/1.1", b"Host: 127.0.0.1", b"Content-Type: " + kind, *more]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"Connection: close", b"", body])


def _chunked(*chunks: bytes) -> bytes:
    head = b"POST /api/v1/triage HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    head += b"Transfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in chunks) + b"0\r\n\r\n"


_URLENCODED, _MULTIPART = b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=b"
WHOLE = [
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    b"GET /suivi?a=%C3%A9&b=%zz HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: guichet=abc\r\nRange: bytes=0-1\r\n\r\n",
    b"HEAD /static/theme.css HTTP/1.0\r\n\r\n",
    _post(b"/api/v1/triage", b"application/json", _JSON),
    _post(b"/api/v1/reports", b"application/json", _JSON, b"Idempotency-Key: 3f1c2a7e-9b54-4d0e"),
    _post(b"/api/v1/reports", _MULTIPART, _PARTS),
    _post(b"/diagnostic", _URLENCODED, _FORM),
    _post(b"/signalement", _URLENCODED, _FORM, b"Origin: http://127.0.0.1", b"Expect: 100-continue"),
    _chunked(_JSON[:9], _JSON[9:]),
]
ODD = (
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET http://autre.fr/ HTTP/1.1\r\nHost: [\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\nHost: a\n\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    _chunked(_JSON).replace(b"Host: a", b"Host: a\r\nContent-Length: 5") + b"GET / HTTP/1.1\r\n\r\n",
    _post(b"/api/v1/triage", b"application/json", b"[" * 500_000),
    _post(b"/api/v1/triage", b"application/json", b'{"a":' * 100_000),
    _post(b"/api/v1/reports", _MULTIPART, b"--b\r\n" * 30_000),
    _post(b"/api/v1/reports", _MULTIPART, b"--b\r\n" + b"A: b\r\n" * 30_000),
    _post(b"/diagnostic", _URLENCODED, b"&" * 500_000),
    _post(b"/diagnostic", _URLENCODED, b"a=&" * 200_000),
    _post(b"/diagnostic", _URLENCODED, b"text=" + b"%" * 100_000),
)


def made(chance: random.Random) -> bytes:
    return chance.choice(ODD) if chance.random() < 0.1 else damaged(chance, WHOLE)


def exchanged(port: int, raw: bytes, patience: float = 0.3) -> str:
    """What the service answers to these bytes; « closed » when it waits for more, and none comes."""
    with socket.create_connection(("127.0.0.1", port), timeout=25) as connection:
        try:
            connection.sendall(raw)
            if not select.select([connection], [], [], patience)[0]:
                connection.shutdown(socket.SHUT_WR)
            said = connection.recv(65_536)
            connection.settimeout(patience)
            while part := connection.recv(65_536):
                said += part
        except ConnectionError:
            return "reset"
        except TimeoutError:  # it keeps the connection open, for another request
            assert said
    if not said:
        return "closed"
    statuses = [line.split(b" ")[1] for line in said.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
    assert statuses and all(one < b"500" for one in statuses), said[:300]
    return f"{statuses[0][:1].decode()}xx"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[int, psutil.Process]]:
    with Guichet(migrated_at(tmp_path), "--port", "0", TRIAGE_LOG_LEVEL="error") as guichet:
        address = guichet.open()
        yield int(address.rstrip("/").rpartition(":")[2]), psutil.Process(guichet.process.pid)
        assert guichet.process.poll() is None
        assert guichet.stop() == 0
        logged = guichet.errors.read_text(encoding="utf-8")
        failures = [line for line in logged.splitlines() if '"error"' in line and "LocalProtocolError" not in line]
        assert failures == []  # uvicorn logs an answer that it cannot give to what is no HTTP any more


def test_bytes_that_are_hardly_http(service: tuple[int, psutil.Process]) -> None:
    target, (port, process) = Target("socket", 150, 2_000, clock=time.monotonic), service
    target.tries(target.made(made), lambda raw: exchanged(port, raw), memory=lambda: process.memory_info().rss)
    assert exchanged(port, WHOLE[3], patience=20) == "2xx"
    target.check("2xx", 0.05)
