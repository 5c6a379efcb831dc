"""`SqlKeyStore`: the API keys of `store.KeyStore` in SQL. It keeps digests of secrets, and knows no secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import sqlite

from eigen.errors import EigenError
from eigen.qfs.identity_schema import api_key
from eigen.types import ApiKey

if TYPE_CHECKING:
    from eigen.qfs.db import Database

KEY = api_key.c
FIND = str(select(api_key).where(KEY.key_id == bindparam("id")).compile(dialect=sqlite.dialect()))
ANY = f"SELECT 1 FROM {api_key.name} LIMIT 1"
"""What is asked with every request, as text."""


class SqlKeyStore:
    """API keys in the table `api_key`. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, key: ApiKey) -> None:
        """Keep a new key; EIGEN_INTERNAL when its id is taken."""
        values = {
            "key_id": key.key_id,
            "secret_sha256": key.secret_sha256,
            "name": key.name,
            "tenant": key.tenant,
            "project": key.project,
            "roles": json.dumps(list(key.roles)),
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "revoked_at": key.revoked_at,
        }
        with self._database.write() as connection:
            if connection.execute(select(KEY.key_id).where(KEY.key_id == key.key_id)).first() is not None:
                raise EigenError("EIGEN_INTERNAL", f"there is an API key `{key.key_id}` already")
            connection.execute(insert(api_key).values(values))

    def find(self, key_id: str) -> ApiKey | None:
        """The key of that id, revoked and expired ones too, or None."""
        row = self._database.peek(FIND, key_id)
        return None if row is None else _key(row)

    def list(self) -> tuple[ApiKey, ...]:
        """Every key, oldest first."""
        with self._database.read() as connection:
            query = select(api_key).order_by(KEY.created_at, KEY.key_id)
            return tuple(_key(tuple(row)) for row in connection.execute(query))

    def revoke(self, key_id: str, at: str) -> bool:
        """Revoke a key from now on; False when there is none of that id, or it is revoked already."""
        with self._database.write() as connection:
            open_key = (KEY.key_id == key_id) & (KEY.revoked_at == "")
            return connection.execute(update(api_key).where(open_key).values(revoked_at=at)).rowcount == 1

    def any(self) -> bool:
        """Whether a key was ever made; a revoked or expired one counts."""
        return self._database.peek(ANY) is not None


def _key(row: tuple[Any, ...]) -> ApiKey:
    columns: dict[str, Any] = dict(zip(KEY.keys(), row, strict=True))
    columns["roles"] = tuple(json.loads(columns["roles"]))
    return ApiKey(**columns)
