"""What people of the desk are called, and what they call campaigns and views, is sealed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from triage.store.sealing import key_of, seal

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward. Whoever reads meanwhile sees the names as they were, until this is over."""
    _table("accounts", "people", sa.Column("login_key", sa.String(64), nullable=False, unique=True), _sealed("login"))
    _table("campaign_names", "campaigns")
    _table("view_names", "views")
    _table("duty_names", "duty")
    connection = op.get_bind()
    for row in connection.execute(sa.text("SELECT id, login, name FROM people")).all():
        values = {"login_key": key_of(connection, row.login), "login": seal(connection, row.login)}
        _move(connection, "accounts", row.id, {**values, "name": seal(connection, row.name)})
        _clear(connection, "UPDATE people SET login = :id, name = '' WHERE id = :id", row.id)
    for row in connection.execute(sa.text("SELECT id, name FROM campaigns WHERE name <> ''")).all():
        _move(connection, "campaign_names", row.id, {"name": seal(connection, row.name)})
        _clear(connection, "UPDATE campaigns SET name = '' WHERE id = :id", row.id)
    for row in connection.execute(sa.text("SELECT id, name FROM views")).all():
        _move(connection, "view_names", row.id, {"name": seal(connection, row.name)})
        _clear(connection, "UPDATE views SET name = '' WHERE id = :id", row.id)
    for row in connection.execute(sa.text("SELECT id, who FROM duty")).all():
        _move(connection, "duty_names", row.id, {"name": seal(connection, row.who)})
        _clear(connection, "UPDATE duty SET who = :key WHERE id = :id", row.id, key=key_of(connection, row.who))


def _sealed(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=False)


def _table(name: str, owner: str, *columns: sa.Column[Any]) -> None:
    own = sa.Column("id", sa.String(32), sa.ForeignKey(f"{owner}.id", ondelete="CASCADE"), primary_key=True)
    op.create_table(name, own, *columns, _sealed("name"))


def _move(connection: sa.Connection, table: str, own: str, values: dict[str, object]) -> None:
    columns = sa.table(table, sa.column("id"), *(sa.column(name) for name in values))
    connection.execute(sa.insert(columns).values(id=own, **values))


def _clear(connection: sa.Connection, statement: str, own: str, **more: str) -> None:
    connection.execute(sa.text(statement), {"id": own, **more})
