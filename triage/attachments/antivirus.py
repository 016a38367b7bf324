"""Asks a ClamAV daemon whether a file is known to be malicious."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

from triage.errors import TriageError

SECONDS = 30.0
_CHUNK = 2**16  # bytes
_MAX_ANSWER = 4_096  # bytes
_UNIX = "unix:"


class ScannerError(TriageError):
    """The antivirus cannot be reached or did not answer; the file is neither cleared nor condemned."""


def scan(content: bytes, address: str) -> str | None:
    """The name of the malware found in `content`, None when there is none.

    `address` is « host:port » or « unix:/path ». Raises ScannerError when no verdict could be had.
    """
    try:
        with _connected(address) as connection:
            for piece in _stream(content):
                connection.sendall(piece)
            answer = _answer(connection)
    except (OSError, ValueError) as error:
        raise ScannerError(f"L'antivirus ne répond pas à l'adresse « {address} » ({error}). Vérifiez-la.") from error
    return _verdict(answer)


def _connected(address: str) -> socket.socket:
    if not address.startswith(_UNIX):
        host, _, port = address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(SECONDS)
    try:
        connection.connect(address.removeprefix(_UNIX))
    except OSError:
        connection.close()
        raise
    return connection


def _stream(content: bytes) -> Iterator[bytes]:
    """`content` as the INSTREAM command wants it: pieces that each tell their size, then an empty one."""
    yield b"zINSTREAM\x00"
    for start in range(0, len(content), _CHUNK):
        piece = content[start : start + _CHUNK]
        yield struct.pack("!I", len(piece)) + piece
    yield struct.pack("!I", 0)


def _answer(connection: socket.socket) -> str:
    received = b""
    while b"\x00" not in received and len(received) < _MAX_ANSWER and (more := connection.recv(_MAX_ANSWER)):
        received += more
    return received.partition(b"\x00")[0].decode("utf-8", "replace").strip()


def _verdict(answer: str) -> str | None:
    told = answer.partition(": ")[2]
    if told == "OK":
        return None
    if told.endswith(" FOUND"):
        return told.removesuffix(" FOUND")
    raise ScannerError(f"L'antivirus n'a pas pu examiner ce fichier : « {answer} ».")
