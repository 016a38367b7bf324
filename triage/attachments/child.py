"""The process that reads a file which may be hostile: it limits itself before it looks at anything."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable

from triage.errors import IntakeError

REFUSED = 3


def answer(read: Callable[[bytes], bytes]) -> int:
    """Reads the input within the MEMORY and SECONDS of the command line; what `read` gives goes to the output.

    The exit code: 0, or 3 when the file is refused (the French reason is then on the output).
    """
    memory, seconds = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves no copy of what was read
    try:
        told, code = read(sys.stdin.buffer.read()), 0
    except IntakeError as error:
        told, code = str(error).encode(), REFUSED
    sys.stdout.buffer.write(told)
    return code
