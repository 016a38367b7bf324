"""The candidate that is tried beside the served model: DATA/models/shadow names it, since that file was written."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from triage.desk.journal import SYSTEM
from triage.settings import Settings
from triage.store import audit
from triage.store.database import Database
from triage.store.keys import KeyRing
from triage.store.people import Person

NAMED = "shadow"


def pointer(settings: Settings) -> Path:
    """The file that names the candidate."""
    return settings.data / "models" / NAMED


def named(settings: Settings) -> tuple[str, datetime] | None:
    """The candidate that is tried, and since when; None when none is."""
    try:
        version = pointer(settings).read_text(encoding="utf-8").strip()
        since = datetime.fromtimestamp(pointer(settings).stat().st_mtime, UTC)
    except OSError:
        return None
    return (version, since) if version else None


def give_up(database: Database, ring: KeyRing, settings: Settings, version: str, reason: str, now: datetime) -> None:
    """The worker tries `version` no more, because it fails. Raises StoreError."""
    note(database, ring, None, "model.shadow.stop", version, reason, now)
    pointer(settings).unlink(missing_ok=True)


def name(settings: Settings, version: str) -> None:
    """Names the candidate, in one step; what is assessed from now on is for it."""
    path = pointer(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{NAMED}.new")
    scratch.write_text(f"{version}\n", encoding="utf-8")
    scratch.replace(path)


def note(
    database: Database, ring: KeyRing, who: Person | None, what: str, version: str, reason: str, now: datetime
) -> None:
    """Writes the audit. The reason belongs to no case: the service's own keys seal it."""
    name, role = (who.id, who.role) if who else (SYSTEM, SYSTEM)
    entry = audit.Entry(now, name, role, what, "", version, ring.wrapping.seal(reason.encode()))
    with database.write() as connection:
        audit.append(connection, ring, entry)
