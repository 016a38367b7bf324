"""Evidence in the store: the original untouched and sealed, what was read in it, the sorting of exports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, func, insert, select, update

from triage.store.cases import new_id
from triage.store.keys import Sealer
from triage.store.records import ExhibitState, Read
from triage.store.tables import COMMENT_RUNS, CONTENTS, EXHIBITS

# A file that made its reader fail that often is left unread: it is kept all the same.
MOST_TRIES = 5
_IN_FRONT = 2  # tries after which it no longer goes before the others
EXPORT = "comments"  # the kind of an export of comments, sorted apart


@dataclass(frozen=True)
class Pending:
    """An exhibit that waits to be read."""

    exhibit_id: str
    case_id: str
    kind: str


def add(
    connection: Connection,
    sealer: Sealer,
    case_id: str,
    content: bytes,
    about: Read,
    found: tuple[str, str],
    now: datetime,
) -> str:
    """Keeps a file, to be read later; its id. `found` is its media type and kind, by content."""
    exhibit_id = new_id()
    last = connection.scalar(select(func.max(EXHIBITS.c.number)).where(EXHIBITS.c.case_id == case_id)) or 0
    row = {"number": last + 1, "received_at": now, "media_type": found[0], "kind": found[1], "size": len(content)}
    sealed = sealer.seal(about.model_dump_json().encode())
    connection.execute(
        insert(EXHIBITS).values(id=exhibit_id, case_id=case_id, state="pending", tries=0, about=sealed, **row)
    )
    connection.execute(insert(CONTENTS).values(exhibit_id=exhibit_id, original=sealer.seal(content)))
    return exhibit_id


def total_size(connection: Connection, case_id: str) -> int:
    """How much the case holds, in bytes."""
    return int(connection.scalar(select(func.sum(EXHIBITS.c.size)).where(EXHIBITS.c.case_id == case_id)) or 0)


def original(connection: Connection, sealer: Sealer, exhibit_id: str) -> bytes:
    """The file as it was received."""
    sealed = connection.scalar(select(CONTENTS.c.original).where(CONTENTS.c.exhibit_id == exhibit_id))
    return sealer.open(sealed) if sealed else b""


def preview(connection: Connection, sealer: Sealer, exhibit_id: str) -> bytes | None:
    """The image to display, re-encoded, if there is one."""
    sealed = connection.scalar(select(CONTENTS.c.preview).where(CONTENTS.c.exhibit_id == exhibit_id))
    return sealer.open(sealed) if sealed else None


def pending(connection: Connection, exports: bool | None = None, limit: int = 50) -> list[Pending]:
    """The exhibits that wait to be read, the oldest first; only `exports` of comments, or none of these.

    One that was being read at two kills of the worker goes behind the others: the next kill finds another one.
    """
    waits = (EXHIBITS.c.state == "pending") & (EXHIBITS.c.tries < MOST_TRIES)
    if exports is not None:
        waits &= (EXHIBITS.c.kind == EXPORT) == exports
    behind = case((EXHIBITS.c.tries < _IN_FRONT, 0), else_=EXHIBITS.c.tries)
    columns = select(EXHIBITS.c.id, EXHIBITS.c.case_id, EXHIBITS.c.kind)
    rows = connection.execute(columns.where(waits).order_by(behind, EXHIBITS.c.received_at).limit(limit))
    return [Pending(row.id, row.case_id, row.kind) for row in rows]


def try_once(connection: Connection, exhibit_id: str) -> None:
    """Counts a try, before it is made: a file that kills its reader is not tried for ever."""
    connection.execute(update(EXHIBITS).where(EXHIBITS.c.id == exhibit_id).values(tries=EXHIBITS.c.tries + 1))


def try_anew(connection: Connection, exhibit_id: str) -> None:
    """Forgets the tries made: this one gets on."""
    connection.execute(update(EXHIBITS).where(EXHIBITS.c.id == exhibit_id).values(tries=0))


def give_up(connection: Connection) -> None:
    """The exhibits tried too often are unread for good."""
    tired = (EXHIBITS.c.state == "pending") & (EXHIBITS.c.tries >= MOST_TRIES)
    connection.execute(update(EXHIBITS).where(tired).values(state="unread"))


def settle(
    connection: Connection, sealer: Sealer, exhibit_id: str, state: ExhibitState, about: Read, shown: bytes | None
) -> None:
    """Keeps what was read, and the image to display."""
    sealed = sealer.seal(about.model_dump_json().encode())
    connection.execute(update(EXHIBITS).where(EXHIBITS.c.id == exhibit_id).values(state=state, about=sealed))
    if shown is not None:
        connection.execute(
            update(CONTENTS).where(CONTENTS.c.exhibit_id == exhibit_id).values(preview=sealer.seal(shown))
        )


def save_run(
    connection: Connection, sealer: Sealer, exhibit_id: str, position: int, total: int, progress: Mapping[str, Any]
) -> None:
    """Keeps how far the sorting of an export is."""
    sealed = sealer.seal(json.dumps(progress, ensure_ascii=False).encode())
    values = {"position": position, "total": total, "done": position >= total, "progress": sealed}
    where = COMMENT_RUNS.c.exhibit_id == exhibit_id
    if connection.execute(update(COMMENT_RUNS).where(where).values(**values)).rowcount == 0:
        connection.execute(insert(COMMENT_RUNS).values(exhibit_id=exhibit_id, **values))


def drop_original(connection: Connection, sealer: Sealer, exhibit_id: str, kept: bytes) -> None:
    """Replaces an export by what is kept of it: harmless comments are not kept."""
    connection.execute(
        update(CONTENTS).where(CONTENTS.c.exhibit_id == exhibit_id).values(original=sealer.seal(kept), preview=None)
    )
