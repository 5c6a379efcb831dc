"""Whatever stands in a document: a submission, or one coded error with field paths. Nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.errors import EigenError
from eigen.jobspec import JobSpec, parse_job
from eigen.jobspec.v1 import DOCUMENT, SPEC

words = st.sampled_from(["", "x", "../x", "sim:auto", "main", "1", "1e9", "a b", "é", "0" * 64, "vqe", "native"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**65), 2**65) | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["path", "source", "uri", "sha256", "kind", "name", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("job")
    (folder / "program.eigen.py").write_text("x = 1\n")
    return folder


def outcome(document: Any, base: Path) -> str:
    try:
        job = parse_job(json.dumps(document, ensure_ascii=False), base=base)
    except EigenError as error:
        assert error.details["field_violations"] or error.code == "EIGEN_LIMIT_EXCEEDED"  # noqa: PT017
        return error.code
    assert JobSpec.from_json(json.loads(json.dumps(job.spec.to_json()))) == job.spec
    return "ok"


OUTCOMES = {"ok", "EIGEN_JOBSPEC_INVALID", "EIGEN_LIMIT_EXCEEDED", "EIGEN_NOT_AVAILABLE"}


@given(st.dictionaries(st.sampled_from(sorted(SPEC.fields)), values, max_size=6))
def test_any_spec(base: Path, spec: dict[str, Any]) -> None:
    document = {"apiVersion": "eigen.os/v1", "kind": "QuantumJob", "metadata": {"name": "x"}, "spec": spec}
    assert outcome(document, base) in OUTCOMES


@given(st.dictionaries(st.sampled_from(sorted(DOCUMENT.fields)), values, max_size=6))
def test_any_v1_document(base: Path, document: dict[str, Any]) -> None:
    assert outcome({"apiVersion": "eigen.os/v1", **document}, base) in OUTCOMES


KEYS = [
    "program",
    "program_path",
    "target",
    "priority",
    "compiler_options",
    "metadata",
    "inputs",
    "input_refs",
    "other",
]


@given(st.dictionaries(st.sampled_from(KEYS), values, max_size=6))
def test_any_v01_spec(base: Path, spec: dict[str, Any]) -> None:
    document = {"apiVersion": "eigen.os/v0.1", "kind": "QuantumJob", "metadata": {"name": "x"}, "spec": spec}
    assert outcome(document, base) in OUTCOMES


@given(
    st.dictionaries(st.sampled_from(["backend", "method", "hypervisor", "ai_optimize", "inputs"]), values, max_size=5)
)
def test_any_short_form(base: Path, job: dict[str, Any]) -> None:
    assert outcome({"on_job": job}, base) in OUTCOMES
