"""What was found of one part of the service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "watch", "mend"]


@dataclass(frozen=True)
class Finding:
    """One line: `what` was found, and in one sentence how to `mend` what is not as it should be."""

    state: State
    what: str
    mend: str = ""


Check = Callable[[], Iterator[Finding]]


def ok(what: str) -> Finding:
    """As it should be."""
    return Finding("ok", what)


def watch(what: str, mend: str) -> Finding:
    """The service works, less well or not for long."""
    return Finding("watch", what, mend)


def wrong(what: str, mend: str) -> Finding:
    """To be mended before the service is relied on."""
    return Finding("mend", what, mend)
