"""What both ends of a conversation share: how a page that is open knows that it has something new to show."""

from __future__ import annotations

from triage.store.records import Case


def mark_of(case: Case) -> str:
    """What changes when a message is written or read: ids and moments only."""
    read = sum(1 for one in case.messages if one.read_at)
    return f"{len(case.messages)}.{read}"
