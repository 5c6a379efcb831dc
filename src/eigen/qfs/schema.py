"""The tables of the job database, for SQLite and PostgreSQL alike. `migrations/` leads an older database here."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

REVISION = "0014"
"""The newest revision in `migrations/versions`."""

metadata = MetaData()


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _integer(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _number(name: str) -> Column[float]:
    return Column(name, Float(53), nullable=False)


job = Table(
    "job",
    metadata,
    Column("job_id", Text, primary_key=True),
    _text("name"),
    _text("state"),
    _text("stage"),
    _number("progress"),
    _text("message"),
    _text("spec"),  # JSON
    _text("target"),
    _integer("priority"),
    _text("created_at"),
    _text("updated_at"),
    _integer("version"),
    _integer("event_seq"),
    _integer("attempt"),
    _integer("fence"),
    _text("owner"),
    _number("lease_until"),
    Column("cancel_requested", Boolean, nullable=False),
    _text("device_id"),
    Column("error", Text),  # JSON
    _text("resumed_from"),
    _text("tenant"),
    _text("project"),
    Column("placement", Text),  # JSON
    _number("started_at"),
    _number("queued_at"),
    Column("queue_until", Float(53)),
    _number("not_before"),
    _integer("failures"),
    _integer("losses"),
    _integer("evaluations"),
    _integer("entropy"),
    Column("sealed", Boolean, nullable=False),
    *(Column(name, Text, nullable=False, server_default="") for name in ("traceparent", "reservation_id", "subject")),
    # What quotas count: bytes of the inputs, shots that the job asks for.
    *(Column(name, BigInteger, nullable=False, server_default="0") for name in ("input_bytes", "shots")),
    # The order of claims (`turns`): among all jobs, and among those of one project.
    *(Column(name, Float(53), nullable=False, server_default="0") for name in ("turn", "urgency")),
    Column("deadline", Float(53)),
    # The workflow that a job is a step of, which step and for which item.
    *(Column(name, Text, nullable=False, server_default="") for name in ("workflow", "step")),
    Column("item", BigInteger, nullable=False, server_default="-1"),
    # What quotas count besides: what it may cost at most, in millionths of a currency, and the bytes kept of it.
    Column("cost", BigInteger),
    Column("stored_bytes", BigInteger, nullable=False, server_default="0"),
    # The running job that gave way to this one; each has that once.
    Column("made_way", Text, nullable=False, server_default=""),
    # The order of claims among the projects of one tenant.
    Column("project_turn", Float(53), nullable=False, server_default="0"),
)

# The queue: what claims look through, whatever the number of finished jobs. The conditions for other databases stand
# in the migrations alone: naming an option of a dialect here would load that dialect at every start.
Index("job_turn", job.c.turn, job.c.job_id, sqlite_where=text("sealed = 0"))
Index("job_project_turn", job.c.tenant, job.c.project_turn, job.c.job_id, sqlite_where=text("sealed = 0"))
Index(
    "job_urgency",
    *(job.c.tenant, job.c.project, job.c.urgency, job.c.job_id, job.c.priority),
    sqlite_where=text("sealed = 0"),
)
SERVED = text("fence > 0 AND (sealed OR owner <> '')")
Index("job_served", job.c.turn, sqlite_where=SERVED)
Index("job_project_served", job.c.tenant, job.c.project_turn, sqlite_where=SERVED)
Index("job_owner", job.c.owner, sqlite_where=text("owner <> ''"))
Index("job_workflow", job.c.workflow, job.c.step, job.c.item, job.c.state, sqlite_where=text("workflow <> ''"))
Index("job_name", job.c.name, job.c.job_id)
Index("job_tenant", job.c.tenant, job.c.job_id)

share = Table(
    "share",
    metadata,
    Column("tenant", Text, primary_key=True),
    _number("turn"),  # the first one that is still free for it
)

project_share = Table(
    "project_share",
    metadata,
    _text("tenant"),
    _text("project"),
    _number("turn"),  # the first one among its tenant's that is still free for it
    PrimaryKeyConstraint("tenant", "project"),
)

# What was counted for quotas of storage and of periods (`usage`); `began` is in Unix seconds.
usage = Table(
    "usage",
    metadata,
    _text("tenant"),
    _text("project"),
    _text("kind"),
    _integer("began"),
    _integer("amount"),
    PrimaryKeyConstraint("tenant", "project", "kind", "began"),
)

dependency = Table(
    "dependency",
    metadata,
    Column("job_id", Text, ForeignKey("job.job_id"), nullable=False),
    Column("depends_on", Text, ForeignKey("job.job_id"), nullable=False),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("job_id", "depends_on"),
)

event = Table(
    "event",
    metadata,
    # The order of commits over all jobs, for whoever relays the log.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("job_id", Text, ForeignKey("job.job_id"), nullable=False),
    _integer("seq"),
    _text("state"),
    _text("stage"),
    _number("progress"),
    _text("message"),
    _text("timestamp"),
    _text("data"),  # JSON
    UniqueConstraint("job_id", "seq", name="event_seq"),
)

idempotency = Table(
    "idempotency",
    metadata,
    _text("tenant"),
    _text("project"),
    _text("key"),
    _text("request_hash"),
    Column("job_id", Text, ForeignKey("job.job_id"), nullable=False),
    _text("created_at"),
    PrimaryKeyConstraint("tenant", "project", "key"),
)

journal = Table(
    "journal",
    metadata,
    Column("job_id", Text, ForeignKey("job.job_id"), nullable=False),
    _integer("position"),
    _text("key"),
    _text("value"),  # JSON
    PrimaryKeyConstraint("job_id", "position"),
)

submission = Table(
    "submission",
    metadata,
    Column("key", Text, primary_key=True),
    _text("origin"),
    Column("job_id", Text, ForeignKey("job.job_id"), nullable=False),
    _text("device_id"),
    _text("digest"),
    _integer("shots"),
    Column("cost", Float(53)),
    _text("currency"),
    _text("asked_at"),
    _text("state"),
    _text("handle"),
    Index("submission_origin", "origin", "asked_at"),
)

outcome = Table(
    "outcome",
    metadata,
    Column("job_id", Text, ForeignKey("job.job_id"), nullable=False),
    _integer("fence"),
    Column("accepted", Boolean, nullable=False),
    Column("data", LargeBinary),  # JSON; NULL once the files of the job are written
    PrimaryKeyConstraint("job_id", "fence"),
)
