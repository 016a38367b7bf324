"""What this service runs on, down to its own code: an answer made on the same comes out the same."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from triage import __version__

_PACKAGE = Path(__file__).parent
# What is shipped beside the code has digests and versions of its own; what is compiled comes from the code.
_NOT_CODE = ("_shipped", "__pycache__")


@cache
def lock() -> str:
    """Python, the machine, the code of triage and every installed distribution, one a line, sorted."""
    head = (
        f"python=={platform.python_version()} ({platform.python_implementation()})",
        f"machine=={platform.system()} {platform.machine()}",
        f"triage=={__version__} (code {code()})",
    )
    installed = {(one.name.lower().replace("_", "-"), one.version) for one in distributions()}
    lines = (f"{name}=={version}" for name, version in sorted(installed) if name != "triage")
    return "\n".join((*head, *lines)) + "\n"


@cache
def digest() -> str:
    """Twelve hexadecimal digits that change with any line of the lock."""
    return hashlib.sha256(lock().encode()).hexdigest()[:12]


def code(root: Path = _PACKAGE) -> str:
    """Twelve hexadecimal digits that change when any file of the code does."""
    total = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        within = path.relative_to(root)
        if path.is_file() and not set(_NOT_CODE) & set(within.parts):
            content = path.read_bytes()
            total.update(f"{within.as_posix()}\0{len(content)}\0".encode())
            total.update(content)
    return total.hexdigest()[:12]
