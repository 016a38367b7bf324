"""Services kept running, as systemd keeps them: one that ends, however it ends, is started again."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress

import psutil

Process = subprocess.Popen[str] | subprocess.Popen[bytes]
_LOOK, _PAUSE = 0.1, 0.5  # seconds; the second one is `RestartSec`, shorter


def family_of(pid: int) -> list[psutil.Process]:
    """The process and all that it started, itself first; nothing once it is gone."""
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    return []


def kill(pid: int) -> None:
    """`kill -9` on the process and on all that it started, like systemd on what is left of a service."""
    family = family_of(pid)
    for one in family:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(family[1:], timeout=30)


class Kept:
    """One service, until `end`."""

    def __init__(self, start: Callable[[], Process]) -> None:
        self._start, self._over = start, threading.Event()
        self._thread = threading.Thread(target=self._keep)
        self.process, self.ends = start(), 0
        self._thread.start()

    def named(self, word: str) -> list[int]:
        """The processes of it that were started with this word."""
        found = []
        for one in family_of(self.process.pid):
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if word in one.cmdline():
                    found.append(one.pid)
        return found

    def end(self) -> None:
        """For good."""
        self._over.set()
        self._thread.join()
        kill(self.process.pid)
        self.process.wait()

    def _keep(self) -> None:
        while not self._over.wait(_LOOK):
            if self.process.poll() is not None:
                self.ends += 1
                if self._over.wait(_PAUSE):
                    return
                self.process = self._start()
