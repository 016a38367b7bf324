"""What the service's own keys close in the store, written and read on a connection that knows where they are."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Connection

from triage.store.keys import KeyRing, Wrapping

OPTION = "ring"  # an option of the connections of a store (`Database`): what gives the keys
_MOST = 4_096  # names that a process keeps opened


def seal(connection: Connection, text: str) -> bytes:
    """`text`, closed with the key in use. Raises KeyRingError."""
    return _ring(connection).wrapping.seal(text.encode())


def opened(connection: Connection, sealed: bytes | None) -> str:
    """What was closed; empty for nothing. Raises KeyRingError."""
    return _opened(_ring(connection).wrapping, sealed) if sealed else ""


def key_of(connection: Connection, login: str) -> str:
    """By what an account is found whose address is sealed: 64 hexadecimal digits that tell nothing without the keys."""
    return _ring(connection).digest("login", login.strip().lower()).hex()


def _ring(connection: Connection) -> KeyRing:
    ring: KeyRing = connection.get_execution_options()[OPTION]()
    return ring


@lru_cache(_MOST)
def _opened(wrapping: Wrapping, sealed: bytes) -> str:
    return wrapping.open(sealed).decode()
