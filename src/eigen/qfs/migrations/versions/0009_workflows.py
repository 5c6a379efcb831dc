"""Jobs that are steps of a workflow: which one, which step, which item."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Jobs of before are steps of none."""
    for name in ("workflow", "step"):
        op.add_column("job", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.add_column("job", sa.Column("item", sa.BigInteger, nullable=False, server_default="-1"))
    steps = sa.text("workflow <> ''")
    columns = ["workflow", "step", "item", "state"]
    op.create_index("job_workflow", "job", columns, sqlite_where=steps, postgresql_where=steps)
