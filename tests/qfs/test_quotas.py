"""The setting that names quotas."""

from __future__ import annotations

import pytest

from eigen.errors import EigenError
from eigen.qfs.quotas import quotas_of


def test_quotas_are_read() -> None:
    quotas = quotas_of(" acme.queued=10, acme.co/lab.running = 2,*.shots=1000000,acme.shots=5, ")
    assert quotas.of("acme") == {"queued": 10, "shots": 5}
    assert quotas.of("acme", "lab") == {}
    assert quotas.of("acme.co") == {"shots": 1_000_000}
    assert quotas.of("acme.co", "lab") == {"running": 2}
    assert quotas.limits_running()
    assert not quotas_of("acme.queued=1").limits_running()
    assert not quotas_of("acme.queued=1").limits_storing("other", "p")
    assert not quotas_of("acme.running=1").limits_storing("acme", "p")


def test_money_storage_and_periods_are_read() -> None:
    quotas = quotas_of("acme/lab.shots/day=5,acme.cost=250.50,acme.cost/month=0.000001,*.jobs/hour=7,*.storage=9")
    assert quotas.of("acme") == {"cost": 250_500_000, "cost/month": 1, "jobs/hour": 7, "storage": 9}
    assert quotas.of("acme", "lab") == {"shots/day": 5}
    assert quotas.limits_storage()
    assert not quotas_of("acme.bytes/day=1").limits_storage()


@pytest.mark.parametrize(
    "written",
    [
        *("acme", "acme=1", ".queued=1", "acme.queued", "acme.queued=-1", "acme.queued=1.5", "acme.queued=x"),
        *("acme.waiting=1", "/lab.queued=1", "acme/.queued=1", "*/lab.queued=1", "acme.queued=²"),
        "acme.queued=10000000000000000000000",
        *("acme.shots/week=1", "acme.queued/day=1", "acme.storage/day=1", "acme.jobs=1", "acme.shots/=1"),
        *("acme.cost=-1", "acme.cost=1e3", "acme.cost=0.0000001", "acme.cost=nan", "acme.cost=1000000000.5"),
    ],
)
def test_what_is_no_quota_is_refused(written: str) -> None:
    with pytest.raises(EigenError) as error:
        quotas_of(f"lab.queued=1,{written}")
    assert error.value.code == "EIGEN_CONFIG_INVALID"
    assert error.value.where == "tenant_quotas"
