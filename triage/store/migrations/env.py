"""Alembic's entry: migrations run on the connection that the service gives."""

from __future__ import annotations

from alembic import context

from triage.store import (
    campaign_tables,
    desk_tables,
    limit_tables,
    named_tables,
    people_tables,
    quality_tables,
    statistics_tables,
)
from triage.store.tables import METADATA

# Their tables are in the metadata once they are imported.
_IMPORTED = (campaign_tables, desk_tables, limit_tables, named_tables, people_tables, quality_tables, statistics_tables)

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
