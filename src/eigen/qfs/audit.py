"""`SqlAuditLog`: the audit log of `store.AuditLog` in SQL. Entries are added and read; nothing changes one."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from eigen.qfs.db import again
from eigen.qfs.identity_schema import audit
from eigen.qfs.prepared import Prepared
from eigen.types import AuditEntry

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from eigen.qfs.db import Database

ADD = Prepared(insert(audit).inline(), list(AuditEntry.__slots__))


class SqlAuditLog:
    """The audit log in the table `audit`. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, entry: AuditEntry) -> None:
        """Add an entry, durably."""
        values = asdict(entry)

        def add(connection: Connection) -> None:
            if again(connection):
                same = select(audit.c.id).where(*(audit.c[name] == value for name, value in values.items())).limit(1)
                if connection.execute(same).first() is not None:
                    return
            ADD.count(connection, values)

        self._database.write(add)

    def newest(self, limit: int, *, tenant: str | None = None) -> tuple[AuditEntry, ...]:
        """The last `limit` entries, of one tenant or of all, newest first."""
        query = select(*(audit.c[name] for name in AuditEntry.__slots__)).order_by(audit.c.id.desc()).limit(limit)
        if tenant is not None:
            query = query.where(audit.c.tenant == tenant)
        found = self._database.read(lambda connection: connection.execute(query).mappings().all())
        return tuple(AuditEntry(**row) for row in found)
