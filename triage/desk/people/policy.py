"""`rules/desk/access.yaml`: what a password has to be, how long links last, how tries to enter are slowed down."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import Field

from triage.signals.rule import Strict, load


class PasswordPolicy(Strict):
    """`least` characters, `own` of which are left once what is `common` and what others know is taken away."""

    least: int = Field(ge=8)
    own: int = Field(ge=1)
    common: list[str]


class LinkPolicy(Strict):
    """How long an enrolment link can be used."""

    hours: int = Field(ge=1)


class TriesPolicy(Strict):
    """Failed tries that are `free`, then a wait that doubles from `first` to `longest` seconds."""

    free: int = Field(ge=1)
    first: int = Field(ge=1)
    longest: int = Field(ge=1)
    forget: int = Field(ge=1)

    def wait(self, failures: int) -> timedelta:
        """How long to wait after that many failures."""
        over = failures - self.free
        return timedelta(seconds=min(self.longest, self.first * 2 ** min(over - 1, 30))) if over > 0 else timedelta()


class BrowserPolicy(Strict):
    """How long a browser in which somebody entered is known."""

    days: int = Field(ge=1)


class AccessPolicy(Strict):
    """How people enter the desk."""

    password: PasswordPolicy
    link: LinkPolicy
    tries: TriesPolicy
    browser: BrowserPolicy


def load_access_policy(rules: Path) -> AccessPolicy:
    """The policy in `rules`. Raises DataError with every problem."""
    return load(rules / "desk" / "access.yaml", AccessPolicy)
