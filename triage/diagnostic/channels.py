"""Each platform or channel (`rules/channels/`): which evidence to keep there and how, how to have content removed."""

from __future__ import annotations

from collections.abc import Iterable

from triage.diagnostic.situation import Situation
from triage.diagnostic.sources import Confidence, Sourced
from triage.signals.rule import Strict


class Removal(Strict):
    """How to ask a platform to remove illegal content."""

    text: str
    site: str = ""
    confidence: Confidence
    uncertain: list[str] = []


class Channel(Sourced):
    """One channel: what to keep, what to beware of, how to have it removed."""

    id: str
    label: str
    capture: list[str]
    careful: str = ""
    removal: Removal | None = None


def channels_for(channels: Iterable[Channel], situation: Situation) -> tuple[Channel, ...]:
    """The channels that the report tells of."""
    return tuple(one for one in channels if f"canal:{one.id}" in situation.labels)
