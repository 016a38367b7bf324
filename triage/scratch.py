"""Private folders for what cannot be handed over otherwise: in memory where the system allows, emptied in any case."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMORY = "/dev/shm"  # noqa: S108 (a private folder is made in it)
_PREFIX = "triage-"


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that nobody else reads and that goes at the end; its name tells the process that made it."""
    prefix = f"{_PREFIX}{os.getpid()}-"
    with tempfile.TemporaryDirectory(prefix=prefix, dir=_in_memory(), ignore_cleanup_errors=True) as name:
        yield Path(name)


def sweep() -> None:
    """Removes the folders of processes that were killed."""
    for left in Path(_in_memory() or tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        pid = left.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdecimal() and left.stat().st_uid == os.getuid() and not _runs(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


def _in_memory() -> str | None:
    """A place that is on no disk, if there is one."""
    return _MEMORY if os.access(_MEMORY, os.W_OK) else None


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
