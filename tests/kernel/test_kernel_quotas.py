"""Quotas as a submission meets them: nothing is left of one that is refused; a job asks for what it says."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bench.kernel.houses import no_op

from eigen.app import make_registry, open_ports
from eigen.config import Settings
from eigen.errors import EigenError
from eigen.jobspec.spec import Budget
from eigen.kernel import jobs
from eigen.kernel.asked import asking
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.types import Caller

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def kernel(root: Path, quotas: str) -> Iterator[Kernel]:
    settings = Settings(qfs_root=str(root), tenant_quotas=quotas, default_shots=700)
    database, ports = open_ports(settings, make_registry(settings))
    try:
        yield Kernel(ports, Caller(tenant="acme"))
    finally:
        database.close()


def test_a_refused_submission_leaves_nothing_and_room_comes_with_an_end(tmp_path: Path) -> None:
    spec, files = no_op()
    with kernel(tmp_path, "acme.queued=1") as acme:
        first = acme.submit(spec, files)
        with pytest.raises(EigenError, match="tenant `acme` has `1` jobs that wait, and may have `1`"):
            acme.submit(spec, files)
        assert [path.name for path in (tmp_path / "jobs").iterdir()] == [first]
        assert Worker(acme.ports).run_until(first, wait_seconds=60)
        assert acme.submit(spec, files) != first


def test_a_job_asks_for_the_shots_of_its_budget_else_its_own_else_the_usual_ones(tmp_path: Path) -> None:
    spec, files = no_op()
    with kernel(tmp_path, "") as acme:
        asked = [
            replace(spec, shots=10, budget=Budget(max_shots=3_000)),
            replace(spec, shots=10),
            replace(spec, shots=None),
        ]
        rows = [acme.ports.jobs.get(acme.submit(job, files)) for job in asked]
    assert [row and row.shots for row in rows] == [3_000, 10, 700]
    assert [row and row.input_bytes for row in rows] == [sum(map(len, files.values()))] * 3


def test_all_files_of_an_ended_job_are_kept_until_the_quota_of_storage_is_full(tmp_path: Path) -> None:
    spec, files = no_op()
    with kernel(tmp_path, "acme.storage=10000000") as acme:
        job_id = acme.submit(spec, files)
        assert Worker(acme.ports).run_until(job_id, wait_seconds=60)
        size = sum(info.size_bytes for info in acme.artifacts(job_id))
    assert size > 1000
    with (
        kernel(tmp_path, f"acme.storage={size}") as acme,
        pytest.raises(EigenError, match=f"tenant `acme` keeps `{size}` bytes in files of jobs"),
    ):
        acme.submit(spec, files)
    with kernel(tmp_path, f"acme.storage={size + sum(map(len, files.values()))}") as acme:
        acme.submit(spec, files)


def test_what_a_job_may_cost_is_counted_to_the_millionth_rounded_up(tmp_path: Path) -> None:
    spec, files = no_op()
    with kernel(tmp_path, "") as acme:
        asked = [replace(spec, budget=Budget(max_cost=most)) for most in (None, 1.1, 0.00000001, 1e12)]
        rows = [acme.ports.jobs.get(acme.submit(job, files)) for job in asked]
    assert [row and row.cost for row in rows] == [None, 1_100_000, 1, 10**15]


def test_a_workflow_answers_for_what_its_steps_cost(tmp_path: Path) -> None:
    spec, files = no_op()
    made, _ = jobs.create("job_1", spec, at=1.0, entropy=1, part=("job_0", "step", -1))
    assert asking(made, spec, files, default_shots=700).cost == 0
