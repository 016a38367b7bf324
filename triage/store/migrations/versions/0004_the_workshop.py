"""Assessments keep what they were made from; a model tried beside the served one has its answers apart.

Reports chosen to teach the model are read as those of the daily sample are; somebody decides between two readers.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from triage.store.tables import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table("assessments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("environment", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("inputs", sa.LargeBinary(), nullable=True))
        batch_op.create_index("ix_assessments_at", ["at"], unique=False)

    op.create_table(
        "shadow_answers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("assessment_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("types", sa.String(length=400), nullable=False),
        sa.Column("flags", sa.String(length=400), nullable=False),
        sa.Column("served", sa.String(length=40), nullable=True),
        sa.Column("served_level", sa.String(length=16), nullable=False),
        sa.Column("served_types", sa.String(length=400), nullable=False),
        sa.Column("served_flags", sa.String(length=400), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessments.id"],
            name=op.f("fk_shadow_answers_assessment_id_assessments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_shadow_answers_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadow_answers")),
        sa.UniqueConstraint("assessment_id", "version", name=op.f("uq_shadow_answers_assessment_id")),
    )
    with op.batch_alter_table("shadow_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shadow_answers_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_shadow_answers_version", ["version"], unique=False)

    _samples(("case_id", "purpose"), [sa.Column("purpose", sa.String(16), nullable=False, server_default="calm")])
    with op.batch_alter_table("samples", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reasons", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("sample_reads", schema=None) as batch_op:
        batch_op.add_column(sa.Column("flags", sa.String(length=400), server_default="", nullable=False))
        batch_op.add_column(sa.Column("seen", sa.String(length=24), server_default="", nullable=False))
    op.create_table(
        "rulings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("sample_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("types", sa.String(length=400), nullable=False),
        sa.Column("flags", sa.String(length=400), nullable=False),
        sa.Column("seen", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_rulings_case_id_cases"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["samples.id"], name=op.f("fk_rulings_sample_id_samples"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulings")),
        sa.UniqueConstraint("sample_id", name=op.f("uq_rulings_sample_id")),
    )
    with op.batch_alter_table("rulings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rulings_case_id"), ["case_id"], unique=False)


def _samples(unique: tuple[str, ...], added: list[sa.Column[str]]) -> None:
    """The samples, each once by these columns. SQLite makes the table anew, which would take its readings with it."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        op.execute("CREATE TEMPORARY TABLE kept_reads AS SELECT * FROM sample_reads")
    with op.batch_alter_table("samples", schema=None) as batch_op:
        for column in added:
            batch_op.add_column(column)
        batch_op.drop_constraint("uq_samples_case_id", type_="unique")
        if not added:
            batch_op.drop_column("reasons")
            batch_op.drop_column("purpose")
        batch_op.create_unique_constraint(batch_op.f("uq_samples_case_id"), [*unique])
    if sqlite:
        op.execute("INSERT OR IGNORE INTO sample_reads SELECT * FROM kept_reads")
        op.execute("DROP TABLE kept_reads")


def downgrade() -> None:
    """Back: what was read of the reports chosen to teach goes, and what was decided between two readers."""
    op.drop_table("rulings")
    op.execute("DELETE FROM samples WHERE purpose <> 'calm'")
    with op.batch_alter_table("sample_reads", schema=None) as batch_op:
        batch_op.drop_column("seen")
        batch_op.drop_column("flags")
    _samples(("case_id",), [])
    op.drop_table("shadow_answers")
    with op.batch_alter_table("assessments", schema=None) as batch_op:
        batch_op.drop_index("ix_assessments_at")
        batch_op.drop_column("inputs")
        batch_op.drop_column("environment")
