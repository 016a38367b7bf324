"""Reads one file within limits: `python -m triage.attachments MEMORY SECONDS`.

The content is on the input, JSON on the output. Ends with 0 when the file is read, 3 when it is refused (the French
reason is then on the output).
"""

from __future__ import annotations

import sys

from triage.attachments.child import answer


def _read(content: bytes) -> bytes:
    from triage.attachments import reading, wire

    return wire.dumps(reading.read("", content))


if __name__ == "__main__":
    sys.exit(answer(_read))
