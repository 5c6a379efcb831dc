"""Submissions to devices that charge, kept before they are made and with what came of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Submissions of before were made to devices that recognise them."""
    op.create_table(
        "submission",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("job_id", sa.Text, sa.ForeignKey("job.job_id"), nullable=False),
        sa.Column("device_id", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("shots", sa.BigInteger, nullable=False),
        sa.Column("cost", sa.Float(53)),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("currency", "asked_at", "state", "handle")),
    )
    op.create_index("submission_origin", "submission", ["origin", "asked_at"])
