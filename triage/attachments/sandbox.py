"""Reads a file that may be hostile in a process of its own, with limits on memory, processor and time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress

from triage.attachments import wire
from triage.attachments.child import REFUSED
from triage.attachments.model import Kind, Reading
from triage.attachments.sniffing import sniff
from triage.errors import IntakeError
from triage.scratch import scratch
from triage.settings import Settings

__all__ = ["MEMORY", "SECONDS", "read_safely", "run_limited", "sniff"]

SECONDS = 30.0
MEMORY = 2**30  # bytes of address space, libraries included
NOT_READ = "Ce fichier n'a pas pu être lu automatiquement. L'original est conservé tel quel."
TOO_LONG = "La lecture de ce fichier prenait trop de temps : elle a été arrêtée. L'original est conservé tel quel."
_KEPT = ("PATH", "TESSDATA_PREFIX", "SYSTEMROOT")  # what the child may know of the environment


def read_safely(name: str, content: bytes, *, seconds: float = SECONDS, memory: int = MEMORY) -> Reading:
    """What `read` finds, or a reading without text and with a note when the reader crashed, hung or swelled.

    Raises IntakeError when the file is refused.
    """
    media_type, kind = sniff(content)
    if kind == "comments":
        return Reading(media_type, kind, "")
    return _ended(media_type, kind, *run_limited("triage.attachments", content, seconds, memory))


def run_limited(module: str, content: bytes, seconds: float, memory: int) -> tuple[int | None, bytes]:
    """Runs `module` on `content`, within limits: how it ended (None when it was stopped) and what it wrote."""
    with scratch() as folder:
        return _run(module, content, seconds, memory, str(folder))


def _run(module: str, content: bytes, seconds: float, memory: int, folder: str) -> tuple[int | None, bytes]:
    command = [sys.executable, "-I", "-m", module, str(memory), str(max(1, round(seconds)))]
    with subprocess.Popen(  # noqa: S603 (our own interpreter; the content goes through the input)
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(folder),
        cwd=folder,
        start_new_session=True,
    ) as child:
        try:
            written, _ = child.communicate(content, timeout=seconds)
        except subprocess.TimeoutExpired:
            return None, b""
        finally:
            if child.returncode not in (0, REFUSED):
                _stop(child.pid)
        return child.returncode, written


def _environment(folder: str) -> dict[str, str]:
    """One thread everywhere, and a folder of its own that is emptied afterwards: nothing read stays on the disk."""
    threads = {"OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    rules = str(Settings().rules.absolute())  # told alone: the file of settings may hold secrets
    return {**kept, **threads, "TRIAGE_RULES": rules, "TMPDIR": folder, "HOME": folder, "LANG": "C.UTF-8"}


def _stop(pid: int) -> None:
    """Ends the child and all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _ended(media_type: str, kind: Kind, code: int | None, written: bytes) -> Reading:
    if code is None:
        return Reading(media_type, kind, "", notes=(TOO_LONG,))
    if code == REFUSED:
        raise IntakeError(written.decode("utf-8", "replace"))
    try:
        return wire.loads(written)
    except (ValueError, KeyError, TypeError):
        return Reading(media_type, kind, "", notes=(NOT_READ,))
