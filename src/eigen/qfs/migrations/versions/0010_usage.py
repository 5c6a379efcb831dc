"""What a job may cost at most, how many bytes are kept of it, and what quotas of periods
and of storage have counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of jobs of before the inputs are known to be kept, and of those that have not ended not what they may cost."""
    op.add_column("job", sa.Column("cost", sa.BigInteger))
    op.add_column("job", sa.Column("stored_bytes", sa.BigInteger, nullable=False, server_default="0"))
    op.execute("UPDATE job SET stored_bytes = input_bytes")
    op.create_table(
        "usage",
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("began", sa.BigInteger, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "project", "kind", "began"),
    )
