"""The first schema: jobs, their dependencies, events, journals, outcomes and idempotency keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "job",
        sa.Column("job_id", sa.Text, primary_key=True),
        *_required(sa.Text, "name", "state", "stage"),
        *_required(sa.Float(53), "progress"),
        *_required(sa.Text, "message", "spec", "target"),
        *_required(sa.BigInteger, "priority"),
        *_required(sa.Text, "created_at", "updated_at"),
        *_required(sa.BigInteger, "version", "event_seq", "attempt", "fence"),
        *_required(sa.Text, "owner"),
        *_required(sa.Float(53), "lease_until"),
        *_required(sa.Boolean, "cancel_requested"),
        *_required(sa.Text, "device_id"),
        sa.Column("error", sa.Text),
        *_required(sa.Text, "resumed_from", "tenant", "project"),
        sa.Column("placement", sa.Text),
        *_required(sa.Float(53), "started_at", "queued_at"),
        sa.Column("queue_until", sa.Float(53)),
        *_required(sa.Float(53), "not_before"),
        *_required(sa.BigInteger, "failures", "losses", "evaluations", "entropy"),
        *_required(sa.Boolean, "sealed"),
    )
    op.create_index(
        "job_queue",
        "job",
        [sa.text("priority DESC"), "job_id"],
        sqlite_where=sa.text("sealed = 0"),
        postgresql_where=sa.text("NOT sealed"),
    )
    op.create_index(
        "job_owner", "job", ["owner"], sqlite_where=sa.text("owner <> ''"), postgresql_where=sa.text("owner <> ''")
    )
    op.create_index("job_name", "job", ["name", "job_id"])
    op.create_table(
        "dependency",
        _job_id(),
        _job_id("depends_on"),
        sa.Column("position", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("job_id", "depends_on"),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        _job_id(),
        *_required(sa.BigInteger, "seq"),
        *_required(sa.Text, "state", "stage"),
        *_required(sa.Float(53), "progress"),
        *_required(sa.Text, "message", "timestamp", "data"),
        sa.UniqueConstraint("job_id", "seq", name="event_seq"),
    )
    op.create_table(
        "idempotency",
        *_required(sa.Text, "tenant", "project", "key", "request_hash"),
        _job_id(),
        *_required(sa.Text, "created_at"),
        sa.PrimaryKeyConstraint("tenant", "project", "key"),
    )
    op.create_table(
        "journal",
        _job_id(),
        *_required(sa.BigInteger, "position"),
        *_required(sa.Text, "key", "value"),
        sa.PrimaryKeyConstraint("job_id", "position"),
    )
    op.create_table(
        "outcome",
        _job_id(),
        *_required(sa.BigInteger, "fence"),
        *_required(sa.Boolean, "accepted"),
        sa.Column("data", sa.LargeBinary),
        sa.PrimaryKeyConstraint("job_id", "fence"),
    )


def _required(kind: object, *names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, kind, nullable=False) for name in names]  # type: ignore[arg-type]


def _job_id(name: str = "job_id") -> sa.Column[str]:
    return sa.Column(name, sa.Text, sa.ForeignKey("job.job_id"), nullable=False)
