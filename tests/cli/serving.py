"""`triage serve` as an operator starts it, its listening socket kept by somebody else where there is one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from tests.conftest import ROOT

PATIENCE = 300.0  # seconds: a loaded machine starts an engine slowly
# What systemd does before it runs a service: the socket is descriptor 3, and the environment says so.
_PASSED = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3);"
    "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()));"
    "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
)


class Guichet:
    """One process (and those that it starts), where it answers and what it writes."""

    verb = "serve"

    def __init__(self, data: Path, *words: str, kept: socket.socket | None = None, **environment: str) -> None:
        self.errors = data / f"errors-{time.monotonic_ns()}.txt"
        command = ["-m", "triage", self.verb, *words]
        if kept:
            command = ["-c", _PASSED, str(kept.fileno()), *command]
        with self.errors.open("wb") as written:
            self.process = subprocess.Popen(
                [sys.executable, *command],
                stdout=subprocess.PIPE,
                stderr=written,
                text=True,
                cwd=ROOT,
                pass_fds=(kept.fileno(),) if kept else (),
                env={**os.environ, "TRIAGE_DATA": str(data), "TRIAGE_PER_MINUTE": "1000000", **environment},
            )

    def open(self) -> str:
        """Its address, once it answers there."""
        assert self.process.stdout is not None
        address = self.process.stdout.readline().partition(" : ")[2].split()[0]
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                if httpx.get(f"{address}readyz", timeout=PATIENCE).status_code == 200:
                    return address
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError(self.errors.read_text(encoding="utf-8"))

    def stop(self) -> int:
        """Tells it to end, as an operator does, and waits; its code."""
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def __enter__(self) -> Guichet:
        return self

    def __exit__(self, *_: Any) -> None:
        self.process.kill()
        with self.process:  # waited for, and its pipe closed
            pass


class WorkerAlone(Guichet):
    """`triage worker` by itself, which answers nobody."""

    verb = "worker"
