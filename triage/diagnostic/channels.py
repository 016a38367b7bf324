"""Each platform or channel (`rules/channels/`): which evidence to keep there and how, how to have content removed."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from triage.diagnostic.conditions import holds
from triage.diagnostic.situation import Situation
from triage.diagnostic.sources import ALWAYS, Confidence, Sourced, When
from triage.signals.rule import Strict


class Removal(Strict):
    """How to ask a platform to remove illegal content, and when that makes sense."""

    when: When = Field(default=ALWAYS)
    text: str
    site: str = ""
    confidence: Confidence
    uncertain: list[str] = []


class Channel(Sourced):
    """One channel: what to keep, what to beware of, how to have it removed."""

    when: When = Field(default=ALWAYS)
    id: str
    label: str
    capture: list[str]
    careful: str = ""
    removal: Removal | None = None


def channels_for(channels: Iterable[Channel], situation: Situation) -> tuple[Channel, ...]:
    """The channels that the report tells of, with the removal only where it makes sense."""
    told = (one for one in channels if f"canal:{one.id}" in situation.labels)
    return tuple(_fitted(one, situation) for one in told if holds(one.when, situation.labels))


def _fitted(channel: Channel, situation: Situation) -> Channel:
    if channel.removal is None or holds(channel.removal.when, situation.labels):
        return channel
    return channel.model_copy(update={"removal": None})
