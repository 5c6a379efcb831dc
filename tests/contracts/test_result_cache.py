"""What every `ResultCache` does: an entry comes back whole or not at all, to its tenant alone, within the bound."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text

from eigen.qfs.cache_schema import cached
from eigen.qfs.result_cache import LARGEST, ROW_BYTES, SqlResultCache
from eigen.qfs.store import CachedResult, CacheUse

if TYPE_CHECKING:
    from conftest import Kept
    from eigen.qfs.db import Database
    from eigen.qfs.store import ResultCache

SIZE = 488
WHOLE = ROW_BYTES + SIZE
BOUND = 20 * WHOLE


def entry(tenant: str, number: int, size: int = SIZE) -> CachedResult:
    return CachedResult.of(tenant, f"{number:064x}", f"job_{number}", bytes([number % 251]) * size)


@pytest.fixture
def cache(kept: Kept) -> ResultCache:
    return kept.cache(BOUND)


@pytest.fixture
def stored(database: Database) -> ResultCache:
    """One whose tables the test looks at."""
    return SqlResultCache(database, BOUND)


def present(cache: ResultCache, tenant: str, numbers: range) -> list[int]:
    return [number for number in numbers if cache.get(tenant, entry(tenant, number).key) is not None]


def test_what_was_kept_comes_back(cache: ResultCache) -> None:
    one, two = entry("acme", 1), entry("acme", 2, 0)
    assert cache.get("acme", one.key) is None
    cache.keep("acme", [one, two], (), 1.0)
    assert cache.get("acme", one.key) == one
    assert cache.get("acme", two.key) == two
    assert one.holds
    assert two.holds


def test_nobody_sees_what_another_tenant_has(cache: ResultCache) -> None:
    one = entry("acme", 1)
    cache.keep("acme", [one], (), 1.0)
    assert cache.get("umbrella", one.key) is None
    cache.forget("umbrella", one.key)
    assert cache.clear("umbrella") == 0
    assert cache.get("acme", one.key) == one
    moved = replace(one, tenant="umbrella")
    assert not moved.holds


def test_the_first_of_two_is_kept(cache: ResultCache) -> None:
    first = entry("acme", 1)
    second = CachedResult.of("acme", first.key, "later", b"x")
    cache.keep("acme", [first, second, second], (), 1.0)
    cache.keep("acme", [second], (), 2.0)
    cache.keep("acme", [first], (), 3.0)
    found = cache.get("acme", first.key)
    assert found in (first, second)
    assert cache.use()[0].entries == 1


def test_what_was_used_least_recently_makes_room(cache: ResultCache) -> None:
    for number in range(20):
        cache.keep("acme", [entry("acme", number)], (), float(number))
    cache.keep("acme", [], {entry("acme", 0).key, entry("acme", 3).key}, 50.0)
    cache.keep("acme", [entry("acme", number) for number in range(20, 25)], (), 60.0)
    assert present(cache, "acme", range(25)) == [0, 3, *range(7, 25)]
    assert cache.use() == (CacheUse("acme", 20, BOUND),)


def test_a_tenant_within_its_share_loses_nothing_to_others(cache: ResultCache) -> None:
    cache.keep("small", [entry("small", number) for number in range(6)], (), 1.0)
    for number in range(100):
        cache.keep("large", [entry("large", number)], (), 2.0 + number)
    assert present(cache, "small", range(6)) == list(range(6))
    assert present(cache, "large", range(100)) == list(range(86, 100))


def test_one_result_does_not_drive_out_all_others(cache: ResultCache) -> None:
    cache.keep("acme", [entry("acme", 1)], (), 1.0)
    cache.keep("acme", [entry("acme", 2, BOUND // LARGEST)], (), 2.0)
    assert present(cache, "acme", range(1, 3)) == [1]


def test_forgetting_and_clearing_keep_the_account(stored: ResultCache, database: Database) -> None:
    stored.keep("acme", [entry("acme", number) for number in range(5)], (), 1.0)
    stored.keep("umbrella", [entry("umbrella", 1)], (), 1.0)
    stored.forget("acme", entry("acme", 2).key)
    stored.forget("acme", entry("acme", 2).key)
    assert stored.use() == (CacheUse("acme", 4, 4 * WHOLE), CacheUse("umbrella", 1, WHOLE))
    assert stored.clear("acme") == 4
    assert stored.use() == (CacheUse("umbrella", 1, WHOLE),)
    assert stored.clear() == 1
    assert stored.use() == ()
    assert database.read(lambda connection: connection.execute(select(func.count()).select_from(cached)).scalar()) == 0


def test_however_many_write_at_once_the_account_is_right(stored: ResultCache, database: Database) -> None:
    def write(worker: int) -> None:
        for number in range(12):
            stored.keep("acme", [entry("acme", (worker * 5 + number) % 30)], {entry("acme", number).key}, float(number))
            stored.forget("acme", entry("acme", number + worker).key)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    query = select(func.count(), func.coalesce(func.sum(cached.c.bytes), 0))
    count, size = database.read(lambda connection: connection.execute(query).one())
    assert [(use.entries, use.bytes) for use in stored.use()] == [(count, size)]
    assert size <= BOUND


@pytest.mark.parametrize("column", ["data", "digest", "job_id"])
def test_what_was_changed_does_not_hold(stored: ResultCache, database: Database, column: str) -> None:
    one = entry("acme", 1)
    stored.keep("acme", [one], (), 1.0)
    value = b"\x00" + one.data[1:] if column == "data" else "another"
    change = text(f"UPDATE cached SET {column} = :value")
    database.write(lambda connection: connection.execute(change, {"value": value}))
    found = stored.get("acme", one.key)
    assert found is not None
    assert not found.holds
