"""`rules/desk/handling.yaml`: what spares the agents, and how much a page of a case shows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import Field

from triage.signals.rule import Strict, load


class HandlingPolicy(Strict):
    """Minutes that an image stays shown, hours of a shift, images after which a rest is proposed.

    `comments`: how many a page shows; `opinions`: how many of the model's of each sort; `alike`: similar cases.
    """

    shown: int = Field(ge=1)
    shift: int = Field(ge=1)
    images: int = Field(ge=1)
    comments: int = Field(ge=1)
    opinions: int = Field(ge=1)
    alike: int = Field(ge=1)

    @property
    def stays(self) -> timedelta:
        """How long an image stays shown."""
        return timedelta(minutes=self.shown)

    @property
    def longest(self) -> timedelta:
        """How long ago a shift that is not on the rota began, at most."""
        return timedelta(hours=self.shift)


def load_handling_policy(rules: Path) -> HandlingPolicy:
    """The policy in `rules`. Raises DataError with every problem."""
    return load(rules / "desk" / "handling.yaml", HandlingPolicy)
