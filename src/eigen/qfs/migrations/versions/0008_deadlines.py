"""When a job must have ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Jobs of before have no deadline."""
    op.add_column("job", sa.Column("deadline", sa.Float(53)))
