"""The ledger of receipts. Jobs of before have none: their receipts are unsigned and stand in no chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "receipt",
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("job_id", sa.Text, sa.ForeignKey("job.job_id"), nullable=False, unique=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("content", "previous", "sha256")),
        sa.PrimaryKeyConstraint("tenant", "position"),
    )
