"""A loss of power takes none of the files of a job that were flushed by way of the log."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from doubles import house
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.qfs import ahead
from eigen.qfs.artifacts import LocalArtifacts
from eigen.types import JobState

if TYPE_CHECKING:
    from pathlib import Path

    from eigen.kernel.ports import Ports


def lose_power(outside: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    """The directory of all jobs is as if nothing in it had ever been written."""
    artifacts = outside.artifacts
    assert isinstance(artifacts, LocalArtifacts)
    assert artifacts._ahead is not None
    assert artifacts._ahead._log is not None
    os.close(artifacts._ahead._log.descriptor)
    outside.jobs.close()
    shutil.rmtree(artifacts.root / "jobs")
    monkeypatch.setattr(ahead, "current_boot", lambda: "another")


@pytest.mark.parametrize("program", ["bell", "vqe-shots", "turned"])
def test_a_job_that_ended_can_be_verified_and_one_that_was_stored_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    artifacts = LocalArtifacts(tmp_path)
    artifacts.write_ahead()
    before = house.ports(tmp_path, artifacts=artifacts)
    job = house.spec(program)
    ended, waiting = (Kernel(before).submit(job, house.files(job)) for _ in range(2))
    assert Worker(before).run_until(ended)
    results = Kernel(before).results(ended)
    files = {info.path: Kernel(before).artifact(ended, info.path) for info in Kernel(before).artifacts(ended)}
    lose_power(before, monkeypatch)
    after = house.ports(tmp_path)
    assert Kernel(after).results(ended) == results
    assert {path: Kernel(after).artifact(ended, path) for path in files} == files
    assert Kernel(after).verify(ended).holds
    assert Worker(after).run_until(waiting)
    again = Kernel(after).results(waiting)
    assert (again.state, again.outputs, again.counts) == (JobState.DONE, results.outputs, results.counts)
    after.jobs.close()
