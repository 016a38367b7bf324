"""Gathers every wheel that the service needs, ours included, in a folder that installs without any network.

The versions and digests of `requirements-serve.lock` are checked while they are fetched; what only exists as sources is
built. `requirements.txt`, in the folder, then carries the digests of the very files that are there.
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from packaging.utils import parse_wheel_filename

HOME = Path(__file__).parent.parent
NOTICES = HOME / "deploy" / "wheelhouse"


class WheelhouseError(Exception):
    """The folder cannot be made; the message is French and says how to mend it."""


def gather(wheel: Path, lock: Path, folder: Path) -> str:
    """Makes `folder` anew out of `wheel` and of what `lock` pins. Raises WheelhouseError."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    fetched = subprocess.run(  # noqa: S603 (our own command)
        [*command, "--require-hashes", "--no-deps", "--requirement", str(lock), "--wheel-dir", str(folder)],
        check=False,
    )
    if fetched.returncode:
        raise WheelhouseError(f"Les paquets de {lock.name} n'ont pas pu être réunis : pip dit pourquoi ci-dessus.")
    shutil.copy(wheel, folder)
    for notice in NOTICES.iterdir():
        shutil.copy(notice, folder)
    (folder / "requirements.txt").write_text(pinned(folder), "utf-8")
    (folder / "made-for").write_text(made_for() + "\n", "utf-8")
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    return f"{len(list(folder.glob('*.whl')))} paquets, {size:.0f} Mo, dans {folder}, pour {made_for()}."


def pinned(folder: Path) -> str:
    """Every wheel of `folder`, with its digest, as pip reads it."""
    lines = []
    for path in sorted(folder.glob("*.whl")):
        name, version, _, _ = parse_wheel_filename(path.name)
        lines.append(f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n")
    return "".join(lines)


def made_for() -> str:
    """The Python and the machine that these wheels are for; `install` compares its own."""
    return f"Python {sys.version_info[0]}.{sys.version_info[1]} {platform.system()} {platform.machine()}"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Réunit de quoi installer le service sans réseau.")
    parser.add_argument("wheel", type=Path, help="notre paquet, fait par « make wheel »")
    parser.add_argument("--lock", type=Path, default=HOME / "requirements-serve.lock")
    parser.add_argument("--folder", type=Path, default=HOME / "dist" / "wheelhouse")
    told = parser.parse_args()
    try:
        sys.stdout.write(gather(told.wheel, told.lock, told.folder) + "\n")
    except (OSError, WheelhouseError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
