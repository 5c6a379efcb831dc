"""The v1 form: every key arrives, every mistake is named at its place, all of them at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eigen.errors import EigenError
from eigen.jobspec import JobSpec, Submission, parse_job
from eigen.jobspec.document import to_document
from eigen.jobspec.spec import CompilerOptions

HEAD = "apiVersion: eigen.os/v1\nkind: QuantumJob\nmetadata: {name: test}\n"
PROGRAM = "def main():\n    return 1\n"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "program.eigen.py").write_text(PROGRAM)
    return tmp_path


def parse(text: str, base: Path) -> Submission:
    return parse_job(text, base=base)


def complaints(text: str, base: Path) -> tuple[str, dict[str, dict[str, Any]]]:
    """The error code, and the complaints by field."""
    with pytest.raises(EigenError) as caught:
        parse(text, base)
    return caught.value.code, {entry["field"]: entry for entry in caught.value.details["field_violations"]}


FULL = """
apiVersion: eigen.os/v1
kind: QuantumJob
metadata:
  name: everything
  namespace: physics
  labels: {team: a}
  annotations: {note: "b"}
spec:
  program: {path: program.eigen.py, format: eigen-lang}
  entrypoint: main
  target: sim:statevector
  shots: 1e3
  seed: 18446744073709551615
  max_iters: 12
  inputs: {n: 4, weights: [1, 2.5], label: "x"}
  noise_model: depolarizing
  priority: 80
  compiler: {optimization_level: 2}
  workload: {kind: QuantumJob}
  dependencies: [job_1]
  metadata: {a: b}
runtime:
  retry: {max_attempts: 5, backoff: 0.5}
  timeout: {queue_seconds: 10, execution_seconds: 20}
  isolation: none
scheduling: {policy: latency}
budget: {max_shots: 5000, max_seconds: 60, max_cost: 2.5}
"""


def test_every_key_arrives_in_the_specification(base: Path) -> None:
    job = parse(FULL, base)
    spec = job.spec
    assert (spec.name, spec.namespace, spec.labels, spec.annotations) == (
        "everything",
        "physics",
        {"team": "a"},
        {"note": "b"},
    )
    assert (spec.entrypoint, spec.target, spec.shots, spec.seed) == ("main", "sim:statevector", 1000, 2**64 - 1)
    assert spec.inputs == {"n": 4, "weights": [1, 2.5], "label": "x"}
    assert (spec.max_iters, spec.noise_model, spec.priority) == (12, "depolarizing", 80)
    assert spec.compiler.optimization_level == 2
    assert spec.dependencies == ("job_1",)
    assert (spec.retry.max_attempts, spec.retry.backoff_seconds) == (5, 0.5)
    assert (spec.timeout.queue_seconds, spec.timeout.execution_seconds) == (10.0, 20.0)
    assert spec.policy == "latency"
    assert (spec.budget.max_shots, spec.budget.max_seconds, spec.budget.max_cost) == (5000, 60.0, 2.5)
    assert spec.metadata == {"a": "b"}
    assert job.files["input/program.eigen.py"] == PROGRAM.encode()
    assert job.files["input/job.yaml"] == FULL.encode()


def test_a_cost_of_nothing_is_a_bound(base: Path) -> None:
    spec = parse(FULL.replace("max_cost: 2.5", "max_cost: 0"), base).spec
    assert spec.budget.max_cost == 0.0
    assert JobSpec.from_json(spec.to_json()) == spec
    code, found = complaints(FULL.replace("max_cost: 2.5", "max_cost: -1"), base)
    assert (code, set(found)) == ("EIGEN_JOBSPEC_INVALID", {"budget.max_cost"})


def test_the_specification_survives_the_database(base: Path) -> None:
    spec = parse(FULL, base).spec
    assert JobSpec.from_json(spec.to_json()) == spec


def test_a_minimal_job_leaves_everything_unset(base: Path) -> None:
    spec = parse(HEAD + "spec: {}\n", base).spec
    assert (spec.shots, spec.seed, spec.target, spec.entrypoint) == (None, None, None, None)
    assert spec.options() == {}
    assert spec.priority == 50


def test_all_complaints_come_at_once_with_their_places(base: Path) -> None:
    text = """apiVersion: eigen.os/v1
kind: QuantumJob
metadata: {nme: x}
spec:
  program: {path: ../x, source: "a"}
  target: "sim local"
  shots: 0
  seed: "7"
  sweep: {a: 1}
  shuts: 4
  priority: 101
  compiler: {optimization_level: 9, basis: cx, layout: [0, -1], verify: maybe}
runtime: {isolation: gvisor}
"""
    code, found = complaints(text, base)
    assert code == "EIGEN_JOBSPEC_INVALID"
    assert set(found) == {
        "metadata.name",
        "metadata.nme",
        "spec.program.source",
        "spec.target",
        "spec.shots",
        "spec.seed",
        "spec.sweep.a",
        "spec.shuts",
        "spec.priority",
        "spec.compiler.optimization_level",
        "spec.compiler.basis",
        "spec.compiler.layout[1]",
        "spec.compiler.verify",
        "runtime.isolation",
    }
    assert found["metadata.nme"]["hint"] == "did you mean `name`?"
    assert found["spec.shuts"]["hint"] == "did you mean `shots`?"
    assert (found["spec.shots"]["line"], found["spec.shots"]["source"]) == (7, "  shots: 0")
    assert found["spec.seed"]["hint"] == "remove the quotes"


NOT_THERE = {
    "spec: {workload: {kind: DistributedJob}}": "spec.workload.kind",
    "spec: {program: {ref: 'qfs://jobs/x/y'}}": "spec.program.ref",
    "spec: {}\nruntime: {isolation: microvm}": "runtime.isolation",
    "spec: {}\nresources: {gpu: 1}": "resources.gpu",
    "spec: {}\nresources: {cpu: 2}": "resources.cpu",
    "spec: {}\nresources: {memory_mb: 100}": "resources.memory_mb",
    "spec: {}\nresources: {quantum: {minimum_fidelity: 0.9}}": "resources.quantum.minimum_fidelity",
    "spec: {}\nartifacts: {retention: 7d}": "artifacts.retention",
    "spec: {input_refs: {d: {uri: 's3://b/d.csv', sha256: '" + "0" * 64 + "'}}}": "spec.input_refs.d.uri",
}


@pytest.mark.parametrize(("body", "field"), NOT_THERE.items(), ids=NOT_THERE.values())
def test_what_is_not_there_is_refused_by_name(body: str, field: str, base: Path) -> None:
    code, found = complaints(HEAD + body + "\n", base)
    assert code == "EIGEN_NOT_AVAILABLE"
    assert set(found) == {field}
    assert found[field]["kind"] == "unavailable"


def test_what_the_compiler_is_asked_for_is_kept(base: Path) -> None:
    text = "spec: {compiler: {basis: [cz, RZ], layout: [4, 0, 2], verify: true, decouple: XY4}}\n"
    job = parse(HEAD + text, base)
    spec = job.spec
    assert spec.compiler == CompilerOptions(None, ("cz", "RZ"), (4, 0, 2), True, None, "XY4")
    assert JobSpec.from_json(spec.to_json()) == spec
    document = to_document(job)[0]
    assert document["spec"]["compiler"] == spec.compiler.asked()
    assert spec.compiler.asked() == {"basis": ["cz", "RZ"], "layout": [4, 0, 2], "verify": True, "decouple": "XY4"}


def test_a_limit_is_named_with_the_value(base: Path) -> None:
    code, found = complaints(HEAD + "spec: {shots: 10000001}\n", base)
    assert code == "EIGEN_LIMIT_EXCEEDED"
    assert "`shots_per_job`" in found["spec.shots"]["description"]
    assert "10000001" in found["spec.shots"]["description"]


WRONG = {
    "spec: {shots: 1.5}": "spec.shots",
    "spec: {shots: true}": "spec.shots",
    "spec: {seed: -1}": "spec.seed",
    "spec: {seed: 18446744073709551616}": "spec.seed",
    "spec: {priority: high}": "spec.priority",
    "spec: {inputs: [1]}": "spec.inputs",
    "spec: {inputs: {'not a name': 1}}": "spec.inputs.not a name",
    "spec: {entrypoint: 'a b'}": "spec.entrypoint",
    "spec: {target: ''}": "spec.target",
    "spec: {dependencies: job_1}": "spec.dependencies",
    "spec: {dependencies: ['../x']}": "spec.dependencies[0]",
    "spec: {program: x}": "spec.program",
    "spec: [1]": "spec",
    "spec: {program: {path: no.py}}": "spec.program.path",
    "spec: {program: {path: program.eigen.py, sha256: '" + "0" * 64 + "'}}": "spec.program.path",
    "spec: {input_refs: {d: {uri: d.csv}}}": "spec.input_refs.d.sha256",
    "spec: {}\nscheduling: {policy: fastest}": "scheduling.policy",
    "spec: {}\nruntime: {timeout: {execution_seconds: 0}}": "runtime.timeout.execution_seconds",
    "spec: {}\nruntime: {retry: {max_attempts: 0}}": "runtime.retry.max_attempts",
    "spec: {metadata: {a: 1}}": "spec.metadata.a",
}


@pytest.mark.parametrize(("body", "field"), WRONG.items())
def test_a_wrong_value_is_named(body: str, field: str, base: Path) -> None:
    code, found = complaints(HEAD + body + "\n", base)
    assert code == "EIGEN_JOBSPEC_INVALID"
    assert field in found


@pytest.mark.parametrize(
    ("text", "field", "hint"),
    [
        ("kind: QuantumJob", "(document)", "eigen.os/v1"),
        ("apiVersion: eigen.os/v2", "apiVersion", "eigen.os/v1"),
        ("- 1", "(document)", ""),
        ("", "(document)", ""),
        ("apiVersion: eigen.os/v1\nkind: QuantumJbo\nmetadata: {name: x}\nspec: {}", "kind", "QuantumJob"),
    ],
)
def test_the_document_itself(text: str, field: str, hint: str, base: Path) -> None:
    _, found = complaints(text, base)
    assert hint in found[field].get("hint", "")
