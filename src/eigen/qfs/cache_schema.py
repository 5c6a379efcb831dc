"""The tables of the result cache, in the job database. They share the metadata of `schema`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, LargeBinary, PrimaryKeyConstraint, Table, Text

from eigen.qfs.schema import metadata

cached = Table(
    "cached",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("job_id", Text, nullable=False),  # whose evaluation it was
    Column("data", LargeBinary, nullable=False),
    Column("digest", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("used_at", Float(53), nullable=False),
    PrimaryKeyConstraint("tenant", "key"),
)

Index("cached_used", cached.c.tenant, cached.c.used_at)

cache_room = Table(
    "cache_room",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("entries", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)
