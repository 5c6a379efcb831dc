"""A fair share of its tenant's turns for each project, and a time of the queue that jobs which went back to it do not
move."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SERVED = "fence > 0 AND (sealed OR owner <> '')"


def upgrade() -> None:
    """Jobs of before all have the first turn of their project: the project of the oldest goes first."""
    op.add_column("job", sa.Column("project_turn", sa.Float(53), nullable=False, server_default="0"))
    for name in ("job_urgency", "job_served"):
        op.drop_index(name, "job")
    indexes = {
        "job_project_turn": ("tenant", "project_turn", "job_id"),
        "job_urgency": ("tenant", "project", "urgency", "job_id", "priority"),
    }
    for name, columns in indexes.items():
        op.create_index(
            name, "job", list(columns), sqlite_where=sa.text("sealed = 0"), postgresql_where=sa.text("NOT sealed")
        )
    for name, columns in (("job_served", ["turn"]), ("job_project_served", ["tenant", "project_turn"])):
        op.create_index(name, "job", columns, sqlite_where=sa.text(SERVED), postgresql_where=sa.text(SERVED))
    op.create_table(
        "project_share",
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("turn", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "project"),
    )
