"""What is counted of the cases that were purged: no id, no moment, nothing of what was told."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from triage.store.tables import METADATA

# `since`: the month in which it began to wait for others to join it; empty once it counts for good.
STATISTICS = Table(
    "statistics",
    METADATA,
    Column("month", String(7), primary_key=True),
    Column("departement", String(40), primary_key=True),  # or a wider place; empty: anywhere
    Column("type", String(40), primary_key=True),
    Column("level", String(16), primary_key=True),
    Column("outcome", String(32), primary_key=True),
    Column("since", String(7), primary_key=True),
    Column("count", Integer, nullable=False),
)
