"""Which running job gave way to a waiting one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody gave way to the jobs of before."""
    op.add_column("job", sa.Column("made_way", sa.Text, nullable=False, server_default=""))
