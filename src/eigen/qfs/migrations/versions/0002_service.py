"""A shared system: reservations of devices, API keys, the audit log; who submitted a job, and its trace."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and make the tables; jobs of before have no subject and no trace."""
    for name in ("traceparent", "reservation_id", "subject"):
        op.add_column("job", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.create_index("job_tenant", "job", ["tenant", "job_id"])
    op.create_table(
        "reservation",
        sa.Column("reservation_id", sa.Text, primary_key=True),
        *_texts("device_id", "tenant", "project", "subject", "purpose", "created_at", "expires_at"),
        sa.Column("released", sa.Boolean, nullable=False),
    )
    op.create_index("reservation_device", "reservation", ["device_id", "expires_at"])
    op.create_table(
        "api_key",
        sa.Column("key_id", sa.Text, primary_key=True),
        *_texts("secret_sha256", "name", "tenant", "project", "roles", "created_at", "expires_at", "revoked_at"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        *_texts("at", "subject", "tenant", "action", "target", "outcome", "surface", "trace_id"),
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
