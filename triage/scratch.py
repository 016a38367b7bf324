"""Private folders for what cannot be handed over otherwise: in memory where the system allows, emptied in any case."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMORY = "/dev/shm"  # noqa: S108 (a private folder is made in it)
_PREFIX, _BEING_MADE = "triage-scratch-", ".triage-scratch-"


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that nobody else reads and that goes at the end. It is locked for as long as it is of use.

    The lock says that somebody works there, in whatever container, to whoever sweeps; it has it before its name.
    """
    made = Path(tempfile.mkdtemp(prefix=_BEING_MADE, dir=_in_memory()))
    folder = made.with_name(made.name.removeprefix("."))
    descriptor = os.open(made, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        made.rename(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def sweep() -> None:
    """Removes the folders of processes that were killed."""
    for left in Path(_in_memory() or tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if _of_nobody(left):
            shutil.rmtree(left, ignore_errors=True)


def _in_memory() -> str | None:
    """A place that is on no disk, if there is one."""
    return _MEMORY if os.access(_MEMORY, os.W_OK) else None


def _of_nobody(folder: Path) -> bool:
    """Whether a folder is ours and nobody works there any more."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(descriptor).st_uid == os.getuid()
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
