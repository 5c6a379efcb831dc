"""The tables of leased regions in the job database. They share the metadata of `schema`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, Table, Text

from eigen.qfs.schema import metadata

# The qubits that a job has: while it holds its lease under that fence, and no longer.
region = Table(
    "region",
    metadata,
    Column("job_id", Text, primary_key=True),
    Column("fence", BigInteger, nullable=False),
    Column("device_id", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("qubits", Text, nullable=False),  # JSON
)
Index("region_device", region.c.device_id)

# Who waits for qubits of a device, and how often others took some meanwhile.
region_wait = Table(
    "region_wait",
    metadata,
    Column("device_id", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("passed_over", BigInteger, nullable=False),
    PrimaryKeyConstraint("device_id", "job_id"),
)
