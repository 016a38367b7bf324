"""What is delivered, made once for all the tests of a session: the wheel, the wheelhouse, and both installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from tests.conftest import ROOT
from tests.web.serving import missing

# The Python of the system: services see neither /root nor /home.
PYTHON = "/usr/bin/python3"
PREFIX = Path("/opt")


def checkout(target: Path) -> Path:
    """A clone of this repository at `target`, with what is changed here and not committed."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(target)], check=True)
    for name in _listed("--modified", "--others", "--exclude-standard"):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
        else:
            (target / name).unlink(missing_ok=True)
    shutil.copytree(ROOT / "triage/web/static/vendor", target / "triage/web/static/vendor", dirs_exist_ok=True)
    return target


def _listed(*which: str) -> list[str]:
    told = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", *which], capture_output=True, text=True, check=True
    )
    return [name for name in told.stdout.split("\0") if name]


def built(folder: Path, epoch: int, umask: int = 0o022) -> Path:
    """The wheel of the checkout `folder`."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", "dist"],
        cwd=folder,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch)},
        umask=umask,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


def _once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first of the test processes makes, and the others use."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    folder, made = shared / name, shared / f"{name}.made"
    with FileLock(shared / f"{name}.lock"):
        if not made.exists():
            make(folder)
            made.touch()
    return folder


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What goes to a closed network."""

    def make(folder: Path) -> None:
        wheel = built(checkout(folder.with_name("delivered")), 1_700_000_000)
        command = [sys.executable, "scripts/wheelhouse.py", str(wheel), "--folder", str(folder)]
        subprocess.run(command, cwd=ROOT, check=True, stderr=subprocess.DEVNULL)

    return _once(tmp_path_factory, "wheelhouse", make)


def elsewhere(folder: Path, *command: str, **options: object) -> subprocess.Popen[bytes]:
    """Starts `command` on a machine that has `folder` for /opt and no network at all."""
    setup = f'mount --bind "$0" {PREFIX} && ip link set lo up; exec "$@"'
    whole = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", setup]
    return subprocess.Popen([*whole, str(folder), *command], **options)  # type: ignore[call-overload, no-any-return]


@pytest.fixture(scope="session")
def installed(wheelhouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds, for /opt/triage, what `install` made of the wheelhouse without any network."""
    if subprocess.run(["unshare", "--mount", "--net", "true"], capture_output=True).returncode:
        missing("Machine sans espaces de noms", "lancez ces tests en administrateur")

    def make(folder: Path) -> None:
        folder.mkdir()
        bare = {"PATH": os.environ["PATH"], "PYTHON": PYTHON, "PIP_NO_COMPILE": "1", "LANG": "C.UTF-8"}
        done = elsewhere(folder, "sh", str(wheelhouse / "install"), env=bare, cwd=folder)
        assert done.wait() == 0

    return _once(tmp_path_factory, "opt", make)


def told(path: Path) -> dict[str, object]:
    """What `visiting` wrote."""
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return found
