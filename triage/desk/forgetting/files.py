"""Files beside the store that are not kept for ever: decisions of the workshop, rules and environments of the past."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, func, select

from triage.desk.forgetting.policy import Retention
from triage.store.desk_tables import DECISIONS
from triage.store.tables import ASSESSMENTS, CASES

_CACHES = ("impact", "analysis")
_ARCHIVES = {"rules": ".zip", "environments": ".txt"}
FILES = ("caches", "archives")


@dataclass(frozen=True)
class Beside:
    """What stands beside the store on this machine: the folder of all that is written, and the model on trial."""

    data: Path
    tried: str = ""


def old(connection: Connection, policy: Retention, name: str, beside: Beside, now: datetime, rules: str) -> list[Path]:
    """The files that go under a name of the policy. `rules`: the digest of those that serve, which stay."""
    since = now - policy.other(name).time
    if name == "caches":
        erased: datetime | None = connection.scalar(
            select(func.max(CASES.c.changed_at)).where(CASES.c.state == "erased")
        )
        # Some may be of stored cases: all of them go once one was erased.
        return [path for path in _caches(beside.data) if _made(path) <= max(since, erased or since)]
    used = _used(connection) | {rules}
    return [path for path in _archives(beside.data, used) if _made(path) <= since]


def remove(paths: Collection[Path]) -> int:
    """Deletes them; how many."""
    for path in paths:
        path.unlink(missing_ok=True)
    return len(paths)


def _caches(data: Path) -> Iterator[Path]:
    for name in _CACHES:
        yield from sorted((data / "cache" / name).glob("*.parquet*"))


def _archives(data: Path, used: Collection[str]) -> Iterator[Path]:
    for name, suffix in _ARCHIVES.items():
        yield from (path for path in sorted((data / "archive" / name).glob(f"*{suffix}")) if path.stem not in used)


def _used(connection: Connection) -> set[str]:
    """The rules and environments that something kept was made with."""
    columns = (ASSESSMENTS.c.rules, ASSESSMENTS.c.environment, DECISIONS.c.rules)
    return {one for column in columns for one in connection.scalars(select(column).distinct()) if one}


def _made(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
