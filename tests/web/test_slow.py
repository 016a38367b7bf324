"""Slow clients, and those that send too much of something: cut in time, while the others are answered."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from tests.web.api_app import CALM, api_app, refused
from tests.web.visitor import Visitor
from triage.engine import Engine
from triage.web import slow
from triage.web.patient import Patient


@pytest.fixture(scope="module")
def app(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    made = api_app(engine, tmp_path_factory.mktemp("slow"))
    yield made
    made.state.office.database.close()


@pytest.fixture
def port(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The service as `triage serve` runs it, with less patience."""
    monkeypatch.setattr(slow, "HEADERS", 0.5)
    monkeypatch.setattr(slow, "GRACE", 0.5)
    monkeypatch.setattr(slow, "READING", 0.5)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, http=Patient, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.02)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(30)


@contextmanager
def connection(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        yield client


def all_of(client: socket.socket) -> bytes:
    """What is answered, until the connection is closed; reset counts as closed."""
    answered = b""
    with suppress(ConnectionError):
        while part := client.recv(65_536):
            answered += part
    return answered


def drip(client: socket.socket, stop: threading.Event) -> None:
    with suppress(OSError):
        while not stop.wait(0.05):
            client.sendall(b"a")


@contextmanager
def dripping(client: socket.socket) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=drip, args=(client, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def head(path: str, length: int, kind: str = "application/x-www-form-urlencoded") -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n".encode()


# --- Slow -------------------------------------------------------------------------------------------------------


def test_a_connection_that_says_nothing_is_closed(port: int) -> None:
    with connection(port) as client:
        assert all_of(client) == b""


def test_headers_that_drip_are_cut(port: int) -> None:
    with connection(port) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        with dripping(client):
            assert all_of(client).startswith(b"HTTP/1.1 408 ")


def test_headers_that_drip_on_a_connection_that_served_are_cut_too(port: int) -> None:
    with connection(port) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.recv(65_536).startswith(b"HTTP/1.1 200 ")
        client.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        with dripping(client):
            assert b"HTTP/1.1 408 " in all_of(client)


@pytest.mark.parametrize("path", ["/signalement", "/recit", "/suivi", "/desk/entrer"])
def test_a_body_that_drips_is_cut_and_says_why(port: int, path: str) -> None:
    with connection(port) as client:
        client.sendall(head(path, 10_000) + b"text=")
        with dripping(client):
            answered = all_of(client)
    assert answered.startswith(b"HTTP/1.1 408 ") and b"trop lentement" in answered
    assert b"default-src 'none'" in answered


def test_a_body_that_falls_silent_is_cut(port: int) -> None:
    with connection(port) as client:
        client.sendall(head("/api/v1/reports", 10_000, "application/json") + b'{"text": "')
        answered = all_of(client)
    assert answered.startswith(b"HTTP/1.1 408 ") and b"application/problem+json" in answered


def test_a_large_body_that_drips_gives_its_room_back(port: int) -> None:
    """Six at a time from one address, so that it never has all the room there is for evidence."""
    kind = "multipart/form-data; boundary=b"
    clients = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(14)]
    try:
        for client in clients:
            client.sendall(head("/signalement", 26 * 2**20, kind) + b"--b\r\n")
        assert all(all_of(client).startswith(b"HTTP/1.1 408 ") for client in clients)
    finally:
        for client in clients:
            client.close()
    sent = httpx.post(
        f"http://127.0.0.1:{port}/signalement",
        data={"text": CALM},
        files={"files": ("a.txt", b"a" * 5 * 2**20)},
        timeout=30,
    )
    assert sent.status_code == 303


def test_a_poor_network_is_not_cut(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow, but at the pace that a phone has at the edge of a network: what has come gives more time."""
    monkeypatch.setattr(slow, "PACE", 200)
    body = b"text=" + b"a" * 4_000
    with connection(port) as client:
        client.sendall(head("/recit", len(body)))
        for begin in range(0, len(body), 200):
            client.sendall(body[begin : begin + 200])
            time.sleep(0.05)
        assert client.recv(65_536).startswith(b"HTTP/1.1 200 ")


def test_an_answer_that_nobody_reads_is_given_up(port: int) -> None:
    with connection(port) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        for _ in range(200):  # pipelined: their answers are larger than what the network holds
            client.sendall(b"GET /static/vendor/htmx.min.js HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(0.2)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                client.sendall(b" ")
            except OSError:
                return
            time.sleep(0.1)
        pytest.fail("the connection is still open")


def test_others_are_answered_meanwhile(port: int) -> None:
    with connection(port) as one, connection(port) as other:
        one.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        other.sendall(head("/recit", 10_000) + b"text=")
        with dripping(one), dripping(other):
            assert httpx.get(f"http://127.0.0.1:{port}/", timeout=30).status_code == 200


# --- Too much ---------------------------------------------------------------------------------------------------


def test_headers_that_are_too_long_are_refused(port: int) -> None:
    with connection(port) as client, suppress(ConnectionError):
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 100_000)
        assert all_of(client).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("depth", [1_000, 50_000])
def test_json_that_is_too_deep_is_refused(app: FastAPI, depth: int) -> None:
    for text in ("[" * depth + "]" * depth, '{"text":' * depth + "1" + "}" * depth):
        answer = Visitor(app).post("/api/v1/triage", content=text, headers={"Content-Type": "application/json"})
        refused(answer, 400)


def test_a_number_of_a_million_digits_is_refused(app: FastAPI) -> None:
    body = '{"text": ' + "9" * 500_000 + "}"
    refused(Visitor(app).post("/api/v1/triage", content=body, headers={"Content-Type": "application/json"}), 400)


def parts(number: int, name: str = "more") -> bytes:
    one = f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\nx\r\n'
    return one.encode() * number + b"--b--\r\n"


@pytest.mark.parametrize("path", ["/signalement", "/recit", "/api/v1/reports"])
def test_too_many_parts_are_refused(app: FastAPI, path: str) -> None:
    answer = Visitor(app).post(path, content=parts(5_000), headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 400


def test_too_many_fields_are_refused(app: FastAPI) -> None:
    body = "&".join(f"a{number}=1" for number in range(50_000))
    answer = Visitor(app).post("/recit", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 400


@pytest.mark.parametrize("headers", [{"Content-Length": "-1"}, {"Content-Length": "1e9"}, {"Transfer-Encoding": "x"}])
def test_a_length_that_means_nothing_is_refused(port: int, headers: dict[str, str]) -> None:
    told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with connection(port) as client:
        client.sendall(f"POST /recit HTTP/1.1\r\nHost: a\r\n{told}\r\n".encode())
        status = int(all_of(client).split(b" ", 2)[1])
    assert 400 <= status < 502


def test_a_request_hidden_in_another_is_not_followed(port: int) -> None:
    """Two lengths, or a length and chunks: a proxy and the service would not see the same requests."""
    for told in ("Content-Length: 4\r\nContent-Length: 40", "Content-Length: 4\r\nTransfer-Encoding: chunked"):
        with connection(port) as client:
            client.sendall(
                f"POST /recit HTTP/1.1\r\nHost: a\r\n{told}\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n".encode()
            )
            answered = all_of(client)
        assert b"HTTP/1.1 200 " not in answered, told


@pytest.mark.parametrize("length", ["", "Content-Length: 4\r\n"])
def test_a_body_in_chunks_is_refused(port: int, length: str) -> None:
    """Beside a length that says four bytes too: the chunks may be as many as one likes."""
    with connection(port) as client:
        client.sendall(
            f"POST /recit HTTP/1.1\r\nHost: a\r\n{length}Transfer-Encoding: chunked\r\n\r\n4\r\ntext\r\n".encode()
        )
        assert all_of(client).startswith(b"HTTP/1.1 413 ")
