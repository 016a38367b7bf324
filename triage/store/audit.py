"""The audit: who did what, when, to which case. It only grows, and each line's keyed digest covers the one before it.

Whoever can write to the store but does not hold the keys cannot change a line, take one out, move one or forge one
unseen. Lines taken from the end are seen by comparing with a last line noted elsewhere (see store/anchor).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, text, update

from triage.store.keys import KeyRing
from triage.store.people_tables import AUDIT, AUDIT_HEAD

NOTHING = bytes(32)
_BATCH = 5_000


@dataclass(frozen=True)
class Entry:
    """A line. `about` holds ids and closed values only; `why` is sealed with the case's key, and goes with it."""

    at: datetime
    who: str
    role: str
    what: str
    case_id: str = ""
    about: str = ""
    why: bytes | None = None


@dataclass(frozen=True)
class Head:
    """The last line: its number, from 1, and its digest."""

    seq: int
    digest: bytes

    def __str__(self) -> str:
        return f"{self.seq}:{self.digest.hex()}"


def append(connection: Connection, ring: KeyRing, entry: Entry) -> Head:
    """Adds a line. To be done last in a transaction: others that add one wait until it ends."""
    last = connection.execute(select(AUDIT_HEAD).where(AUDIT_HEAD.c.id == 1).with_for_update()).one()
    head = Head(last.seq + 1, _digest(ring, last.digest, last.seq + 1, entry))
    connection.execute(insert(AUDIT).values(seq=head.seq, digest=head.digest, **vars(entry)))
    connection.execute(update(AUDIT_HEAD).where(AUDIT_HEAD.c.id == 1).values(seq=head.seq, digest=head.digest))
    return head


def head(connection: Connection) -> Head:
    """The last line."""
    row = connection.execute(select(AUDIT_HEAD).where(AUDIT_HEAD.c.id == 1)).one()
    return Head(row.seq, row.digest)


def freeze(connection: Connection) -> None:
    """Lines added while others are read are not seen. To be done first in a transaction that checks the audit."""
    if connection.dialect.name == "postgresql":  # SQLite always reads one state
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))


def faults(connection: Connection, ring: KeyRing, anchors: Iterable[Head] = ()) -> Iterator[str]:
    """What is wrong with the audit, line by line; nothing when it is whole.

    `anchors` are last lines noted earlier, outside the store: what came until then must still be there.
    """
    yield from _chain(connection, ring, Head(0, NOTHING))
    for one in anchors:
        yield from _moved(connection, one)


def faults_since(connection: Connection, ring: KeyRing, anchor: Head) -> Iterator[str]:
    """The same, of the lines after `anchor` only: until then the audit was found whole."""
    yield from _moved(connection, anchor)
    yield from _chain(connection, ring, anchor)


def _moved(connection: Connection, anchor: Head) -> Iterator[str]:
    """Whether a line that was noted is still there."""
    found = connection.scalar(select(AUDIT.c.digest).where(AUDIT.c.seq == anchor.seq))
    if anchor.seq and found is None:
        last = connection.scalar(select(func.max(AUDIT.c.seq))) or 0
        yield _missing(min(last + 1, anchor.seq), anchor.seq)
    elif anchor.seq and found != anchor.digest:
        yield f"ligne {anchor.seq} : ce n'est plus celle qui avait été relevée"


def _chain(connection: Connection, ring: KeyRing, start: Head) -> Iterator[str]:
    previous, seen = start.digest, start.seq
    for row in _rows(connection, start.seq):
        if row.seq != seen + 1:
            yield _missing(seen + 1, row.seq - 1)
        if _digest(ring, previous, row.seq, _entry(row)) != row.digest:
            yield f"ligne {row.seq} : modifiée ou fausse, ou la ligne qui la précédait a été changée"
        previous, seen = row.digest, row.seq
    last = head(connection)
    if last.seq != seen:
        yield f"fin du journal : la dernière ligne annoncée est la {last.seq}, la dernière trouvée la {seen}"
    elif last.digest != previous:
        yield f"fin du journal : l'empreinte annoncée n'est pas celle de la ligne {seen}"


def _missing(first: int, last: int) -> str:
    return f"ligne {first} : disparue" if first == last else f"lignes {first} à {last} : disparues"


def _rows(connection: Connection, after: int) -> Iterator[Row[Any]]:
    """The lines after a number, a page at a time: the audit may be longer than memory."""
    while rows := connection.execute(
        select(AUDIT).where(AUDIT.c.seq > after).order_by(AUDIT.c.seq).limit(_BATCH)
    ).all():
        yield from rows
        after = rows[-1].seq


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.at, row.who, row.role, row.what, row.case_id, row.about, row.why)


def _digest(ring: KeyRing, previous: bytes, seq: int, entry: Entry) -> bytes:
    """Of every column, the moment to the microsecond; no reason is not an empty reason."""
    moment = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    why = (b"",) if entry.why is None else (b"why", entry.why)
    parts = (str(seq), moment, entry.who, entry.role, entry.what, entry.case_id, entry.about, *why)
    return ring.digest("audit", previous, *parts)
