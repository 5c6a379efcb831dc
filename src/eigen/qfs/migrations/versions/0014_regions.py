"""Regions of devices that jobs have or wait for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has any yet."""
    op.create_table(
        "region",
        sa.Column("job_id", sa.Text, primary_key=True),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("device_id", sa.Text, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("qubits", sa.Text, nullable=False),
    )
    op.create_index("region_device", "region", ["device_id"])
    op.create_table(
        "region_wait",
        sa.Column("device_id", sa.Text, nullable=False),
        sa.Column("job_id", sa.Text, nullable=False),
        sa.Column("passed_over", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("device_id", "job_id"),
    )
