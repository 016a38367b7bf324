"""Numbers in French sentences."""

from __future__ import annotations


def counted(count: int, one: str, many: str) -> str:
    """« 1 commentaire », « 2 commentaires »."""
    return f"{count} {one if count < 2 else many}"


def comments_counted(count: int) -> str:
    """So many comments."""
    return counted(count, "commentaire", "commentaires")
