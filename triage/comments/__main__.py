"""Reads one export of comments within limits: `python -m triage.comments MEMORY SECONDS` (see `sandbox`)."""

from __future__ import annotations

import sys

from triage.attachments.child import answer


def _read(content: bytes) -> bytes:
    from triage.comments import sandbox
    from triage.comments.parsing import parse

    return sandbox.dumps(parse(content))


if __name__ == "__main__":
    sys.exit(answer(_read))
