"""The machine that is mistreated: a small disk that gets full, a wall clock that jumps."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

_CLOCK = Path(__file__).with_name("clock.c")


class Disk:
    """A folder on a file system of its own; `small` unless it could not be mounted."""

    def __init__(self, folder: Path, small: bool) -> None:
        self.folder, self.small = folder, small
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leaves no room at all."""
        with self._ballast.open("wb") as file:
            room = os.statvfs(self.folder)
            while room.f_bavail:
                try:
                    os.posix_fallocate(file.fileno(), file.tell(), room.f_bavail * room.f_frsize)
                    file.seek(0, os.SEEK_END)
                except OSError:  # somebody else took the rest meanwhile
                    pass
                room = os.statvfs(self.folder)

    def free(self) -> None:
        """As before."""
        self._ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(megabytes: int) -> Iterator[Disk]:
    """A short path, for sockets have to fit in it, that others may pass through."""
    folder = Path(mkdtemp(prefix="torture-"))
    options = f"size={megabytes}m,mode=755"
    mounted = (
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True).returncode == 0
    )
    folder.chmod(0o755)
    try:
        yield Disk(folder, mounted)
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", folder], check=True)
        shutil.rmtree(folder, ignore_errors=True)


class Clock:
    """The wall clock of the processes that are started with `environment`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self._library = folder / "clock.so"
        self.works = False
        if compiler := shutil.which("cc"):
            command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(self._library), str(_CLOCK)]
            self.works = subprocess.run(command, capture_output=True).returncode == 0
        self.jump(0)

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process read this clock."""
        return {"LD_PRELOAD": str(self._library), "TORTURE_CLOCK": str(self._file)} if self.works else {}

    def jump(self, seconds: int) -> None:
        """So far from the true time, from now on."""
        with self._file.open("r+b" if self._file.exists() else "wb") as file:
            file.write(struct.pack("q", seconds))
