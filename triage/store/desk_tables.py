"""The tables of the work of the desk: claims, decisions, measures, readings, alerts."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from triage.store.tables import METADATA, Moment, of_case, own_id

# What happened that a connected desk shows at once; old ones are deleted.
NEWS = Table(
    "news",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False, index=True),
    Column("kind", String(24), nullable=False),
    Column("case_id", String(32), nullable=False),
    Column("level", String(16), nullable=False),
    Column("departement", String(3), nullable=False),
    Column("force", String(16), nullable=False),
    Column("about", String(100), nullable=False),
    sqlite_autoincrement=True,
)

CLAIMS = Table(
    "claims",
    METADATA,
    own_id(),
    of_case(),
    Column("who", String(32), nullable=False, index=True),
    Column("since", Moment, nullable=False),
    Column("until", Moment),  # none while it is held
    Column("ended", String(16), nullable=False, server_default=""),
    Index("ix_claims_since", "since"),
)

NOTES = Table(
    "notes",
    METADATA,
    own_id(),
    of_case(),
    Column("at", Moment, nullable=False),
    Column("by", String(32), nullable=False),
    Column("text", LargeBinary, nullable=False),  # sealed
)

# What agents found of what the engine said: labelled data.
DECISIONS = Table(
    "decisions",
    METADATA,
    own_id(),
    of_case(),
    Column("at", Moment, nullable=False, index=True),
    Column("by", String(32), nullable=False),
    Column("kind", String(16), nullable=False),  # confirmed, corrected, raised
    Column("level_before", String(16), nullable=False),
    Column("level", String(16), nullable=False),
    Column("types_before", String(400), nullable=False),
    Column("types", String(400), nullable=False),
    Column("flags_before", String(400), nullable=False),
    Column("flags", String(400), nullable=False),
    Column("sources", String(400), nullable=False),  # what was behind each type corrected: « menace=rule raid=model »
    Column("rules", String(64), nullable=False),
    Column("model", String(40)),
    Column("reason", LargeBinary, nullable=False),  # sealed
    Column("seen", LargeBinary),  # sealed: what the agent had before their eyes
)

MESSAGE_FILES = Table(
    "message_files",
    METADATA,
    own_id(),
    of_case(),
    Column("message_id", String(32), ForeignKey("messages.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("size", Integer, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("name", LargeBinary, nullable=False),  # sealed
    Column("content", LargeBinary, nullable=False),  # sealed
)

EXPOSURES = Table(
    "exposures",
    METADATA,
    own_id(),
    of_case(),
    Column("person_id", String(32), nullable=False),
    Column("exhibit_id", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_exposures_person_id", "person_id", "at"),
)

EXCLUSIONS = Table(
    "exclusions",
    METADATA,
    own_id(),
    of_case(),
    Column("person_id", String(32), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("by", String(32), nullable=False),
    Column("reason", LargeBinary, nullable=False),  # sealed
    UniqueConstraint("case_id", "person_id"),
)

# Reports that people read for themselves, blind: drawn at random among those not escalated (« calm »), or chosen
# because they would teach most (« teaching »).
SAMPLES = Table(
    "samples",
    METADATA,
    own_id(),
    of_case(),
    Column("purpose", String(16), nullable=False, server_default="calm"),
    Column("day", String(10), nullable=False, index=True),
    Column("drawn_at", Moment, nullable=False),
    Column("population", Integer, nullable=False),
    Column("drawn", Integer, nullable=False),
    Column("reasons", LargeBinary),  # sealed: why this one was chosen
    UniqueConstraint("case_id", "purpose"),
)

SAMPLE_READS = Table(
    "sample_reads",
    METADATA,
    own_id(),
    of_case(),
    Column("sample_id", String(32), ForeignKey("samples.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("person_id", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("level", String(16), nullable=False),
    Column("types", String(400), nullable=False),
    Column("flags", String(400), nullable=False, server_default=""),
    Column("seen", String(24), nullable=False, server_default=""),  # how much of the case: « 812.2 »
    Column("note", LargeBinary, nullable=False),  # sealed
    UniqueConstraint("sample_id", "person_id"),
)

# What somebody who had read neither decided between readers who disagree.
RULINGS = Table(
    "rulings",
    METADATA,
    own_id(),
    of_case(),
    Column("sample_id", String(32), ForeignKey("samples.id", ondelete="CASCADE"), nullable=False),
    Column("person_id", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("level", String(16), nullable=False),
    Column("types", String(400), nullable=False),
    Column("flags", String(400), nullable=False),
    Column("seen", String(24), nullable=False),
    Column("reason", LargeBinary, nullable=False),  # sealed
    UniqueConstraint("sample_id"),
)

MEASURES = Table(
    "measures",
    METADATA,
    own_id(),
    of_case(),
    Column("kind", String(40), nullable=False),
    Column("state", String(24), nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, index=True),  # when what was granted ends
    Column("remind_at", Moment, index=True),
    Column("by", String(32), nullable=False),  # a person's id, or « official »
    Column("unit", String(32), nullable=False, server_default=""),  # an entry of the directory
    UniqueConstraint("case_id", "kind"),
)

MEASURE_STEPS = Table(
    "measure_steps",
    METADATA,
    own_id(),
    of_case(),
    Column("measure_id", String(32), ForeignKey("measures.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("by", String(32), nullable=False),
    Column("before", String(24), nullable=False),
    Column("state", String(24), nullable=False),
    Column("note", LargeBinary, nullable=False),  # sealed
    Column("noticed_at", Moment),  # when the official was told by e-mail, if they were to be
)

DIRECTORY = Table(
    "directory",
    METADATA,
    Column("id", String(32), primary_key=True),  # the operator's own
    Column("kind", String(24), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("departement", String(3), nullable=False, index=True),
    Column("force", String(16), nullable=False),
    Column("commune", String(5), nullable=False),
    Column("phone", String(40), nullable=False),
    Column("mail", String(200), nullable=False),
    Column("address", String(400), nullable=False),
    Column("referent", String(200), nullable=False),
    Column("checked_on", String(10), nullable=False),
)

COMMUNES = Table(
    "communes",
    METADATA,
    Column("code", String(5), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("folded", String(200), nullable=False),
    Column("departement", String(3), nullable=False),
    Column("force", String(16), nullable=False),
    Column("unit", String(32), nullable=False),
    Index("ix_communes_folded", "folded", "departement"),
)

ALERTS = Table(
    "alerts",
    METADATA,
    own_id(),
    Column("kind", String(24), nullable=False),
    Column("case_id", String(32), nullable=False),  # empty: about no case
    Column("level", String(16), nullable=False),
    Column("departement", String(3), nullable=False),
    Column("force", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("rung_at", Moment),  # last sent
    Column("rounds", Integer, nullable=False),
    Column("ended_at", Moment),
    Column("ended", String(16), nullable=False, server_default=""),
    Index("ix_alerts_open", "ended_at", "case_id"),
)

DELIVERIES = Table(
    "deliveries",
    METADATA,
    own_id(),
    Column("alert_id", String(32), ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("channel", String(16), nullable=False),  # mail, webhook
    Column("target", String(32), nullable=False),  # a person's id, a webhook's id
    Column("state", String(16), nullable=False, index=True),  # waiting, sent, dead
    Column("tries", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("error", String(200), nullable=False),
)

WEBHOOKS = Table(
    "webhooks",
    METADATA,
    own_id(),
    Column("name", String(80), nullable=False),
    Column("url", String(400), nullable=False),
    Column("secret", LargeBinary, nullable=False),  # sealed
    Column("departement", String(3), nullable=False),
    Column("force", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
)
