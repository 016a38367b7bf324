"""A PostgreSQL server of one's own, to be killed without a thought for anybody else."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg

from tests.cli.serving import PATIENCE
from tests.web.serving import missing

_LIKE_ANY = (
    "listen_addresses=",
    "shared_buffers=32MB",
    "max_wal_size=64MB",
    "min_wal_size=5MB",
    "restart_after_crash=on",
)


def binaries() -> Path:
    """Where the server is; skips the test loudly where it is not."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        missing("Le serveur PostgreSQL est absent", "installez le paquet « postgresql »")
    return found[-1].parent


class Cluster:
    """A server on a socket in `folder`. Durable as PostgreSQL is by default; only its sizes are small."""

    def __init__(self, folder: Path, logs: Path) -> None:
        self._binaries, self._data = binaries(), folder / "postgresql"
        self._owner: dict[str, Any] = {}
        if os.geteuid() == 0:  # the server refuses to run as root
            owner = pwd.getpwnam("postgres")
            self._owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        self._data.mkdir()
        if self._owner:
            shutil.chown(self._data, "postgres", "postgres")
        made: list[str | Path] = [
            self._binaries / "initdb",
            "-D",
            self._data,
            "-U",
            "postgres",
            "--auth=trust",
            "--wal-segsize=1",
        ]
        subprocess.run(made, check=True, capture_output=True, cwd="/", **self._owner)
        self._log = logs / "postgresql.txt"

    @property
    def address(self) -> str:
        """The store's address, once it is made."""
        return f"postgresql+psycopg://postgres@/triage?host={self._data}"

    def start(self) -> subprocess.Popen[bytes]:
        """The server, told no more than an operator tells it."""
        options = [word for setting in _LIKE_ANY for word in ("-c", setting)]
        command: list[str | Path] = [self._binaries / "postgres", "-D", self._data, "-k", self._data, *options]
        with self._log.open("ab") as log:
            return subprocess.Popen(command, cwd="/", stdout=log, stderr=log, **self._owner)

    def make_store(self) -> None:
        """The database, and what lets `triage db check` look into its indexes."""
        until = time.monotonic() + PATIENCE
        while subprocess.run([self._binaries / "pg_isready", "-q", "-h", self._data], cwd="/").returncode:
            assert time.monotonic() < until, self._log.read_text()
            time.sleep(0.1)
        for name, command in (("postgres", "CREATE DATABASE triage"), ("triage", "CREATE EXTENSION amcheck")):
            with psycopg.connect(f"host={self._data} user=postgres dbname={name}", autocommit=True) as connection:
                connection.execute(command)
