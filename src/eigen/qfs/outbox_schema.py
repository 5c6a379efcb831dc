"""The tables of what was told to the outside, by sink, in the job database. They share the metadata of `schema`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, PrimaryKeyConstraint, Table, Text

from eigen.qfs.schema import metadata

outbox = Table(
    "outbox",
    metadata,
    Column("sink", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("place", Text, nullable=False),  # a place in the log of events, which may need more than 64 bits
    Column("epoch", BigInteger, nullable=False),  # how often somebody began to relay: who names an older one is late
)

outbox_job = Table(
    "outbox_job",
    metadata,
    Column("sink", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt", BigInteger, nullable=False),
    Column("log_lines", BigInteger, nullable=False),
    Column("ended", Boolean, nullable=False),
    PrimaryKeyConstraint("sink", "job_id"),
)

Index("outbox_job_ended", outbox_job.c.sink, outbox_job.c.ended, outbox_job.c.job_id)
