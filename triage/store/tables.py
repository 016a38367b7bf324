"""The tables. What people tell is sealed (bytes); what sorting the queue needs is in clear."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)


class Moment(TypeDecorator[datetime]):
    """A moment, always in UTC: SQLite would lose the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Into the store."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Out of the store."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def of_case() -> Column[str]:
    """The case that a row belongs to, and is erased with."""
    return Column("case_id", String(32), ForeignKey("cases.id", ondelete="CASCADE"), nullable=False, index=True)


def own_id() -> Column[str]:
    """A row's own random identifier."""
    return Column("id", String(32), primary_key=True)


CASES = Table(
    "cases",
    METADATA,
    own_id(),
    Column("receipt", LargeBinary(32), unique=True),  # keyed hash; none once erased
    Column("asked_once", LargeBinary(32), unique=True),  # keyed hash of the idempotency key
    Column("body", LargeBinary(32)),  # keyed hash of what was sent with that key
    Column("received_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("level", String(16), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("types", String(400), nullable=False),  # ids, separated by spaces, the main one first
    Column("flags", String(400), nullable=False),
    Column("departement", String(3), nullable=False),
    Column("force", String(16), nullable=False),
    Column("told", LargeBinary),  # sealed
    Column("channel", String(8), nullable=False, server_default="web"),  # web, api, phone, demo
    Column("commune", String(5), nullable=False, server_default=""),  # Insee's code, once known
    # The desk. `queued`: an agent has to act; `turn`: the earliest is read first, whatever the hour (see queue/order).
    Column("queued", Boolean, nullable=False, server_default=false()),
    Column("level_since", Moment),
    Column("due_at", Moment),
    Column("turn", Moment),
    Column("harm", Float, nullable=False, server_default="0"),
    Column("claimed_by", String(32)),  # a person's id
    Column("claimed_at", Moment),
    Column("lease_until", Moment),
    Column("taken_at", Moment),  # first claimed since it was due
    Column("first_claimed_at", Moment),  # ever: to be counted without reading the claims
    Column("snoozed_until", Moment),
    Column("identity", String(16), nullable=False, server_default="unverified"),
    Column("concerns", String(32), nullable=False, server_default=""),  # the unit that the case is about
    Column("outcome", String(32), nullable=False, server_default=""),
    Column("closed_at", Moment),
    Column("decided", String(16), nullable=False, server_default=""),  # the level that an agent gave it, if one did
    Column("merged_into", String(32)),
    Column("split_from", String(32)),
    # What waits, in the order in which it is read: small, whatever the number of closed cases.
    Index("ix_cases_queue", "turn", "id", postgresql_where=text("queued"), sqlite_where=text("queued")),
    Index("ix_cases_claimed_by", "claimed_by"),
    Index("ix_cases_received_at", "received_at"),
    Index("ix_cases_closed_at", "closed_at"),
    Index("ix_cases_merged_into", "merged_into"),
    Index("ix_cases_split_from", "split_from"),
)

# Apart, so that a backup of the rest opens nothing of a case that was erased since.
CASE_KEYS = Table(
    "case_keys",
    METADATA,
    Column("case_id", String(32), ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)

ASSESSMENTS = Table(
    "assessments",
    METADATA,
    own_id(),
    of_case(),
    Column("at", Moment, nullable=False),
    Column("level", String(16), nullable=False),
    Column("cause", String(16), nullable=False),
    Column("rules", String(64), nullable=False),
    Column("model", String(40)),
    Column("answer", LargeBinary, nullable=False),  # sealed: the contract's object and the diagnostic shown
    Column("environment", String(64)),  # the digest of what it was made on; none before that was kept
    Column("inputs", LargeBinary),  # sealed: what it was made from
    Index("ix_assessments_at", "at"),
)

# What a model that is tried beside the served one would have said: never shown, and compared in clear.
SHADOW_ANSWERS = Table(
    "shadow_answers",
    METADATA,
    own_id(),
    of_case(),
    Column("assessment_id", String(32), ForeignKey("assessments.id", ondelete="CASCADE"), nullable=False),
    Column("version", String(40), nullable=False),
    Column("at", Moment, nullable=False),
    Column("level", String(16), nullable=False),
    Column("types", String(400), nullable=False),  # the main one first
    Column("flags", String(400), nullable=False),
    # What was served, beside it, so that nobody has to open a case to compare.
    Column("served", String(40)),  # the model; none when the rules alone decided
    Column("served_level", String(16), nullable=False),
    Column("served_types", String(400), nullable=False),
    Column("served_flags", String(400), nullable=False),
    Column("held", Boolean, nullable=False),  # an agent had decided: it says little of the model
    UniqueConstraint("assessment_id", "version"),
    Index("ix_shadow_answers_version", "version"),
)

EXHIBITS = Table(
    "exhibits",
    METADATA,
    own_id(),
    of_case(),
    Column("number", Integer, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("about", LargeBinary, nullable=False),  # sealed: name, SHA-256, what was read
)

CONTENTS = Table(
    "exhibit_contents",
    METADATA,
    Column("exhibit_id", String(32), ForeignKey("exhibits.id", ondelete="CASCADE"), primary_key=True),
    Column("original", LargeBinary, nullable=False),  # sealed, untouched
    Column("preview", LargeBinary),  # sealed, re-encoded
)

COMMENT_RUNS = Table(
    "comment_runs",
    METADATA,
    Column("exhibit_id", String(32), ForeignKey("exhibits.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("done", Boolean, nullable=False),
    Column("progress", LargeBinary, nullable=False),  # sealed
)

MESSAGES = Table(
    "messages",
    METADATA,
    own_id(),
    of_case(),
    Column("at", Moment, nullable=False),
    Column("by", String(16), nullable=False),
    Column("author", String(32)),  # the agent
    Column("read_at", Moment),
    Column("noticed_at", Moment),  # when the official was told by e-mail that something new waits
    Column("text", LargeBinary, nullable=False),  # sealed
)

EVENTS = Table(
    "events",
    METADATA,
    own_id(),
    of_case(),
    Column("at", Moment, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("detail", LargeBinary, nullable=False),  # sealed
)

REQUESTS = Table(
    "requests",
    METADATA,
    own_id(),
    of_case(),
    Column("at", Moment, nullable=False),
    Column("kind", String(40), nullable=False),  # a measure's id, or "erasure"
    Column("state", String(16), nullable=False),
)

FEEDBACK = Table(
    "feedback",
    METADATA,
    own_id(),
    of_case(),
    Column("at", Moment, nullable=False),
    Column("content", LargeBinary, nullable=False),  # sealed
)

DUTY = Table(
    "duty",
    METADATA,
    own_id(),
    Column("who", String(100), nullable=False),
    Column("departement", String(3), nullable=False),  # empty: everywhere
    Column("force", String(16), nullable=False),  # empty: both
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False, index=True),
)
