"""Work that is asked for often is done a few times, and always once more after the last time."""

from __future__ import annotations

import threading
import time

from triage.jobs.soon import soon


def test_what_is_asked_for_a_thousand_times_is_done_twice_and_nobody_waits() -> None:
    done, begun, go_on = list[float](), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(30)
        done.append(time.monotonic())

    ask = soon(work)
    ask()
    assert begun.wait(30)
    for _ in range(1_000):
        ask()
    assert done == [], "asked for while it goes on: nobody waited"
    go_on.set()
    until = time.monotonic() + 30
    while len(done) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(1.2)
    assert len(done) == 2
