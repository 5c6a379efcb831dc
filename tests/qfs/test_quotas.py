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


@pytest.mark.parametrize(
    "written",
    [
        *("acme", "acme=1", ".queued=1", "acme.queued", "acme.queued=-1", "acme.queued=1.5", "acme.queued=x"),
        *("acme.waiting=1", "/lab.queued=1", "acme/.queued=1", "*/lab.queued=1", "acme.queued=²"),
        "acme.queued=10000000000000000000000",
    ],
)
def test_what_is_no_quota_is_refused(written: str) -> None:
    with pytest.raises(EigenError) as error:
        quotas_of(f"lab.queued=1,{written}")
    assert error.value.code == "EIGEN_CONFIG_INVALID"
    assert error.value.where == "tenant_quotas"
