"""What running the service for real adds to the store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from triage.store.tables import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    _statistics()
    _quality()
    _apart()


def _statistics() -> None:
    """What is counted of the cases that are purged."""
    op.create_table(
        "statistics",
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("departement", sa.String(40), primary_key=True),
        sa.Column("type", sa.String(40), primary_key=True),
        sa.Column("level", sa.String(16), primary_key=True),
        sa.Column("outcome", sa.String(32), primary_key=True),
        sa.Column("since", sa.String(7), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
    # Erasing looks for the parts of a case: without it, at all the cases.
    op.create_index("ix_cases_split_from", "cases", ["split_from"])


def _quality() -> None:
    """What the nightly measures of the served engine found."""
    op.create_table(
        "quality",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.Column("rules", sa.String(64), nullable=False),
        sa.Column("model", sa.String(40)),
        sa.Column("accepted", sa.Boolean, nullable=False),
        sa.Column("settled", sa.Boolean, nullable=False),
        sa.Column("texts", sa.Integer, nullable=False),
        *(
            sa.Column(name, sa.JSON, nullable=False)
            for name in ("frozen", "sealed", "wrong", "decided", "charts", "findings")
        ),
    )
    op.create_index("ix_quality_at", "quality", ["at"])


def _apart() -> None:
    """Reports set apart for a supervisor, and limits that all processes share."""
    op.create_table(
        "limits",
        sa.Column("key", sa.LargeBinary(32), primary_key=True),
        sa.Column("slot", sa.BigInteger, nullable=False),
        sa.Column("spent", sa.Integer, nullable=False),
        sa.Column("before", sa.Integer, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "proofs",
        sa.Column("key", sa.LargeBinary(32), primary_key=True),
        sa.Column("made_for", sa.LargeBinary(32), nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":  # what is counted is neither logged nor waited for
        op.execute("ALTER TABLE limits SET UNLOGGED")
    op.create_table(
        "report_sources",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("case_id", sa.String(32), sa.ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
        sa.Column("source", sa.LargeBinary(32), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("looked", sa.Boolean, nullable=False),
    )
    op.create_index("ix_report_sources_case_id", "report_sources", ["case_id"])
    op.create_index("ix_report_sources_at", "report_sources", ["at"])
    op.create_table(
        "apart",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("case_id", sa.String(32), sa.ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("ground", sa.String(16), nullable=False),
        sa.Column("found", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("sources", sa.Integer, nullable=False),
        sa.Column("back_at", Moment),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("decided_at", Moment),
        sa.Column("decided_by", sa.String(32)),
        sa.Column("why", sa.LargeBinary),
        sa.UniqueConstraint("case_id", "ground"),
    )
    op.create_index("ix_apart_case_id", "apart", ["case_id"])
    op.create_index("ix_apart_state", "apart", ["state", "at"])


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_cases_split_from", "cases")
    op.drop_table("statistics")
    op.drop_table("quality")
