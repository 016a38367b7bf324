"""A process that ends with the one that it belongs to, be that one killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable


def end_after(gone: Callable[[], object], grace: int) -> None:
    """Once `gone` returns, tells this process to end; if it goes on for `grace` seconds more, ends it at once."""

    def watch() -> None:
        gone()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(grace + 1)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
