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
