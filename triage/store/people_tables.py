"""The tables of the people of the desk: accounts, sessions, what they did."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint, true

from triage.store.tables import METADATA, Moment, own_id


def of_person() -> Column[str]:
    """The person that a row belongs to."""
    return Column("person_id", String(32), ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True)


PEOPLE = Table(
    "people",
    METADATA,
    own_id(),
    Column("login", String(200), nullable=False, unique=True),  # the id again: the address is in ACCOUNTS, sealed
    Column("name", String(200), nullable=False),  # empty: see ACCOUNTS
    Column("role", String(16), nullable=False),
    Column("unit", String(32), nullable=False, server_default=""),  # an entry of the directory
    Column("state", String(16), nullable=False),  # invited, active, disabled
    Column("created_at", Moment, nullable=False),
    Column("password", String(200)),  # argon2id
    Column("totp", LargeBinary),  # sealed
    Column("totp_step", Integer, nullable=False, server_default="0"),  # the last one used
    Column("issuer", String(200)),  # of OIDC
    Column("subject", String(200)),
    Column("alerts", Boolean, nullable=False, server_default=true()),  # by e-mail
    Column("quiet_from", Integer),  # minutes of the day, Paris
    Column("quiet_until", Integer),
    UniqueConstraint("issuer", "subject"),
)

SCOPES = Table(
    "people_scopes",
    METADATA,
    own_id(),
    of_person(),
    Column("departement", String(3), nullable=False),  # empty: everywhere
    Column("force", String(16), nullable=False),  # empty: both
)

ENROLMENTS = Table(
    "enrolments",
    METADATA,
    Column("token", LargeBinary(32), primary_key=True),  # keyed hash
    of_person(),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("opened", LargeBinary),  # sealed: the secret of the one-time codes, until it is confirmed
)

# Tries to enter, counted apart for each browser that has entered before and for all the unknown ones together.
ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("key", LargeBinary(32), primary_key=True),  # keyed hash
    Column("failures", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("until", Moment),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("token", LargeBinary(32), primary_key=True),  # keyed hash
    Column("id", String(32), nullable=False, unique=True),
    of_person(),
    Column("how", String(16), nullable=False),  # password, oidc
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("live_at", Moment, index=True),  # when its live stream was last open
    Column("revoked_at", Moment),
    Column("id_token", LargeBinary),  # sealed, to leave the OIDC provider too
)

VIEWS = Table(
    "views",
    METADATA,
    own_id(),
    of_person(),
    Column("name", String(80), nullable=False),  # empty: see VIEW_NAMES
    Column("query", String(400), nullable=False),
)

# Append-only: triggers refuse changes, and each row's keyed digest covers the one before it.
AUDIT = Table(
    "audit",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("who", String(100), nullable=False),  # a person's id, « official », or « system: … »
    Column("role", String(16), nullable=False),
    Column("what", String(40), nullable=False),
    Column("case_id", String(32), nullable=False),  # empty: about no case; no foreign key, it outlives the case
    Column("about", String(200), nullable=False),  # ids and closed values only
    Column("why", LargeBinary),  # sealed with the case's key: it goes with it
    Column("digest", LargeBinary(32), nullable=False),
    Index("ix_audit_case_id", "case_id", "seq"),
    Index("ix_audit_who", "who", "seq"),
)

AUDIT_HEAD = Table(
    "audit_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
)
