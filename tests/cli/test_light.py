"""What serves starts fast and stays small: nothing that only analysts need; and its answers leave at once."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from triage.cli.serve import _listen

ANALYSTS = {"sklearn", "pandas", "scipy", "skops", "datasketch", "pyarrow"}


@pytest.mark.whole
@pytest.mark.parametrize(
    "program",
    [
        "import triage.__main__, triage.cli.serve, triage.web.app",
        "from triage.bootstrap import build_engine; from triage.settings import Settings; build_engine(Settings())",
    ],
)
def test_whoever_serves_loads_nothing_of_what_analysts_work_with(program: str) -> None:
    said = f"{program}\nimport sys; print(*sorted({ANALYSTS!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_answers_leave_at_once() -> None:
    """asyncio sets TCP_NODELAY on sockets that name their protocol only; without it each answer waits 40 ms."""
    with _listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
        with socket.create_connection(listener.getsockname()), listener.accept()[0] as accepted:
            assert accepted.proto == socket.IPPROTO_TCP
        with socket.socket(fileno=listener.dup().detach()) as kept:  # as systemd passes one
            assert kept.proto == socket.IPPROTO_TCP
