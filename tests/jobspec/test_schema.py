"""The published JSON Schema agrees with the checker: on the examples, and on what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from eigen.errors import EigenError
from eigen.jobspec import job_schema, load_job, parse_job
from eigen.jobspec.safe_yaml import read_yaml

EXAMPLES = Path(__file__).parents[2] / "examples"
JOBS = sorted([*EXAMPLES.rglob("job.yaml"), *EXAMPLES.glob("seed_job/*.yaml")])


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = job_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("path", JOBS, ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_every_example_is_valid_by_both(path: Path, validator: Any) -> None:
    load_job(path)
    assert list(validator.iter_errors(read_yaml(path.read_bytes()).value)) == []


@pytest.mark.parametrize(
    "text",
    [
        "{apiVersion: eigen.os/v1, kind: QuantumJob, metadata: {}, spec: {}}",
        "{apiVersion: eigen.os/v1, kind: QuantumJob, metadata: {name: x}}",
        "{apiVersion: eigen.os/v1, kind: QuantumJob, metadata: {name: x}, spec: {shots: 0}}",
        "{apiVersion: eigen.os/v1, kind: QuantumJob, metadata: {name: x}, spec: {shuts: 1}}",
        "{apiVersion: eigen.os/v1, kind: QuantumJob, metadata: {name: x}, spec: {program: {path: a, source: b}}}",
        "{apiVersion: eigen.os/v1, kind: QuantumJob, metadata: {name: x}, spec: {compiler: {optimization_level: 4}}}",
        "{apiVersion: eigen.os/v0.1, kind: QuantumJob, metadata: {name: x}, spec: {}}",
        "{apiVersion: eigen.os/v3, kind: QuantumJob, metadata: {name: x}, spec: {}}",
        "{on_job: {backend: native}}",
        "[]",
    ],
)
def test_what_is_wrong_is_wrong_by_both(text: str, validator: Any, tmp_path: Path) -> None:
    (tmp_path / "program.eigen.py").write_text("")
    (tmp_path / "a").write_text("")
    with pytest.raises(EigenError):
        parse_job(text, base=tmp_path)
    assert not validator.is_valid(read_yaml(text).value)
