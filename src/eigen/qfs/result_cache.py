"""`SqlResultCache`: results of evaluations that are found again, in SQL, within a bound over all tenants.

Room is made by the tenant that has the most, which loses what it used least recently: who has less than its share of
the bound loses nothing to others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from eigen.qfs.cache_schema import cache_room, cached
from eigen.qfs.store import CachedResult, CacheUse

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sqlalchemy import Connection, Select

    from eigen.qfs.db import Database

ROW_BYTES = 512
"""What an entry takes beside its data, indexes included: it counts into the bound."""

LARGEST = 8
"""No entry takes more than this part of the bound: one result does not drive out all others."""

AT_A_TIME = 256
PART = "result-cache"
COLUMNS = tuple(cached.c[name] for name in CachedResult.__slots__)


class SqlResultCache:
    """The cache in the tables `cached` and `cache_room`. Every method is one transaction, and none is flushed: what the
    power takes is a miss."""

    def __init__(self, database: Database, most_bytes: int) -> None:
        self._database = database
        self._most_bytes = most_bytes
        self._find: Callable[..., tuple[Any, ...] | None] | None = None

    def get(self, tenant: str, key: str) -> CachedResult | None:
        """See `ResultCache.get`."""
        if self._find is None:
            mine = (cached.c.tenant == bindparam("tenant"), cached.c.key == bindparam("key"))
            query: Select[Any] = select(*COLUMNS).where(*mine)
            self._find = self._database.lookup(query)
        found = self._find(tenant, key)
        return None if found is None else CachedResult(**dict(zip(CachedResult.__slots__, found, strict=True)))

    def keep(self, tenant: str, entries: Sequence[CachedResult], used: Collection[str], at: float) -> None:
        """See `ResultCache.keep`."""
        fitting = [each for each in entries if ROW_BYTES + len(each.data) <= self._most_bytes // LARGEST]
        if not fitting and not used:
            return

        def write(connection: Connection) -> None:
            self._database.alone(connection, PART)
            for part in _parts(sorted(used)):
                mine = (cached.c.tenant == tenant, cached.c.key.in_(part))
                connection.execute(update(cached).where(*mine).values(used_at=at))
            if fitting:
                _add(connection, tenant, fitting, at)
                _make_room(connection, self._most_bytes)

        self._database.write(write, flush=False)

    def forget(self, tenant: str, key: str) -> None:
        """See `ResultCache.forget`."""

        def write(connection: Connection) -> None:
            self._database.alone(connection, PART)
            mine = (cached.c.tenant == tenant, cached.c.key == key)
            size = connection.execute(select(cached.c.bytes).where(*mine)).scalar()
            if size is not None:
                connection.execute(delete(cached).where(*mine))
                _account(connection, tenant, -1, -size)

        self._database.write(write, flush=False)

    def use(self) -> tuple[CacheUse, ...]:
        """See `ResultCache.use`."""
        query = select(cache_room).order_by(cache_room.c.bytes.desc(), cache_room.c.tenant)
        found = self._database.read(lambda connection: connection.execute(query).all())
        return tuple(CacheUse(*row) for row in found)

    def clear(self, tenant: str | None = None) -> int:
        """See `ResultCache.clear`."""

        def write(connection: Connection) -> int:
            self._database.alone(connection, PART)
            count = 0
            for table in (cached, cache_room):
                gone = delete(table) if tenant is None else delete(table).where(table.c.tenant == tenant)
                done = connection.execute(gone).rowcount
                count = done if table is cached else count
            return count

        return self._database.write(write)


def _add(connection: Connection, tenant: str, entries: Sequence[CachedResult], at: float) -> None:
    """Add what is not there; of two that computed the same, the first is kept."""
    by_key = {each.key: each for each in entries}
    known = select(cached.c.key).where(cached.c.tenant == tenant)
    there: set[str] = set()
    for part in _parts(list(by_key)):
        there.update(connection.execute(known.where(cached.c.key.in_(part))).scalars())
    rows: list[dict[str, Any]] = [
        {
            "tenant": tenant,
            "key": each.key,
            "job_id": each.job_id,
            "data": each.data,
            "digest": each.digest,
            "bytes": ROW_BYTES + len(each.data),
            "used_at": at,
        }
        for each in by_key.values()
        if each.key not in there
    ]
    if rows:
        connection.execute(insert(cached), rows)
        _account(connection, tenant, len(rows), sum(row["bytes"] for row in rows))


def _account(connection: Connection, tenant: str, entries: int, size: int) -> None:
    mine = cache_room.c.tenant == tenant
    values = {"entries": cache_room.c.entries + entries, "bytes": cache_room.c.bytes + size}
    if not connection.execute(update(cache_room).where(mine).values(values)).rowcount:
        connection.execute(insert(cache_room).values(tenant=tenant, entries=entries, bytes=size))


def _make_room(connection: Connection, most_bytes: int) -> None:
    while (over := (connection.execute(select(func.sum(cache_room.c.bytes))).scalar() or 0) - most_bytes) > 0:
        richest = select(cache_room.c.tenant).order_by(cache_room.c.bytes.desc(), cache_room.c.tenant).limit(1)
        tenant = connection.execute(richest).scalar_one()
        mine = cached.c.tenant == tenant
        oldest = select(cached.c.key, cached.c.bytes).where(mine).order_by(cached.c.used_at, cached.c.key)
        gone: dict[str, int] = {}
        for key, size in connection.execute(oldest.limit(AT_A_TIME)):
            if sum(gone.values()) >= over:
                break
            gone[key] = size
        if not gone:  # the account of an empty tenant is wrong: it is closed
            connection.execute(delete(cache_room).where(cache_room.c.tenant == tenant))
            continue
        connection.execute(delete(cached).where(mine, cached.c.key.in_(list(gone))))
        _account(connection, tenant, -len(gone), -sum(gone.values()))


def _parts(keys: list[str]) -> list[list[str]]:
    return [keys[first : first + AT_A_TIME] for first in range(0, len(keys), AT_A_TIME)]
