"""The kind `ReplayJob`: it names the job to do again and nothing that this one has asked already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from eigen.errors import EigenError
from eigen.jobspec import from_document, to_document
from eigen.jobspec.load import parse_job, with_overrides
from eigen.wire.convert.submission import document_from_spec, job_to_fields

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "apiVersion: eigen.os/v1\nkind: ReplayJob\nmetadata: {name: again, labels: {a: b}}\n"
BODY = "spec: {workload: {kind: ReplayJob, replay_of: job_1}, priority: 70, dependencies: [job_0]}\n"


def refused(text: str, base: Path) -> dict[str, Any]:
    with pytest.raises(EigenError) as caught:
        parse_job(text, base=base)
    assert caught.value.code == "EIGEN_JOBSPEC_INVALID"
    return {entry["field"]: entry for entry in caught.value.details["field_violations"]}


def test_it_is_read_and_travels(tmp_path: Path) -> None:
    job = parse_job(HEAD + BODY, base=tmp_path)
    assert (job.spec.replay_of, job.spec.priority, job.spec.name) == ("job_1", 70, "again")
    assert set(job.files) == {"input/job.yaml"}
    document, program, files = to_document(job)
    assert program == b""
    assert from_document(document, files=files) == job
    message = job_to_fields(job)["spec"]
    assert from_document(document_from_spec(message), files=files) == job


def test_the_kind_may_stand_in_either_place(tmp_path: Path) -> None:
    ours = "spec: {workload: {replay_of: job_1}}\n"
    assert parse_job(HEAD + ours, base=tmp_path).spec.replay_of == "job_1"
    theirs = HEAD.replace("ReplayJob", "QuantumJob") + "spec: {workload: {kind: ReplayJob, replay_of: job_1}}\n"
    assert parse_job(theirs, base=tmp_path).spec.replay_of == "job_1"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (HEAD + "spec: {workload: {kind: ReplayJob}}\n", "spec.workload.replay_of"),
        (HEAD.replace("Replay", "Quantum") + "spec: {workload: {replay_of: job_1}}\n", "spec.workload.replay_of"),
        (HEAD + "spec: {workload: {replay_of: job_1}, shots: 5}\n", "spec.shots"),
        (HEAD + "spec: {workload: {replay_of: job_1}}\nbudget: {max_shots: 5}\n", "budget"),
        (HEAD + "spec: {workload: {replay_of: '../x'}}\n", "spec.workload.replay_of"),
    ],
)
def test_what_does_not_belong_is_refused_by_name(text: str, field: str, tmp_path: Path) -> None:
    assert field in refused(text, tmp_path)


def test_nothing_is_put_on_top(tmp_path: Path) -> None:
    job = parse_job(HEAD + BODY, base=tmp_path)
    assert with_overrides(job, {"priority": 3}).spec.priority == 3
    with pytest.raises(EigenError, match="takes this from the job"):
        with_overrides(job, {"shots": 5})


def test_it_brings_no_program(tmp_path: Path) -> None:
    document, _, files = to_document(parse_job(HEAD + BODY, base=tmp_path))
    with pytest.raises(EigenError, match="no program of its own"):
        from_document(document, program=b"x", files=files)


def test_a_job_that_is_no_replay_is_written_as_before() -> None:
    from eigen.jobspec import JobSpec, ProgramRef

    assert "replay_of" not in JobSpec("a", ProgramRef("0" * 64)).to_json()
    assert JobSpec.from_json(JobSpec("a", ProgramRef("0" * 64), replay_of="b").to_json()).replay_of == "b"
