"""Slows down whoever tries passwords, without ever slowing down a colleague where they usually work.

Failures are counted for each browser in which the account was entered before, and together for all the others:
whoever tries from elsewhere only makes elsewhere wait. An address without an account is counted just the same.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from triage.desk.office import DeskError
from triage.desk.people.registry import Registry
from triage.store.keys import KeyRing
from triage.store.people_tables import ATTEMPTS


class SlowedDownError(DeskError):
    """Too many failures: the next try has to wait."""

    def __init__(self, wait: timedelta) -> None:
        seconds = max(1, round(wait.total_seconds()))
        told = f"{seconds} secondes" if seconds < 100 else f"{-(-seconds // 60)} minutes"
        super().__init__(f"Trop d'essais n'ont pas abouti. Attendez {told}, puis recommencez.")


@dataclass(frozen=True)
class Taken:
    """A try that was let through. `slows`: the one after it will wait."""

    failures: int
    slows: bool


def entering(ring: KeyRing, login: str, browser: str) -> bytes:
    """What the tries to enter are counted under. `browser` is one where `login` entered before, or empty."""
    return ring.digest("attempts", login, browser)


def within(ring: KeyRing, person_id: str) -> bytes:
    """What the tries of somebody who has entered are counted under, when the password is asked for again."""
    return ring.digest("attempts within", person_id)


def take(registry: Registry, connection: Connection, key: bytes, now: datetime) -> Taken:
    """Counts a try as failed before it is known to be: of many at once, few pass. Raises SlowedDownError."""
    policy = registry.policy.tries
    row = _locked(connection, key, now)
    if row.until and row.until > now:
        raise SlowedDownError(row.until - now)
    old = row.at + timedelta(hours=policy.forget) <= now
    failures = 1 if old else row.failures + 1
    wait = policy.wait(failures)
    until = now + wait if wait else None
    values = {"failures": failures, "at": now, "until": until}
    connection.execute(update(ATTEMPTS).where(ATTEMPTS.c.key == key).values(**values))
    return Taken(failures, bool(wait))


def clear(connection: Connection, key: bytes) -> None:
    """The try was right: what was counted is forgotten."""
    connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.key == key))


def forget_old(registry: Registry, connection: Connection, now: datetime) -> None:
    """Deletes what no longer counts."""
    before = now - timedelta(hours=registry.policy.tries.forget)
    connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.at <= before))


def _locked(connection: Connection, key: bytes, now: datetime) -> Row[Any]:
    """The row of `key`, locked. Others may make it, or delete it, at the same time."""
    asked = select(ATTEMPTS).where(ATTEMPTS.c.key == key).with_for_update()
    while (row := connection.execute(asked).first()) is None:
        with suppress(IntegrityError), connection.begin_nested():
            connection.execute(insert(ATTEMPTS).values(key=key, failures=0, at=now))
    return row
