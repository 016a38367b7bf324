"""A backup that an older version made, brought to this one in a file of its own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from triage.store.database import Database
from triage.store.keys import KeyRing


def brought_up(store: Path, path: Path, revision: str, ring: KeyRing) -> Path:
    """The file `store` of a backup, of the version `revision`, as this version has it, in `path`. Raises StoreError."""
    made = Database(f"sqlite:///{path}")
    made.upgrade(revision)
    made.close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("ATTACH DATABASE ? AS kept", (str(store),))
        for (name,) in raw.execute("SELECT name FROM kept.sqlite_master WHERE type = 'table'").fetchall():
            columns = ", ".join(f'"{column[1]}"' for column in raw.execute(f'PRAGMA kept.table_info("{name}")'))
            if name == "audit_head":  # the migrations wrote its first line
                raw.execute("DELETE FROM main.audit_head")
            raw.execute(f'INSERT INTO main."{name}" ({columns}) SELECT {columns} FROM kept."{name}"')  # noqa: S608
        raw.commit()
    made = Database(f"sqlite:///{path}", lambda: ring)
    made.upgrade()
    made.clear_journal()
    made.close()
    return path
