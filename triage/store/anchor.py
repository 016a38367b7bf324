"""The last line of the audit, noted outside the store: what came until then cannot be taken away unseen."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from triage.errors import TriageError
from triage.store.audit import Head

NAME = "audit.anchor"
_FORM = re.compile(r"\s*(\d{1,18}):([0-9a-fA-F]{64})\s*")


class AnchorError(TriageError):
    """What is given as a last line is not one."""


def parse(text: str) -> Head:
    """A last line as it is printed, « number:digest ». Raises AnchorError."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise AnchorError("Ce repère n'a pas la forme attendue : un numéro de ligne, « : », puis 64 chiffres ou a à f.")
    return Head(int(found[1]), bytes.fromhex(found[2]))


def noted(folder: Path) -> Head | None:
    """The last line noted in the folder of the keys, if one was. Raises AnchorError when the file is damaged."""
    try:
        return parse((folder / NAME).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, AnchorError):
        raise AnchorError(f"Le repère {folder / NAME} est illisible : restaurez-le d'une sauvegarde.") from None


def note(folder: Path, head: Head) -> None:
    """Notes a last line in the folder of the keys, in one step. Raises OSError."""
    scratch = folder / f"{NAME}.{secrets.token_hex(4)}"
    try:
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{head}\n")
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(folder / NAME)
    finally:
        scratch.unlink(missing_ok=True)
