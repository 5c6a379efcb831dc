"""What every `KeyStore` and `AuditLog` does: keys are found, revoked once and never forgotten; entries only add up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from eigen.errors import EigenError
from eigen.qfs.audit import SqlAuditLog
from eigen.qfs.keys import SqlKeyStore
from eigen.types import ApiKey, AuditEntry

if TYPE_CHECKING:
    from eigen.qfs.db import Database
    from eigen.qfs.store import AuditLog, KeyStore

KEY = ApiKey(
    key_id="k1",
    secret_sha256="0" * 64,
    name="bench é",
    tenant="a",
    project="p",
    roles=("user", "readonly"),
    created_at="2026-01-01T00:00:00.000Z",
)


@pytest.fixture
def keys(database: Database) -> KeyStore:
    return SqlKeyStore(database)


@pytest.fixture
def audit(database: Database) -> AuditLog:
    return SqlAuditLog(database)


def entry(number: int, tenant: str = "a") -> AuditEntry:
    return AuditEntry(
        at="2026-01-01T00:00:00.000Z",
        subject="key:k1",
        tenant=tenant,
        action="jobs:submit",
        target=f"job_{number}",
        outcome="ok",
        surface="rest",
        trace_id="ab" * 16,
    )


def test_a_key_comes_back_as_it_went_in(keys: KeyStore) -> None:
    assert keys.find("k1") is None
    keys.add(KEY)
    assert keys.find("k1") == KEY
    assert keys.find("K1") is None


def test_a_key_id_is_given_once(keys: KeyStore) -> None:
    keys.add(KEY)
    with pytest.raises(EigenError) as error:
        keys.add(replace(KEY, tenant="b"))
    assert error.value.code == "EIGEN_INTERNAL"
    assert keys.find("k1") == KEY


def test_a_key_is_revoked_once(keys: KeyStore) -> None:
    keys.add(KEY)
    assert keys.revoke("k1", "2026-02-01T00:00:00.000Z")
    assert not keys.revoke("k1", "2026-03-01T00:00:00.000Z")
    assert not keys.revoke("k2", "2026-03-01T00:00:00.000Z")
    assert keys.find("k1") == replace(KEY, revoked_at="2026-02-01T00:00:00.000Z")


def test_keys_are_listed_oldest_first(keys: KeyStore) -> None:
    later = replace(KEY, key_id="k0", created_at="2026-01-02T00:00:00.000Z")
    keys.add(later)
    keys.add(KEY)
    assert keys.list() == (KEY, later)


def test_a_revoked_key_still_counts_as_one_that_was_made(keys: KeyStore) -> None:
    assert not keys.any()
    keys.add(KEY)
    keys.revoke("k1", "2026-02-01T00:00:00.000Z")
    assert keys.any()


def test_the_audit_log_keeps_every_entry_in_order(audit: AuditLog) -> None:
    entries = [entry(1), entry(2, "b"), entry(2, "b"), entry(3)]
    for each in entries:
        audit.append(each)
    assert audit.newest(10) == tuple(reversed(entries))
    assert audit.newest(2) == (entry(3), entry(2, "b"))
    assert audit.newest(10, tenant="a") == (entry(3), entry(1))


def test_the_audit_log_has_no_way_to_change_an_entry(audit: AuditLog) -> None:
    assert {name for name in dir(audit) if not name.startswith("_")} == {"append", "newest"}
