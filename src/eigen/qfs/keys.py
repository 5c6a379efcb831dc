"""`SqlKeyStore`: the API keys of `store.KeyStore` in SQL. It keeps digests of secrets, and knows no secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

from eigen.errors import EigenError
from eigen.qfs.db import again
from eigen.qfs.identity_schema import api_key
from eigen.types import ApiKey

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from eigen.qfs.db import Database

KEY = api_key.c
FIND = select(api_key).where(KEY.key_id == bindparam("id"))
ANY = select(func.min(KEY.key_id))
"""What is asked with every request."""


class SqlKeyStore:
    """API keys in the table `api_key`. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._find = database.lookup(FIND)
        self._any = database.lookup(ANY)

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

        def keep(connection: Connection) -> None:
            known = connection.execute(FIND, {"id": key.key_id}).first()
            if known is None:
                connection.execute(insert(api_key).values(values))
            elif not again(connection) or _key(tuple(known)) != key:
                raise EigenError("EIGEN_INTERNAL", f"there is an API key `{key.key_id}` already")

        self._database.write(keep)

    def find(self, key_id: str) -> ApiKey | None:
        """The key of that id, revoked and expired ones too, or None."""
        row = self._find(key_id)
        return None if row is None else _key(row)

    def list(self) -> tuple[ApiKey, ...]:
        """Every key, oldest first."""
        query = select(api_key).order_by(KEY.created_at, KEY.key_id)
        found = self._database.read(lambda connection: connection.execute(query).all())
        return tuple(_key(tuple(row)) for row in found)

    def revoke(self, key_id: str, at: str) -> bool:
        """Revoke a key from now on; False when there is none of that id, or it is revoked already."""
        open_key = (KEY.key_id == key_id) & (KEY.revoked_at == "")
        change = update(api_key).where(open_key).values(revoked_at=at)

        def end(connection: Connection) -> bool:
            if connection.execute(change).rowcount == 1:
                return True
            known = connection.execute(FIND, {"id": key_id}).first() if again(connection) else None
            return known is not None and _key(tuple(known)).revoked_at == at

        return self._database.write(end)

    def any(self) -> bool:
        """Whether a key was ever made; a revoked or expired one counts."""
        return self._any() != (None,)


def _key(row: tuple[Any, ...]) -> ApiKey:
    columns: dict[str, Any] = dict(zip(KEY.keys(), row, strict=True))
    columns["roles"] = tuple(json.loads(columns["roles"]))
    return ApiKey(**columns)
