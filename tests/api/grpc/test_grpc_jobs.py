"""JobService over a real kernel: submission in every form, results, streams, pages, files."""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import grpc.aio
import pytest

from doubles.front_door import BELL
from doubles.grpc_door import GrpcDoor, at_the_grpc_door
from eigen.jobspec import submission
from eigen.types import JobState
from eigen.wire.convert import jobs as convert
from eigen.wire.convert.submission import submission_to_wire
from eigen.wire.messages import jobs, specs, types

if TYPE_CHECKING:
    from pathlib import Path

AQO = b'{"version":"1.0.0","qubits":1,"operations":[{"op":"X","q":[0]},{"op":"MEASURE","q":[0],"c":[0]}]}'
Kind = jobs.WorkloadFamilyKind
LARGE = """from eigen_lang import QubitRegister, h, hybrid_program, measure_all


@hybrid_program(target="sim:local", shots=10)
def main():
    return {"big": ["x" * 4000] * 5000}
"""


def lang(source: str = BELL, **fields: Any) -> types.EigenLangSource:
    return types.EigenLangSource(source=source.encode(), **fields)


def submitting(**fields: Any) -> jobs.SubmitJobRequest:
    given = {"name": "bell", "target": "sim:local", "eigen_lang": lang()} | fields
    return jobs.SubmitJobRequest(**{key: value for key, value in given.items() if value is not None})


async def result_of(door: GrpcDoor, request: jobs.SubmitJobRequest) -> jobs.GetJobResultsResponse:
    job_id = (await door.ask("JobService/SubmitJob", request)).job_id
    await door.ended(job_id)
    return await door.ask("JobService/GetJobResults", jobs.GetJobResultsRequest(job_id=job_id))


def test_results_of_a_job(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        found = await result_of(door, submitting(metadata={"shots": "100", "seed": "5"}))
        exact = convert.results_from_wire(found)
        assert exact.state is JobState.DONE
        assert exact.outputs == dict(found.counts)
        assert {key: int(value) for key, value in found.outputs.items()} == exact.outputs
        assert sum(found.counts.values()) == 100
        assert exact.metadata["seed"] == 5
        assert found.metadata["seed"] == "5"
        assert dict(found.circuits[0].counts) == exact.counts
        assert found.results_ref == f"qfs://jobs/{found.job_id}/results/results.json"
        assert not found.truncated
        assert not found.error_code
        again = await result_of(door, submitting(metadata={"shots": "100", "seed": "5"}))
        assert again.counts == found.counts

    at_the_grpc_door(tmp_path, scenario)


def test_a_job_that_fails_is_an_ok_answer_with_the_error(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        found = await result_of(door, submitting(eigen_lang=lang("nonsense(")))
        assert found.state == types.JobState.JOB_STATE_ERROR
        assert found.error_code == "EIGEN_LANG_REJECTED"
        assert found.error_summary
        ref = found.error_details_ref
        assert ref == f"qfs://jobs/{found.job_id}/results/error.json"
        path = ref.removeprefix(f"qfs://jobs/{found.job_id}/")
        chunks = await door.ask("JobService/GetArtifact", jobs.GetArtifactRequest(job_id=found.job_id, path=path))
        stored = json.loads(b"".join(chunk.data for chunk in chunks))
        assert stored["code"] == "EIGEN_LANG_REJECTED"
        status = (await door.ask("JobService/GetJobStatus", jobs.GetJobStatusRequest(job_id=found.job_id))).status
        assert convert.job_from_wire(status).error == stored

    at_the_grpc_door(tmp_path, scenario)


def test_before_the_end_and_after_it(tmp_path: Path) -> None:
    """Not finished: FAILED_PRECONDITION with RetryInfo. Cancelled: an answer. Cancelling again: refused."""

    async def scenario(door: GrpcDoor) -> None:
        job_id = await door.submit()
        early = await door.refusal("JobService/GetJobResults", jobs.GetJobResultsRequest(job_id=job_id))
        assert early.code == "EIGEN_JOB_NOT_FINISHED"
        request = jobs.CancelJobRequest(job_id=job_id)
        accepted = await door.ask("JobService/CancelJob", request)
        assert accepted.accepted
        assert accepted.status.state == types.JobState.JOB_STATE_CANCELLED
        found = await door.ask("JobService/GetJobResults", jobs.GetJobResultsRequest(job_id=job_id))
        assert found.state == types.JobState.JOB_STATE_CANCELLED
        assert found.error_code == "EIGEN_RUN_CANCELLED"
        assert (await door.refusal("JobService/CancelJob", request)).code == "EIGEN_JOB_FINISHED"

    at_the_grpc_door(tmp_path, scenario, workers=0)


def test_the_same_key_gives_the_same_job(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        envelope = types.ApiRequestEnvelope(idempotency_key="k")
        first = await door.ask("JobService/SubmitJob", submitting(envelope=envelope))
        again = await door.ask("JobService/SubmitJob", submitting(), x_idempotency_key="k")
        assert first.job_id == again.job_id
        other = await door.refusal("JobService/SubmitJob", submitting(name="other", envelope=envelope))
        assert other.code == "EIGEN_PUBLIC_IDEMPOTENCY_CONFLICT"

    at_the_grpc_door(tmp_path, scenario, workers=0)


def test_fields_of_the_contract_reach_the_job(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        first = await door.submit()
        request = submitting(
            name="second",
            priority=90,
            metadata={"shots": "7", "owner": "me"},
            compiler_options={"optimization_level": "2", "flavour": "strange"},
            dependencies=[first],
            eigen_lang=lang(entrypoint="main", sha256=sha256(BELL.encode()).hexdigest()),
        )
        answer = await door.ask("JobService/SubmitJob", request)
        assert answer.status.priority == 90
        assert answer.status.name == "second"
        assert [warning.partition(":")[0] for warning in answer.warnings] == ["spec.compiler_options.flavour"]
        path = jobs.GetArtifactRequest(job_id=answer.job_id, path="input/spec.json")
        spec = json.loads(b"".join(chunk.data for chunk in await door.ask("JobService/GetArtifact", path)))
        assert (spec["shots"], spec["metadata"], spec["dependencies"]) == (7, {"owner": "me"}, [first])
        assert spec["compiler"] == {"optimization_level": 2}
        default = (await door.ask("JobService/GetJobStatus", jobs.GetJobStatusRequest(job_id=first))).status
        assert default.priority == 50

    at_the_grpc_door(tmp_path, scenario, workers=0)


def test_the_typed_job_wins_and_says_so(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        job = submission(BELL.encode(), name="typed", shots=33, seed=2**64 - 1, priority=0)
        request = submission_to_wire(job, name="loose", target="auto")
        answer = await door.ask("JobService/SubmitJob", request)
        assert answer.status.name == "typed"
        assert answer.status.priority == 0
        assert sorted(answer.warnings) == ["name: ignored, `spec` says it", "target: ignored, `spec` says it"]
        await door.ended(answer.job_id)
        found = await door.ask("JobService/GetJobResults", jobs.GetJobResultsRequest(job_id=answer.job_id))
        assert sum(found.counts.values()) == 33
        assert convert.results_from_wire(found).metadata["seed"] == 2**64 - 1

    at_the_grpc_door(tmp_path, scenario)


def test_a_circuit_by_reference(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        first = await result_of(door, submission_to_wire(submission(AQO, kind="aqo", name="x", shots=20)))
        assert dict(first.counts) == {"1": 20}
        ref = f"qfs://jobs/{first.job_id}/input/circuit.aqo.json"
        again = await result_of(
            door, submitting(eigen_lang=None, aqo_ref=types.AqoRef(qfs_ref=ref), metadata={"shots": "9"})
        )
        assert dict(again.counts) == {"1": 9}
        gone = types.AqoRef(qfs_ref="qfs://jobs/job_of_nobody/input/circuit.aqo.json")
        missing = await door.refusal("JobService/SubmitJob", submitting(eigen_lang=None, aqo_ref=gone))
        assert missing.code == "EIGEN_JOB_NOT_FOUND"

    at_the_grpc_door(tmp_path, scenario)


@pytest.mark.parametrize("version", ["", "2.0"])
def test_an_openqasm_program(tmp_path: Path, version: str) -> None:
    async def scenario(door: GrpcDoor) -> None:
        text = b'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; x q[1]; measure q -> c;'
        program = types.QasmSource(source=text, version=version)
        answer = await result_of(door, submitting(eigen_lang=None, qasm=program, metadata={"shots": "9"}))
        assert dict(answer.counts) == {"10": 9}

    at_the_grpc_door(tmp_path, scenario)


REFUSED = [
    (
        {"eigen_lang": None, "qasm": types.QasmSource(source=b"OPENQASM 9;", version="9")},
        "EIGEN_NOT_AVAILABLE",
        "qasm.version",
    ),
    ({"eigen_lang": None, "aqo_ref": types.AqoRef(qfs_ref="s3://x/y")}, "EIGEN_REQUEST_INVALID", "aqo_ref.qfs_ref"),
    ({"eigen_lang": None}, "EIGEN_JOBSPEC_INVALID", "spec.program"),
    ({"eigen_lang": lang(sha256="0" * 64)}, "EIGEN_JOBSPEC_INVALID", "spec.program"),
    ({"eigen_lang": lang("x" * 300_000)}, "EIGEN_LIMIT_EXCEEDED", "spec.program"),
    ({"priority": -1}, "EIGEN_JOBSPEC_INVALID", "spec.priority"),
    ({"priority": 101}, "EIGEN_JOBSPEC_INVALID", "spec.priority"),
    ({"name": ""}, "EIGEN_JOBSPEC_INVALID", "metadata.name"),
    ({"metadata": {"shots": "many"}}, "EIGEN_JOBSPEC_INVALID", "spec.metadata.shots"),
    ({"metadata": {f"k{i}": "" for i in range(65)}}, "EIGEN_LIMIT_EXCEEDED", "spec.metadata"),
    ({"files": {"input/data/x.json": b""}}, "EIGEN_JOBSPEC_INVALID", "files"),
    (
        {"workload": jobs.WorkloadContract(kind=Kind.WORKLOAD_FAMILY_KIND_BENCHMARK_JOB)},
        "EIGEN_NOT_AVAILABLE",
        "workload.kind",
    ),
    (
        {"workload": jobs.WorkloadContract(kind=Kind.WORKLOAD_FAMILY_KIND_PIPELINE_JOB)},
        "EIGEN_REQUEST_INVALID",
        "workload.kind",
    ),
    (
        {"workload": jobs.WorkloadContract(kind=Kind.WORKLOAD_FAMILY_KIND_REPLAY_JOB)},
        "EIGEN_REQUEST_INVALID",
        "workload.kind",
    ),
    ({"workload": jobs.WorkloadContract(replayable=True)}, "EIGEN_NOT_AVAILABLE", "workload.replayable"),
    (
        {"workload": jobs.WorkloadContract(topology=jobs.WorkloadTopology(partition_count=3))},
        "EIGEN_NOT_AVAILABLE",
        "workload.topology.partition_count",
    ),
    (
        {"tenant": jobs.SubmitJobRequest.TenantQuotaEnvelope(tenant_max_queued_jobs=3)},
        "EIGEN_NOT_AVAILABLE",
        "tenant.tenant_max_queued_jobs",
    ),
    (
        {"tenant": jobs.SubmitJobRequest.TenantQuotaEnvelope(contract_version="2.0.0")},
        "EIGEN_CONTRACT_VERSION",
        "tenant.contract_version",
    ),
    ({"reservation_id": "res_none"}, "EIGEN_RESERVATION_NOT_FOUND", ""),
    ({"dependencies": ["job_of_nobody"]}, "EIGEN_JOB_NOT_FOUND", ""),
    (
        {"spec": specs.JobSpec(metadata={"name": "x"}, spec={"entrypoint": "a"}), "eigen_lang": lang(entrypoint="b")},
        "EIGEN_REQUEST_INVALID",
        "eigen_lang.entrypoint",
    ),
    (
        {"spec": specs.JobSpec(metadata={"name": "x"}, spec={"inputs_json": b"[1"})},
        "EIGEN_REQUEST_INVALID",
        "spec.inputs_json",
    ),
    (
        {"spec": specs.JobSpec(metadata={"name": "x"}, spec={"sweep": {"a": 1}})},
        "EIGEN_JOBSPEC_INVALID",
        "spec.sweep.a",
    ),
]


def test_what_cannot_be_done_is_refused_by_name(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        for fields, code, field in REFUSED:
            error = await door.refusal("JobService/SubmitJob", submitting(**fields))
            named = [entry["field"] for entry in error.details.get("field_violations", ())]
            assert (error.code, field in {error.where, *named, ""}) == (code, True), (fields, error.to_json())
        listed = await door.ask("JobService/ListJobs", jobs.ListJobsRequest())
        assert not listed.jobs

    at_the_grpc_door(tmp_path, scenario, workers=0)


def test_pages_of_jobs(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        made = [await door.submit(name=f"n{index % 2}") for index in range(5)]
        found: list[str] = []
        token = ""
        while True:
            page = await door.ask("JobService/ListJobs", jobs.ListJobsRequest(page_size=2, page_token=token))
            found += [status.job_id for status in page.jobs]
            token = page.next_page_token
            if not token:
                break
        assert found == made[::-1]
        named = await door.ask("JobService/ListJobs", jobs.ListJobsRequest(name="n1"))
        assert [status.job_id for status in named.jobs] == [made[3], made[1]]
        pending = jobs.ListJobsRequest(states=[types.JobState.JOB_STATE_DONE])
        assert not (await door.ask("JobService/ListJobs", pending)).jobs
        for wrong in (jobs.ListJobsRequest(page_size=-1), jobs.ListJobsRequest(page_size=1001)):
            assert (await door.refusal("JobService/ListJobs", wrong)).where == "page_size"
        for number in (0, 77):
            refused = await door.refusal("JobService/ListJobs", jobs.ListJobsRequest(states=[number]))  # type: ignore[list-item]
            assert (refused.code, refused.where) == ("EIGEN_REQUEST_INVALID", "states")

    at_the_grpc_door(tmp_path, scenario, workers=0)


def test_files_and_logs(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        job_id = (await result_of(door, submitting())).job_id
        files = (await door.ask("JobService/ListArtifacts", jobs.ListArtifactsRequest(job_id=job_id))).artifacts
        by_path = {info.path: info for info in files}
        for path in ("results/results.json", "results.json"):
            first, *rest = await door.ask("JobService/GetArtifact", jobs.GetArtifactRequest(job_id=job_id, path=path))
            assert first.artifact == by_path["results/results.json"]
            assert sha256(b"".join(chunk.data for chunk in rest)).hexdigest() == first.artifact.sha256
        lines = await door.ask("JobService/GetJobLogs", jobs.GetJobLogsRequest(job_id=job_id))
        assert lines[0].message == "submitted"
        assert json.loads(lines[0].document)["job_id"] == job_id
        missing = jobs.GetArtifactRequest(job_id=job_id, path="nothing")
        assert (await door.refusal("JobService/GetArtifact", missing)).code == "EIGEN_QFS_NOT_FOUND"
        outside = jobs.GetArtifactRequest(job_id=job_id, path="../../x")
        assert (await door.refusal("JobService/GetArtifact", outside)).code == "EIGEN_QFS_PATH"

    at_the_grpc_door(tmp_path, scenario)


def test_results_larger_than_a_message_come_by_reference(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        found = await result_of(door, submitting(eigen_lang=lang(LARGE)))
        assert found.state == types.JobState.JOB_STATE_DONE, found
        assert found.truncated
        assert not found.document
        path = found.results_ref.removeprefix(f"qfs://jobs/{found.job_id}/")
        chunks = await door.ask("JobService/GetArtifact", jobs.GetArtifactRequest(job_id=found.job_id, path=path))
        whole = convert.results_from_document(b"".join(chunk.data for chunk in chunks))
        assert len(whole.outputs["big"]) == 5000

    at_the_grpc_door(tmp_path, scenario)


def test_a_stream_resumes_where_it_was(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        job_id = await door.submit()
        whole = await door.ended(job_id)
        assert [update.event_seq for update in whole] == list(range(1, len(whole) + 1))
        terminal = [convert.event_from_wire(update).state.is_terminal for update in whole]
        assert terminal == [False] * (len(whole) - 1) + [True]
        for cursor in range(len(whole) + 1):
            request = jobs.StreamJobUpdatesRequest(job_id=job_id, last_event_seq=cursor)
            rest = await door.ask("JobService/StreamJobUpdates", request)
            assert [item.update for item in rest] == whole[cursor:]
        for beyond in (len(whole) + 1, 2**64 - 1):
            request = jobs.StreamJobUpdatesRequest(job_id=job_id, last_event_seq=beyond)
            assert (await door.refusal("JobService/StreamJobUpdates", request)).code == "EIGEN_STREAM_CURSOR"

    at_the_grpc_door(tmp_path, scenario)


def test_silence_is_broken_by_heartbeats(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        job_id = await door.submit()
        request = jobs.StreamJobUpdatesRequest(job_id=job_id)
        stream = door.stubs["JobService"].StreamJobUpdates(request, timeout=30)
        seen: list[int] = []
        async for item in stream:
            seen.append(item.update.event_seq if item.HasField("update") else 0)
            if seen == [1, 0, 0, 0]:
                await door.ask("JobService/CancelJob", jobs.CancelJobRequest(job_id=job_id))
        assert [number for number in seen if number] == [1, 2]
        assert seen[:4] == [1, 0, 0, 0]
        assert seen[-1] == 2

    at_the_grpc_door(tmp_path, scenario, workers=0, heartbeat_seconds=0.1)


def test_a_tenant_holds_so_many_streams(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        request = jobs.StreamJobUpdatesRequest(job_id=await door.submit())
        held = [door.stubs["JobService"].StreamJobUpdates(request, timeout=30) for _ in range(2)]
        for stream in held:
            assert (await stream.read()).update.event_seq == 1
        refused = await door.refusal("JobService/StreamJobUpdates", request)
        assert refused.code == "EIGEN_LIMIT_EXCEEDED"
        assert "streams_per_tenant" in refused.message
        held[0].cancel()
        for _ in range(1_000):  # the server learns of it in its own time
            stream = door.stubs["JobService"].StreamJobUpdates(request, timeout=30)
            try:
                assert (await stream.read()).update.event_seq == 1
            except grpc.aio.AioRpcError:
                continue
            return
        raise AssertionError("the place of a stream that was cancelled stays taken")

    at_the_grpc_door(tmp_path, scenario, workers=0, streams_per_tenant=2)


def test_a_stopping_server_sends_watchers_elsewhere(tmp_path: Path) -> None:
    async def scenario(door: GrpcDoor) -> None:
        request = jobs.StreamJobUpdatesRequest(job_id=await door.submit())
        watching = asyncio.ensure_future(door.refusal("JobService/StreamJobUpdates", request))
        stream = door.stubs["JobService"].StreamJobUpdates(request, timeout=30)
        await stream.read()
        await door.server.stop(10)
        assert (await watching).code == "EIGEN_SERVER_UNREACHABLE"

    at_the_grpc_door(tmp_path, scenario, workers=0)
