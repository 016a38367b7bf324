"""What slows down whoever sends too much, and what is set apart for a supervisor: keyed hashes, never addresses."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from triage.store.tables import METADATA, Moment, of_case, own_id

# What was spent in the present window of time, and in the one before. Not logged by PostgreSQL: lost without harm.
LIMITS = Table(
    "limits",
    METADATA,
    Column("key", LargeBinary(32), primary_key=True),  # keyed hash, another one each day
    Column("slot", BigInteger, nullable=False),
    Column("spent", Integer, nullable=False),
    Column("before", Integer, nullable=False),
    Column("until", BigInteger, nullable=False),  # when it no longer counts, in seconds since 1970
)

# What each proof of work was made for, until it expires.
PROOFS = Table(
    "proofs",
    METADATA,
    Column("key", LargeBinary(32), primary_key=True),  # keyed hash
    Column("made_for", LargeBinary(32), nullable=False),  # keyed hash
    Column("until", BigInteger, nullable=False),
)

# Where a report came from, for as long as floods are looked for.
SOURCES = Table(
    "report_sources",
    METADATA,
    own_id(),
    of_case(),
    Column("source", LargeBinary(32), nullable=False),  # keyed hash, another one each day
    Column("at", Moment, nullable=False, index=True),
    Column("looked", Boolean, nullable=False),  # whether the report was looked at
)

# Reports that a supervisor is to look at; until `back_at` beside the queue, else in it like any other.
APART = Table(
    "apart",
    METADATA,
    own_id(),
    of_case(),
    Column("at", Moment, nullable=False),
    Column("ground", String(16), nullable=False),  # flood, accused, named
    Column("found", String(32), nullable=False),  # those that were found together
    Column("number", Integer, nullable=False),  # how many there were
    Column("sources", Integer, nullable=False),  # from how many sources
    Column("back_at", Moment),
    Column("state", String(16), nullable=False),  # waiting, released, kept
    Column("decided_at", Moment),
    Column("decided_by", String(32)),
    Column("why", LargeBinary),  # sealed
    UniqueConstraint("case_id", "ground"),
    Index("ix_apart_state", "state", "at"),
)
