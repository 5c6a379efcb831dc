"""A kernel over a fresh directory for each test."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from doubles import house
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from eigen.kernel.ports import Ports
    from eigen.types import JobResults


@dataclass
class Bench:
    """Kernel and worker over one directory."""

    root: Path
    ports: Ports

    @property
    def kernel(self) -> Kernel:
        return Kernel(self.ports)

    def submit(self, program: str, target: str = "sim:statevector", **changes: object) -> str:
        job = house.spec(program, target, **changes)
        return self.kernel.submit(job, house.files(job))

    def run(self, job_id: str) -> JobResults:
        assert Worker(self.ports).run_until(job_id, wait_seconds=60)
        return self.kernel.results(job_id)

    def having(self, **changes: object) -> Bench:
        """The same directory with other ports."""
        return Bench(self.root, replace(self.ports, **changes))  # type: ignore[arg-type]


@pytest.fixture
def bench(tmp_path: Path) -> Generator[Bench]:
    bench = Bench(tmp_path, house.ports(tmp_path))
    yield bench
    bench.ports.jobs.close()
