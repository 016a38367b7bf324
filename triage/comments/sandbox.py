"""Reads an export that may be hostile in a process of its own, with limits on memory, processor and time."""

from __future__ import annotations

import json
from datetime import datetime

from triage.attachments.child import REFUSED
from triage.attachments.sandbox import run_limited
from triage.comments.comment import Comment, Export
from triage.errors import IntakeError

SECONDS = 90.0
MEMORY = 3 * 2**30  # bytes of address space, libraries included
_NOT_READ = (
    "Cet export n'a pas pu être lu : il est abîmé, ou sa lecture prenait trop de temps. Refaites-le au format CSV. "
    "L'original est conservé tel quel."
)


def parse_safely(content: bytes, *, seconds: float = SECONDS, memory: int = MEMORY) -> Export:
    """The comments in `content`. Raises IntakeError: refused, or its reader crashed, hung or swelled."""
    code, written = run_limited("triage.comments", content, seconds, memory)
    if code == REFUSED:
        raise IntakeError(written.decode("utf-8", "replace"))
    try:
        return loads(written)
    except (ValueError, KeyError, TypeError):
        raise IntakeError(_NOT_READ) from None


def dumps(export: Export) -> bytes:
    """`export` as JSON."""
    rows = [(c.number, c.author, c.text, c.when.isoformat() if c.when else None, c.url) for c in export.comments]
    return json.dumps({"comments": rows, "notes": export.notes}).encode("ascii")


def loads(raw: bytes) -> Export:
    """The export that `dumps` wrote. Raises ValueError, KeyError or TypeError for anything else."""
    told = json.loads(raw)
    return Export(
        tuple(
            Comment(number, author, text, datetime.fromisoformat(when) if when else None, url)
            for number, author, text, when, url in told["comments"]
        ),
        tuple(told["notes"]),
    )
