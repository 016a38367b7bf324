"""Checks the audit, and notes its last line outside the store."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from triage.store import anchor, audit
from triage.store.audit import Head
from triage.store.database import Database
from triage.store.keys import KeyRing

_LOG = logging.getLogger(__name__)
MOST_SHOWN = 1_000


@dataclass(frozen=True)
class Checked:
    """The last line of the audit, and what is wrong with it: the first `MOST_SHOWN` faults, `more` besides."""

    head: Head
    faults: tuple[str, ...]
    more: int = 0


def check(database: Database, ring: KeyRing, *anchors: Head) -> Checked:
    """Reads the whole audit. `anchors` are last lines noted outside the store. Raises StoreError."""
    shown: list[str] = []
    more = 0
    with database.read() as connection:
        audit.freeze(connection)
        head = audit.head(connection)
        for fault in audit.faults(connection, ring, anchors):
            if len(shown) < MOST_SHOWN:
                shown.append(fault)
            else:
                more += 1
    return Checked(head, tuple(shown), more)


def advance(database: Database, ring: KeyRing, folder: Path) -> Head | None:
    """Notes the last line in the folder of the keys, once the lines since the one noted before are found whole.

    None, and the one noted before stays, when something is wrong. Raises StoreError.
    """
    try:
        before = anchor.noted(folder) or Head(0, audit.NOTHING)
        with database.read() as connection:
            audit.freeze(connection)
            wrong = next(audit.faults_since(connection, ring, before), "")
            head = audit.head(connection)
        if not wrong and head != before:
            anchor.note(folder, head)
    except (anchor.AnchorError, OSError) as error:
        wrong = str(error)
    if wrong:
        _LOG.error("the audit is not whole, « triage audit verify » says where: %s", wrong)
        return None
    return head


def note_audit(database: Database, ring: KeyRing, folder: Path) -> None:
    """The same, for the worker: what is wrong is in the log."""
    advance(database, ring, folder)
