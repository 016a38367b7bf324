"""The worker that `triage serve` keeps beside itself."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from types import TracebackType

_PAUSE = 2.0  # seconds before it is started again
_MORE = 5.0  # seconds beyond those that it gives its own jobs to end


class Worker:
    """A `triage worker`, started again when it ends, told to end with this one; it ends too if this one is killed."""

    def __init__(self, grace: int) -> None:
        self._grace = grace
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="worker", daemon=True)

    def __enter__(self) -> Worker:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if self._process:
            self._process.terminate()
        self._thread.join(self._grace + _MORE)
        if self._process and self._thread.is_alive():
            self._process.kill()

    def _keep(self) -> None:
        command = [sys.executable, "-m", "triage", "worker", "--follow", str(os.getpid())]
        while not self._stopping.is_set():
            self._process = subprocess.Popen(command)  # noqa: S603 (our own command)
            if self._stopping.is_set():
                self._process.terminate()
            self._process.wait()
            self._stopping.wait(_PAUSE)
