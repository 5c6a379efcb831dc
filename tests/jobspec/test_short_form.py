"""The short form `on_job` expands to v1; what it asks and is not there is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from eigen.errors import EigenError
from eigen.jobspec import parse_job
from eigen.jobspec.template import METHODS


@pytest.mark.parametrize("method", METHODS)
def test_it_expands_to_a_job(method: str, tmp_path: Path) -> None:
    job = parse_job(f"on_job: {{backend: native, method: {method}, ai_optimize: false, seed: 3}}\n", base=tmp_path)
    assert job.spec.target == "sim:auto"
    assert job.spec.seed == 3
    assert job.files["input/program.eigen.py"].decode() == METHODS[method]


def test_a_backend_becomes_a_target(tmp_path: Path) -> None:
    job = parse_job("on_job: {backend: qiskit, method: bell}\n", base=tmp_path)
    assert job.spec.target == "qiskit:auto"


def test_the_seed_as_it_was_written_says_what_is_not_there(tmp_path: Path) -> None:
    text = "on_job:\n    backend: 'qiskit'\n    method: 'vqe'\n    hypervisor: 'firecracker'\n    ai_optimize: true\n"
    with pytest.raises(EigenError) as caught:
        parse_job(text, base=tmp_path)
    assert caught.value.code == "EIGEN_NOT_AVAILABLE"
    fields = [entry["field"] for entry in caught.value.details["field_violations"]]
    assert fields == ["on_job.hypervisor", "on_job.ai_optimize"]


def test_an_unknown_method_is_named(tmp_path: Path) -> None:
    with pytest.raises(EigenError, match="vqee"):
        parse_job("on_job: {backend: native, method: vqee}\n", base=tmp_path)
