"""What people are called, sealed with the service's own keys: a stolen store names nobody.

Beside the tables they belong to, so that a store in use is brought to this version without a lock that stops reading.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table

from triage.store.tables import METADATA


def _of(table: str) -> Column[str]:
    return Column("id", String(32), ForeignKey(f"{table}.id", ondelete="CASCADE"), primary_key=True)


ACCOUNTS = Table(
    "accounts",
    METADATA,
    _of("people"),
    Column("login_key", String(64), nullable=False, unique=True),  # keyed hash, in hexadecimal
    Column("login", LargeBinary, nullable=False),  # sealed: an e-mail address, in lower case
    Column("name", LargeBinary, nullable=False),  # sealed
)

CAMPAIGN_NAMES = Table("campaign_names", METADATA, _of("campaigns"), Column("name", LargeBinary, nullable=False))

VIEW_NAMES = Table("view_names", METADATA, _of("views"), Column("name", LargeBinary, nullable=False))

# Whom a shift is of, as it was written; `duty.who` is the keyed hash of it.
DUTY_NAMES = Table("duty_names", METADATA, _of("duty"), Column("name", LargeBinary, nullable=False))
