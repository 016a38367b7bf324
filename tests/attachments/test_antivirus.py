"""The antivirus is asked as clamd wants to be, and its silence is an error."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from triage.attachments.antivirus import ScannerError, scan


class Clamd(socketserver.StreamRequestHandler):
    """Answers as clamd does; files that contain « EICAR » are bad, « BIG » ones too long."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\x00"
        content = b""
        while size := struct.unpack("!I", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
        answer = b"stream: Eicar-Signature FOUND" if b"EICAR" in content else b"stream: OK"
        answer = b"INSTREAM size limit exceeded. ERROR" if b"BIG" in content else answer
        self.wfile.write(b"" if b"SILENT" in content else answer + b"\x00")


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(params=["réseau", "fichier"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "réseau":
        server: socketserver.BaseServer = socketserver.TCPServer(("127.0.0.1", 0), Clamd)
        where = f"127.0.0.1:{server.server_address[1]}"
    else:
        server = socketserver.UnixStreamServer(str(tmp_path / "clamd"), Clamd)
        where = f"unix:{tmp_path / 'clamd'}"
    with serving(server):
        yield where


def test_a_clean_file(address: str) -> None:
    assert scan(b"", address) is None
    assert scan(b"bonjour" * 30_000, address) is None


def test_a_bad_file_gives_its_name(address: str) -> None:
    assert scan(b"x" * 70_000 + b"EICAR", address) == "Eicar-Signature"


@pytest.mark.parametrize("content", [b"BIG", b"SILENT"])
def test_no_verdict_is_an_error(address: str, content: bytes) -> None:
    with pytest.raises(ScannerError, match="antivirus"):
        scan(content, address)


@pytest.mark.parametrize("where", ["127.0.0.1:1", "unix:/nowhere/clamd", "clamd", "", "127.0.0.1:x", "127.0.0.1:99999"])
def test_an_antivirus_that_cannot_be_reached_is_an_error(where: str) -> None:
    with pytest.raises(ScannerError, match="antivirus"):
        scan(b"bonjour", where)
