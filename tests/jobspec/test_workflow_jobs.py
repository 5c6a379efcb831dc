"""Workflows in job.yaml: what is read, what is refused and where, and that nothing is lost on the way to a server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from eigen.errors import EigenError
from eigen.jobspec import JobSpec, from_document, parse_job, to_document, with_overrides
from eigen.wire.convert.submission import document_from_spec, spec_from_document

if TYPE_CHECKING:
    from pathlib import Path

    from eigen.jobspec import Submission

HEAD = "apiVersion: eigen.os/v1\nkind: HybridWorkflow\nmetadata: {name: w}\n"
PROGRAM = "from eigen_lang import hybrid_program\n\n\n@hybrid_program\ndef main(x=1):\n    return x\n"


def read(base: Path, spec: str, *, head: str = HEAD) -> Submission:
    (base / "p.eigen.py").write_text(PROGRAM)
    return parse_job(f"{head}spec: {spec}", base=base)


def step(name: str, more: str = "") -> str:
    return f"{{name: {name}, program: {{path: p.eigen.py}}{', ' if more else ''}{more}}}"


def steps(*given: str, inputs: str = "{}", more: str = "") -> str:
    return f"{{inputs: {inputs}, workload: {{steps: [{', '.join(given)}]{more}}}}}"


def complaints(base: Path, spec: str, *, head: str = HEAD) -> dict[str, str]:
    with pytest.raises(EigenError) as caught:
        read(base, spec, head=head)
    return {each["field"]: each["description"] for each in caught.value.details["field_violations"]}


def test_a_workflow_travels_to_a_server_and_back(tmp_path: Path) -> None:
    foreach = "foreach: [1, 2.0, {a: '${inputs.n}'}], inputs: {x: '${item}', y: 'n${index} $${z}'}"
    more = "needs: [a], after: any, when: 'len(steps.a.outputs) > 1 and not inputs.quick', timeout: {queue_seconds: 5}"
    limits = "budget: {max_shots: 10}, retry: {max_attempts: 2}, scheduling: {policy: cost}, seed: 4"
    job = read(
        tmp_path,
        steps(
            step("a", f"{foreach}, {limits}"),
            step("b", more),
            inputs="{n: 1, quick: false}",
            more=", outputs: {r: '${steps.b.outputs}'}, on_failure: continue, parallel: 3",
        ),
    )
    assert JobSpec.from_json(json.loads(json.dumps(job.spec.to_json()))) == job.spec
    document, program, files = to_document(job)
    assert program == b""
    again = from_document(json.loads(json.dumps(document)), files=files)
    assert (again.spec, again.files) == (job.spec, job.files)
    wire = from_document(document_from_spec(spec_from_document(document)), files=files)
    assert wire.spec == job.spec
    assert type(wire.spec.workflow.steps[0].foreach[1]) is float  # type: ignore[union-attr]


def test_the_files_of_each_step_lie_in_its_own_folder(tmp_path: Path) -> None:
    job = read(tmp_path, steps(step("a"), step("b", "needs: [a]")))
    programs = {path for path in job.files if path != "input/job.yaml"}
    assert programs == {"input/steps/a/program.eigen.py", "input/steps/b/program.eigen.py"}


def test_a_pipeline_is_done_in_the_order_written(tmp_path: Path) -> None:
    head = HEAD.replace("HybridWorkflow", "PipelineJob")
    job = read(tmp_path, steps(step("a"), step("b"), step("c", "needs: []")), head=head)
    assert job.spec.workflow is not None
    assert [each.needs for each in job.spec.workflow.steps] == [(), ("a",), ()]


def test_a_step_may_be_a_job_of_its_own(tmp_path: Path) -> None:
    body = f"  shots: 7\n  inputs: {{x: 1, y: 2}}\n  program:\n    source: {json.dumps(PROGRAM)}\n"
    one = f"apiVersion: eigen.os/v1\nkind: QuantumJob\nmetadata: {{name: other}}\nspec:\n{body}"
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "one.yaml").write_text(one)
    job = read(tmp_path, steps("{name: a, job: sub/one.yaml, inputs: {x: 3}}"))
    assert job.spec.workflow is not None
    (found,) = job.spec.workflow.steps
    assert (found.job.shots, found.job.inputs) == (7, {"x": 3, "y": 2})
    found_at = complaints(tmp_path, steps("{name: a, job: sub/one.yaml, shots: 3}"))
    assert "the job.yaml of the step says this" in found_at["spec.workload.steps[0].shots"]
    assert "spec.workload.steps[0].job" in complaints(tmp_path, steps("{name: a, job: ../one.yaml}"))


@pytest.mark.parametrize(
    ("spec", "field", "said"),
    [
        (steps(step("a", "needs: [c]"), step("b", "needs: [a]"), step("c", "needs: [b]")),
         "spec.workload.steps[0].needs", "`a` needs `c` needs `b` needs `a`"),
        (steps(step("a"), step("a")), "spec.workload.steps[1].name", "another step `a`"),
        (steps(step("alpha"), step("b", "needs: [alpa]")), "spec.workload.steps[1].needs", "no step `alpa`"),
        (steps(step("a", "neds: [b]")), "spec.workload.steps[0].neds", "unknown key"),
        (steps(step("a", "shots: 0")), "spec.workload.steps[0].shots", "expected 1 to"),
        (steps("{name: a}"), "spec.workload.steps[0]", "a `program` or a `job`"),
        (steps(), "spec.workload.steps", "at least one step"),
        (steps(step("a"), step("b", "inputs: {x: '${steps.a.outputs}'}")),
         "spec.workload.steps[1].inputs", "does not need `a`"),
        (steps(step("a", "inputs: {x: '${inputs.n}'}")), "spec.workload.steps[0].inputs", "no input `n`"),
        (steps(step("a", "inputs: {x: '${item}'}")), "spec.workload.steps[0].inputs", "there is no item"),
        (steps(step("a", "inputs: {x: '${steps.a'}")), "spec.workload.steps[0].inputs", "no `}` at its end"),
        (steps(step("a", "foreach: 3")), "spec.workload.steps[0].foreach", "a list or a reference"),
        (steps(step("a", "when: '1 <'")), "spec.workload.steps[0].when", "ends too early"),
        (steps(step("a", "when: '__import__(1)'")), "spec.workload.steps[0].when", "no function `__import__`"),
        (steps(step("a", f"when: '{'(' * 60}1{')' * 60}'")), "spec.workload.steps[0].when", "at most 32 deep"),
        (steps(step("a"), more=", outputs: {r: '${steps.b.outputs}'}"), "spec.workload.outputs.r", "no step `b`"),
        (steps(step("a")).replace("{inputs", "{program: {path: p.eigen.py}, inputs"), "spec.program", "none of its"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_where_it_stands(tmp_path: Path, spec: str, field: str, said: str) -> None:
    found = complaints(tmp_path, spec)
    assert said in found[field], found


def test_steps_belong_to_workflows(tmp_path: Path) -> None:
    head = HEAD.replace("HybridWorkflow", "QuantumJob")
    spec = steps(step("a")).replace("{inputs", "{program: {path: p.eigen.py}, inputs", 1)
    assert "only a workflow" in complaints(tmp_path, spec, head=head)["spec.workload.steps"]


def test_a_server_reads_no_file_for_a_step(tmp_path: Path) -> None:
    document = {
        **{"apiVersion": "eigen.os/v1", "kind": "PipelineJob", "metadata": {"name": "w"}},
        "spec": {"workload": {"steps": [{"name": "a", "job": "/etc/hostname"}]}},
    }
    with pytest.raises(EigenError, match="no file can be read here"):
        from_document(document)
    files = {"input/steps/b/program.eigen.py": b"", "input/steps/a/../../x": b""}
    with pytest.raises(EigenError, match="is not a file of this job"):
        from_document({**document, "spec": {"workload": {"steps": [{"name": "a", "program": {}}]}}}, files=files)


def test_what_a_step_must_say_itself_is_not_taken_from_the_command_line(tmp_path: Path) -> None:
    job = read(tmp_path, steps(step("a"), inputs="{n: 1}"))
    asked = with_overrides(job, {"inputs": {"n": 2}, "shots": 9, "target": "sim:auto"})
    assert (asked.spec.inputs, asked.spec.shots, asked.spec.target) == ({"n": 2}, 9, "sim:auto")
    with pytest.raises(EigenError, match="entrypoint: a workflow has none of its own"):
        with_overrides(job, {"entrypoint": "main"})
