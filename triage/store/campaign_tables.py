"""The tables of campaigns: which cases are one, and the keyed fingerprints by which they are found."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from triage.store.tables import METADATA, Moment, of_case, own_id

# Campaigns: the same text, image, author, link or number against several officials.
CAMPAIGNS = Table(
    "campaigns",
    METADATA,
    own_id(),
    Column("number", Integer, nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("merged_into", String(32)),
    Column("name", String(200), nullable=False),  # empty: see CAMPAIGN_NAMES
)

CAMPAIGN_CASES = Table(
    "campaign_cases",
    METADATA,
    Column("case_id", String(32), ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    Column("campaign_id", String(32), ForeignKey("campaigns.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("ground", String(16), nullable=False),  # text, image, author, link, phone, mail, hand
    Column("by", String(32), nullable=False),  # empty: found by the service
)

# Two cases that an agent has told apart are not put together again.
CAMPAIGN_PARTED = Table(
    "campaign_parted",
    METADATA,
    own_id(),
    of_case(),
    Column("campaign_id", String(32), ForeignKey("campaigns.id", ondelete="CASCADE"), nullable=False),
)

# A case of one campaign that is like those of another too: an agent may merge the two.
CAMPAIGN_LINKS = Table(
    "campaign_links",
    METADATA,
    own_id(),
    of_case(),
    Column("campaign_id", String(32), ForeignKey("campaigns.id", ondelete="CASCADE"), nullable=False, index=True),
    UniqueConstraint("case_id", "campaign_id"),
)

# Keyed: without the key they tell nothing of what they were made of.
FINGERPRINTS = Table(
    "fingerprints",
    METADATA,
    own_id(),
    of_case(),
    Column("kind", String(16), nullable=False),
    Column("digest", LargeBinary(16), nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_fingerprints_digest", "digest", "at"),  # the newest with a thing are found first
)

SIGNATURES = Table(
    "signatures",
    METADATA,
    own_id(),
    of_case(),
    Column("size", Integer, nullable=False),
    Column("minhash", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
)

# What two signatures of much the same text share; the newest of a band are found first.
BANDS = Table(
    "bands",
    METADATA,
    of_case(),
    Column("digest", LargeBinary(8), primary_key=True),  # keyed; the band's number is in it
    Column("at", Moment, primary_key=True),
    Column("signature_id", String(32), primary_key=True),
)
