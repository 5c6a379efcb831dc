"""The table of receipts in the job database, one chain for each tenant. It shares the metadata of `schema`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, PrimaryKeyConstraint, Table, Text

from eigen.qfs.schema import metadata

receipt = Table(
    "receipt",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("position", BigInteger, nullable=False, autoincrement=False),
    Column("job_id", Text, ForeignKey("job.job_id"), nullable=False, unique=True),
    Column("content", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    # Two writers that read the same end of a chain cannot both continue it.
    PrimaryKeyConstraint("tenant", "position"),
)
