"""From the requests that carry a program to a `Submission`: the forms of the contract, and the typed `JobSpec`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from eigen.api.grpc.envelope import acting_as, check_version
from eigen.errors import EigenError
from eigen.ir.formats.table import FORMATS, of_text
from eigen.jobspec import from_document
from eigen.jobspec.draft import API_V01, API_V1
from eigen.wire.convert.submission import document_from_spec
from eigen.wire.messages import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.api.grpc.call import Call
    from eigen.jobspec import Submission
    from eigen.types import Json
    from eigen.wire.gen.api.v1.types_pb2 import AqoRef, EigenLangSource, QasmSource

T = TypeVar("T")

QFS_JOBS = "qfs://jobs/"
NAME = "program"
"""What a program is called that is compiled and never becomes a job."""

WORKFLOWS = (
    jobs.WorkloadFamilyKind.WORKLOAD_FAMILY_KIND_HYBRID_WORKFLOW,
    jobs.WorkloadFamilyKind.WORKLOAD_FAMILY_KIND_PIPELINE_JOB,
)

LARGE_BYTES = 64 * 1024
"""Requests and answers from here on are read and written in a thread."""

_BESIDE_SPEC = ("name", "target", "priority", "compiler_options", "metadata", "dependencies")


async def submission_of(call: Call, request: jobs.SubmitJobRequest) -> Submission:
    """The job of a SubmitJob; everything it asks is either done or refused by name."""
    said = request.spec.spec.workload
    check_workload(request.workload, replays=bool(said.replay_of), steps=bool(said.steps or said.steps_json))
    _check_quota(call, request.tenant)
    text, kind = await program_text(call, request)
    return await apart(request.ByteSize(), _submission, request, text, kind)


async def program_of(call: Call, request: Any) -> Submission:
    """The job of a request that compiles and does not run: a program, a target, or the typed job."""
    text, kind = await program_text(call, request)
    return await apart(request.ByteSize(), _program, request, text, kind)


async def apart(size_bytes: int, function: Callable[..., T], *args: Any, **options: Any) -> T:
    """Call a function; what has much to read does so in a thread, where it keeps no other call waiting."""
    if size_bytes < LARGE_BYTES:
        return function(*args, **options)
    return await asyncio.to_thread(function, *args, **options)


def _submission(request: jobs.SubmitJobRequest, text: bytes | None, kind: str) -> Submission:
    files = dict(request.files)
    if not request.HasField("spec"):
        document = _v01(request, request.eigen_lang)
        return from_document(document, program=text, program_format=kind, files=files)
    job = from_document(_typed(request, kind), program=text, files=files)
    given = {field.name for field, _ in request.ListFields()}
    ignored = tuple(f"{name}: ignored, `spec` says it" for name in _BESIDE_SPEC if name in given)
    return replace(job, warnings=(*job.warnings, *ignored))


def _program(request: Any, text: bytes | None, kind: str) -> Submission:
    files = dict(request.files)
    if not request.HasField("spec"):
        return from_document(plain_document(request, kind), program=text, files=files)
    document = _typed(request, kind)
    document["metadata"] = {"name": NAME} | document.get("metadata", {})
    if request.target:
        body: dict[str, Json] = document.setdefault("spec", {})
        if body.setdefault("target", request.target) != request.target:
            raise _invalid("target", f"`{request.target[:60]}` is not the target of `spec`")
    return from_document(document, program=text, files=files)


def plain_document(request: Any, kind: str) -> dict[str, Json]:
    """The v1 document of a request without `spec`."""
    lang: EigenLangSource = request.eigen_lang
    program = {"format": kind or None, "sha256": lang.sha256 or None}
    body = {"program": program, "entrypoint": lang.entrypoint or None, "target": request.target or None}
    return {"apiVersion": API_V1, "kind": "QuantumJob", "metadata": {"name": NAME}, "spec": body}


async def program_text(call: Call, request: Any) -> tuple[bytes | None, str]:
    """The program of the oneof and what it is; (None, "") when it comes another way."""
    form = request.WhichOneof("program")
    if form == "eigen_lang":
        return request.eigen_lang.source, "eigen-lang"
    if form == "aqo_ref":
        return await referred(call, request.aqo_ref), "aqo"
    if form == "aqo_json":
        return request.aqo_json, "aqo"
    if form == "qasm":
        return request.qasm.source, _version_of_qasm(request.qasm)
    return None, ""


def _version_of_qasm(program: QasmSource) -> str:
    """The format of an OpenQASM program: of the version that is named, else of the one that the text begins with."""
    if not program.version:
        name = of_text(program.source, where="qasm").name
        if not name.startswith("qasm"):
            raise _invalid("qasm", f"the program is no OpenQASM, but `{name}`")
        return name
    name = f"qasm{program.version.partition('.')[0]}"
    if name not in FORMATS:
        raise _unavailable("qasm.version", f"OpenQASM `{program.version[:20]}`")
    return name


async def referred(call: Call, reference: AqoRef) -> bytes:
    """The circuit that an AqoRef names: an artifact of a job that the caller sees."""
    ref = reference.qfs_ref
    job_id, _, path = ref.removeprefix(QFS_JOBS).partition("/")
    if not ref.startswith(QFS_JOBS) or not job_id or not path:
        raise _invalid("aqo_ref.qfs_ref", f"`{ref[:80]}` is not of the form `{QFS_JOBS}<job>/<path>`")
    return await call.service.artifact(call.caller, job_id, path)


def check_workload(workload: jobs.WorkloadContract, *, replays: bool = False, steps: bool = False) -> None:
    """EIGEN_NOT_AVAILABLE for every kind of work but one circuit job, the replay of one and a workflow, whose `spec`
    says of which and of what; and for what goes with the others."""
    try:
        kind = jobs.WorkloadFamilyKind.Name(workload.kind)
    except ValueError as error:
        raise _invalid("workload.kind", f"`{workload.kind}` is no kind of workload") from error
    is_replay = workload.kind == jobs.WorkloadFamilyKind.WORKLOAD_FAMILY_KIND_REPLAY_JOB
    if is_replay and not replays:
        raise _invalid("workload.kind", "a replay names the job in `spec.spec.workload.replay_of`")
    is_workflow = workload.kind in WORKFLOWS
    if is_workflow and not steps:
        raise _invalid("workload.kind", "a workflow has its steps in `spec.spec.workload.steps`")
    others = not is_replay and not is_workflow
    if workload.kind > jobs.WorkloadFamilyKind.WORKLOAD_FAMILY_KIND_QUANTUM_JOB and others:
        raise _unavailable("workload.kind", f"workloads of the kind `{kind}`")
    asked = {
        "execution_profile": bool(workload.execution_profile),
        "replayable": workload.replayable,
        "topology.cluster_id": bool(workload.topology.cluster_id),
        "topology.partition_count": workload.topology.partition_count not in {0, 1},
        "topology.partition_ids": bool(workload.topology.partition_ids),
        "topology.preferred_workers": bool(workload.topology.preferred_workers),
    }
    for name, given in asked.items():
        if given:
            raise _unavailable(f"workload.{name}", f"`workload.{name}`")


def _check_quota(call: Call, tenant: jobs.SubmitJobRequest.TenantQuotaEnvelope) -> None:
    """The tenant must be the caller's; limits that a request sets for itself are not kept here."""
    check_version(tenant.contract_version, "tenant.contract_version")
    acting = acting_as(call.caller, tenant.tenant_id, tenant.project_id, where="tenant")
    if acting != call.caller:
        message = "`tenant` names another tenant or project than `envelope`"
        raise EigenError("EIGEN_REQUEST_INVALID", message, where="tenant", hint="name it in `envelope`")
    for name in ("tenant_max_queued_jobs", "project_max_queued_jobs"):
        if getattr(tenant, name):
            raise _unavailable(f"tenant.{name}", "a limit of queued jobs in the request")


def _v01(request: jobs.SubmitJobRequest, lang: EigenLangSource) -> dict[str, Json]:
    """The string maps of the contract are those of the v0.1 document."""
    body: dict[str, Json] = {
        "entrypoint": lang.entrypoint or None,
        "program_sha256": lang.sha256 or None,
        "target": request.target or None,
        "priority": request.priority or None,
        "compiler_options": dict(request.compiler_options),
        "metadata": dict(request.metadata),
        "dependencies": list(request.dependencies),
    }
    metadata = {"name": request.name or None}
    return {"apiVersion": API_V01, "kind": "QuantumJob", "metadata": metadata, "spec": body}


def _typed(request: Any, kind: str) -> dict[str, Json]:
    """The document of `spec`, with what the oneof says about the program."""
    document = document_from_spec(request.spec)
    body: dict[str, Any] = document.setdefault("spec", {})
    if document["apiVersion"] == API_V1 and kind:
        program: dict[str, Any] = body.setdefault("program", {})
        if program.setdefault("format", kind) != kind:
            raise _invalid("spec.spec.program.format", f"the program that was sent is `{kind}`")
    lang: EigenLangSource = request.eigen_lang
    _agree(body, "entrypoint", lang.entrypoint)
    if document["apiVersion"] == API_V1:
        _agree(body.setdefault("program", {}), "sha256", lang.sha256)
    else:
        _agree(body, "program_sha256", lang.sha256)
    return document


def _agree(values: dict[str, Any], key: str, given: str) -> None:
    """Put a value where `spec` is silent; EIGEN_REQUEST_INVALID where it says something else."""
    if given and values.setdefault(key, given) != given:
        raise _invalid(f"eigen_lang.{key}", f"`{given[:80]}` is not what `spec` says")


def _invalid(where: str, message: str) -> EigenError:
    return EigenError("EIGEN_REQUEST_INVALID", message, where=where)


def _unavailable(where: str, what: str) -> EigenError:
    message = f"{what} is not available in this installation"
    return EigenError("EIGEN_NOT_AVAILABLE", message, where=where, hint="leave the field out")
