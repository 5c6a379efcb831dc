"""A fair share of the queue for each tenant, the turn of a job among all and its urgency among its tenant's own; and
what quotas count of a job."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

EPOCH = {
    "sqlite": "CAST(strftime('%s', created_at) AS REAL)",
    "postgresql": "extract(epoch FROM created_at::timestamptz)",
}


def upgrade() -> None:
    """Jobs of before all have the first turn: the oldest of the most urgent of each tenant goes first."""
    for name in ("input_bytes", "shots"):
        op.add_column("job", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
    for name in ("turn", "urgency"):
        op.add_column("job", sa.Column(name, sa.Float(53), nullable=False, server_default="0"))
    dialect = op.get_bind().dialect.name
    op.execute(f"UPDATE job SET urgency = {EPOCH[dialect]} - 60.0 * priority")
    op.drop_index("job_queue", "job")
    for name, columns in (("job_turn", ["turn", "job_id"]), ("job_urgency", ["tenant", "urgency", "job_id"])):
        op.create_index(
            name, "job", columns, sqlite_where=sa.text("sealed = 0"), postgresql_where=sa.text("NOT sealed")
        )
    op.create_index(
        "job_served", "job", ["turn"], sqlite_where=sa.text("fence > 0"), postgresql_where=sa.text("fence > 0")
    )
    op.create_table(
        "share",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("turn", sa.Float(53), nullable=False),
    )
