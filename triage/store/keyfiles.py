"""Changing the wrapping keys: the files, each step in one move, so that a rotation cut anywhere can be run again.

`next.key` is the key to come: it opens and closes nothing yet. Put in front of `store.keys`, it closes; the others
still open. Those that nothing needs any more are taken out, a while after.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from cryptography.fernet import Fernet

from triage.store.keys import JOURNAL, NEXT, STORE, KeyRingError, mark_of

# What was sealed before the new key came to the front is in the store by then, or will never be.
SETTLED = timedelta(minutes=10)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One rotation at a time. Raises KeyRingError when another one goes on."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise KeyRingError(f"Le dossier des clés {folder} ne peut être lu : {error.strerror}.") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise KeyRingError("Un autre « triage keys rotate » travaille déjà : attendez sa fin.") from None
    finally:
        os.close(descriptor)


def prepare(folder: Path) -> str:
    """Makes the key to come, unless it is there already; what it is called by. Raises KeyRingError."""
    with _told(folder):
        if not _keys(folder / NEXT):
            _write(folder / NEXT, [Fernet.generate_key().decode()])
        return mark_of(_keys(folder / NEXT)[0])


def put_in_front(folder: Path) -> str:
    """The key to come closes from now on; what it is called by. Raises KeyRingError."""
    mark = prepare(folder)
    with _told(folder):
        key, others = _keys(folder / NEXT)[0], _keys(folder / STORE)
        if others[0] != key:  # else a rotation was cut between the two files
            _write(folder / STORE, [key, *others])
        (folder / NEXT).unlink()
        _settle(folder)
    return mark


def settled_in(folder: Path) -> float:
    """How many seconds are left before old keys may be taken out; 0 when they may."""
    changed = (folder / STORE).stat().st_mtime
    return max(0.0, SETTLED.total_seconds() - abs(time.time() - changed))


def retire(folder: Path, journal: Collection[str]) -> list[str]:
    """Takes all keys but the first out of use; what they were called by. Raises KeyRingError.

    Those of `journal` still open the reasons in the audit, and nothing else.
    """
    with _told(folder):
        first, *old = _keys(folder / STORE)
        kept = _keys(folder / JOURNAL)
        needed = [key for key in old if mark_of(key) in journal and key not in kept]
        if needed:
            _write(folder / JOURNAL, [*kept, *needed])
        if old:
            _write(folder / STORE, [first])
    return [mark_of(key) for key in old]


def _keys(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def _write(path: Path, keys: Sequence[str]) -> None:
    """The keys in the file, in one step, on the disk when this returns; readable by their owner only."""
    scratch = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write("".join(f"{key}\n" for key in keys))
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
        _settle(path.parent)
    finally:
        scratch.unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """The names in the folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise KeyRingError(f"Les clés de {folder} ne peuvent être changées : {error.strerror}.") from None
