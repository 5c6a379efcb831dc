"""The tables of identity in the job database: API keys, and the audit log. They share the metadata of `schema`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from eigen.qfs.schema import metadata


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


api_key = Table(
    "api_key",
    metadata,
    Column("key_id", Text, primary_key=True),
    _text("secret_sha256"),
    _text("name"),
    _text("tenant"),
    _text("project"),
    _text("roles"),  # JSON
    _text("created_at"),
    _text("expires_at"),  # "": never
    _text("revoked_at"),  # "": not
)

audit = Table(
    "audit",
    metadata,
    # The order in which entries were committed.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    _text("at"),
    _text("subject"),
    _text("tenant"),
    _text("action"),
    _text("target"),
    _text("outcome"),
    _text("surface"),
    _text("trace_id"),
)
