"""A database of several hosts: events know their transaction (PostgreSQL), rows leave room for their next version."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """SQLite needs nothing of it: its ids follow the order of commits."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE event ADD COLUMN tx BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint)")
    op.execute("CREATE INDEX event_log ON event (tx, id)")
    op.execute("ALTER TABLE job SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)")
