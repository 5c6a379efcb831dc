"""What every `Ledger` does: one entry a job, one chain a tenant, however many write at once."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from eigen.jobspec import JobSpec, ProgramRef
from eigen.kernel import jobs
from eigen.qfs.job_store import SqlJobStore
from eigen.qfs.ledger import SqlLedger

if TYPE_CHECKING:
    import pytest

    from conftest import Kept
    from eigen.qfs.db import Database
    from eigen.qfs.store import JobStore, Ledger, LedgerEntry


def jobs_of(store: JobStore, count: int, *, tenant: str = "acme") -> list[str]:
    names = [f"{tenant}_{number:03d}" for number in range(count)]
    for name in names:
        spec = JobSpec(name=name, program=ProgramRef(sha256="0" * 64))
        store.insert(*jobs.create(name, spec, at=1.0, entropy=1, tenant=tenant))
    return names


def unbroken(chain: tuple[LedgerEntry, ...]) -> bool:
    follows = all(after.previous == before.sha256 for before, after in pairwise(chain))
    return follows and [each.position for each in chain] == [*range(1, len(chain) + 1)] and all(e.holds for e in chain)


def test_entries_follow_each_other(kept: Kept) -> None:
    ledger: Ledger = kept.ledger
    one, two = jobs_of(kept.jobs, 2)
    first, second = ledger.enter("acme", one, '{"a":1}'), ledger.enter("acme", two, '{"ä":2}')
    assert (first.position, first.previous) == (1, "")
    assert (second.position, second.previous) == (2, first.sha256)
    assert ledger.entries("acme") == (first, second)
    assert ledger.entries("acme", 1) == (second,)
    assert ledger.entries("acme", 0, 1) == (first,)
    assert ledger.get(one) == first
    assert ledger.get("nobody") is None
    assert unbroken((first, second))


def test_a_job_has_one_entry_whatever_comes_later(kept: Kept) -> None:
    ledger = kept.ledger
    (name,) = jobs_of(kept.jobs, 1)
    first = ledger.enter("acme", name, "1")
    assert ledger.enter("acme", name, "2") == first
    assert ledger.entries("acme") == (first,)


def test_each_tenant_has_a_chain_of_its_own(kept: Kept) -> None:
    ledger = kept.ledger
    for tenant in ("acme", "umbrella"):
        for name in jobs_of(kept.jobs, 3, tenant=tenant):
            ledger.enter(tenant, name, name)
    for tenant in ("acme", "umbrella"):
        chain = ledger.entries(tenant)
        assert unbroken(chain)
        assert {each.tenant for each in chain} == {tenant}


def test_the_digest_is_over_all_of_an_entry(kept: Kept) -> None:
    (name,) = jobs_of(kept.jobs, 1)
    entry = kept.ledger.enter("acme", name, "content")
    assert entry.holds
    for change in ({"content": "other"}, {"position": 2}, {"previous": "x"}, {"job_id": "y"}, {"sha256": "z"}):
        assert not replace(entry, **change).holds  # type: ignore[arg-type]


def test_threads_make_one_chain(kept: Kept) -> None:
    ledger, names = kept.ledger, jobs_of(kept.jobs, 40)
    with ThreadPoolExecutor(8) as pool:
        entries = [*pool.map(lambda name: ledger.enter("acme", name, name), names * 2)]
    assert unbroken(ledger.entries("acme"))
    assert len({entry.position for entry in entries}) == 40


WRITER = """
import sys
from eigen.qfs.ledger import SqlLedger
from eigen.qfs.postgres import PostgresDatabase
from eigen.qfs.sqlite import SqliteDatabase
from pathlib import Path
place = sys.argv[1]
ledger = SqlLedger(PostgresDatabase(place) if "://" in place else SqliteDatabase(Path(place)))
for name in sys.argv[2:]:
    ledger.enter("acme", name, name)
"""


def test_processes_make_one_chain(database: Database, request: pytest.FixtureRequest) -> None:
    sqlite = database.kind == "sqlite"
    place = str(request.getfixturevalue("tmp_path") / "jobs.db") if sqlite else request.getfixturevalue("postgres_url")
    names = jobs_of(SqlJobStore(database), 30)
    shares = [names[:20], names[10:], names[::2]]
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, place, *share]) for share in shares]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    chain = SqlLedger(database).entries("acme")
    assert unbroken(chain)
    assert sorted(each.job_id for each in chain) == names
