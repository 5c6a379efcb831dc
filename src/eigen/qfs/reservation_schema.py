"""The table of reservations in the job database. It shares the metadata of `schema`."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Table, Text

from eigen.qfs.schema import metadata

reservation = Table(
    "reservation",
    metadata,
    Column("reservation_id", Text, primary_key=True),
    Column("device_id", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("created_at", Text, nullable=False),  # RFC 3339 of one width: they sort as text
    Column("expires_at", Text, nullable=False),
    Column("released", Boolean, nullable=False),
)
Index("reservation_device", reservation.c.device_id, reservation.c.expires_at)
