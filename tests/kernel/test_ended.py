"""A job that has ended has its files for whoever asks, also in the moment before they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eigen.errors import EigenError
from eigen.kernel.worker import Worker

if TYPE_CHECKING:
    from conftest import Bench
    from eigen.types import ArtifactInfo


class Dies(BaseException):
    """The process ends here."""


def ended_unsealed(bench: Bench, program: str) -> str:
    """A job whose worker died between its verdict and its files."""

    class Dying:
        def __getattr__(self, name: str) -> object:
            return getattr(bench.ports.artifacts, name)

        def put_all(self, job_id: str, files: dict[str, bytes]) -> object:
            if any(path.startswith("results/") for path in files):
                raise Dies
            return bench.ports.artifacts.put_all(job_id, files)

    job_id = bench.submit(program)
    with pytest.raises(Dies):
        Worker(bench.having(artifacts=Dying()).ports).run_next()
    return job_id


@pytest.mark.parametrize("program", ["bell", "vqe", "division", "nonsense"])
def test_the_files_are_the_ones_that_will_be_written(bench: Bench, program: str) -> None:
    job_id = ended_unsealed(bench, program)
    kernel = bench.kernel

    def look() -> tuple[dict[str, bytes], tuple[ArtifactInfo, ...]]:
        listed = kernel.artifacts(job_id)
        return {info.path: kernel.artifact(job_id, info.path) for info in listed}, listed

    before = look()
    row = bench.ports.jobs.get(job_id)
    assert row is not None
    assert row.state.is_terminal
    assert not row.sealed
    assert kernel.artifact(job_id, "results.json") == before[0]["results/results.json"]
    bench.ports.jobs.break_leases(bench.ports.jobs.owners())
    bench.run(job_id)
    assert look() == before
    assert ("results/error.json" in before[0]) == (program in {"division", "nonsense"})


def test_what_it_will_not_have_is_not_there(bench: Bench) -> None:
    job_id = ended_unsealed(bench, "bell")
    for path in ("results/error.json", "error.json", "results/other.json"):
        with pytest.raises(EigenError) as caught:
            bench.kernel.artifact(job_id, path)
        assert caught.value.code == "EIGEN_QFS_NOT_FOUND"


def test_a_running_job_has_no_results_yet(bench: Bench) -> None:
    job_id = bench.submit("bell")
    with pytest.raises(EigenError) as caught:
        bench.kernel.artifact(job_id, "results.json")
    assert caught.value.code == "EIGEN_QFS_NOT_FOUND"
