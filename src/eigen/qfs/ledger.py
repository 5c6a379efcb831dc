"""`SqlLedger`: the ledger of receipts of `store.Ledger` in SQL. Entries are added and read; nothing changes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select

from eigen.qfs.ledger_schema import receipt
from eigen.qfs.prepared import Prepared
from eigen.qfs.store import LedgerEntry

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from eigen.qfs.db import Database

COLUMNS = tuple(receipt.c[name] for name in LedgerEntry.__slots__)
KNOWN = Prepared(select(*COLUMNS).where(receipt.c.job_id == bindparam("id")))
LAST = Prepared(
    select(receipt.c.position, receipt.c.sha256)
    .where(receipt.c.tenant == bindparam("of"))
    .order_by(receipt.c.position.desc())
    .limit(1)
)
ENTER = Prepared(insert(receipt).inline(), list(LedgerEntry.__slots__))
"""What is asked and said for each job."""


class SqlLedger:
    """The ledger in the table `receipt`. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enter(self, tenant: str, job_id: str, content: str) -> LedgerEntry:
        """Add a job's receipt to the end of its tenant's chain, durably, or return the entry it has."""

        def add(connection: Connection) -> LedgerEntry:
            self._database.alone(connection, f"receipts.{tenant}")
            return _known(connection, job_id) or _append(connection, tenant, job_id, content)

        return self._database.write(add)

    def get(self, job_id: str) -> LedgerEntry | None:
        """The entry of a job, or None."""
        return self._database.read(lambda connection: _known(connection, job_id))

    def entries(self, tenant: str, after: int = 0, limit: int = 1000) -> tuple[LedgerEntry, ...]:
        """The entries of a tenant's chain after a position, in order."""
        query = select(*COLUMNS).where(receipt.c.tenant == tenant, receipt.c.position > after)
        query = query.order_by(receipt.c.position).limit(limit)
        found = self._database.read(lambda connection: connection.execute(query).mappings().all())
        return tuple(LedgerEntry(**row) for row in found)


def _known(connection: Connection, job_id: str) -> LedgerEntry | None:
    found = KNOWN.first(connection, {"id": job_id})
    return None if found is None else LedgerEntry(**found)


def _append(connection: Connection, tenant: str, job_id: str, content: str) -> LedgerEntry:
    end = LAST.first(connection, {"of": tenant})
    position, previous = (1, "") if end is None else (end["position"] + 1, end["sha256"])
    entry = LedgerEntry.following(tenant, position, job_id, content, previous)
    ENTER.count(connection, {name: getattr(entry, name) for name in LedgerEntry.__slots__})
    return entry
