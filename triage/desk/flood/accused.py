"""A concerted accusation: reports from everywhere that name the same account, and bring nothing that can be checked."""

from __future__ import annotations

from collections.abc import Sequence

from triage.desk.flood.opened import Opened


def concerted(group: Sequence[Opened], sources: dict[bytes, int], least: int, alike: float) -> bool:
    """Whether reports that name one account look agreed upon. One that brings anything clears them all.

    `sources`: how many reports each source sent lately; `alike`: how much copies have in common, which are another
    matter (a campaign quotes the same words, a flood repeats itself).
    """
    if len(group) < least or len({one.source for one in group}) < len(group):
        return False
    if any(sources.get(one.source, 0) > 1 or one.checkable or one.reached for one in group):
        return False
    return not any(one.alike(other, alike) for i, one in enumerate(group) for other in group[:i])
