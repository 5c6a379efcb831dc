"""A job as it travels: the document (JSON values in the shapes of job.yaml), the program text and the data sets.

`from_document` checks what a stranger sent exactly as job.yaml is checked, and reads no file; `to_document` is its
inverse on every `Submission` that a reader of this package made.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.jobspec.complaints import Complaints
from eigen.jobspec.draft import API_V01, API_V1
from eigen.jobspec.json_text import check_values
from eigen.jobspec.load import TOO_LARGE, read_draft, refuse_beside_circuit
from eigen.jobspec.parts import NOISE_OF_V01
from eigen.jobspec.replay import THE_OTHERS, replay_document
from eigen.jobspec.spec import (
    EIGEN_LANG,
    PROGRAM_ARTIFACTS,
    CompilerOptions,
    InputRef,
    JobSpec,
    ProgramRef,
    Submission,
)
from eigen.jobspec.workflow.making import make_workflow
from eigen.jobspec.workflow.plan import INPUT, STEPS
from eigen.jobspec.workflow.reading import OF_STEPS
from eigen.jobspec.workflow.writing import workflow_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.jobspec.complaints import Path
    from eigen.jobspec.draft import Draft, StepDraft, WorkflowDraft
    from eigen.types import Json

JOB_FILE = "input/job.yaml"


def from_document(
    document: Mapping[str, Json],
    *,
    program: bytes | None = None,
    program_format: str = "",
    filename: str = "",
    files: Mapping[str, bytes] | None = None,
    name: str = "request",
) -> Submission:
    """The job that a document describes; all complaints come in one error, with field paths as in job.yaml.

    The program text is `program`, else the file at its artifact path, else `spec.program.source`. A data set lies in
    `files` at `input/data/<name>.json`: the very file of the digest that the document names, or its canonical form.
    `program_format` says what the text is where the document cannot (v0.1 knows only Eigen-Lang). `filename` is what
    diagnostics show; the document's own path by default. `name` is what complaints call the document.
    Raises EIGEN_JOBSPEC_INVALID, EIGEN_REQUEST_INVALID, EIGEN_LIMIT_EXCEEDED or EIGEN_NOT_AVAILABLE.
    """
    handed = dict(files or {})
    check_values(document, name)
    complaints = Complaints(name)
    draft = read_draft(dict(document), complaints)
    if program_format:
        draft = replace(draft, program_format=program_format)
    kept: dict[str, bytes] = {}
    if JOB_FILE in handed:
        kept[JOB_FILE] = _job_file(handed.pop(JOB_FILE), complaints)
    if draft.workflow is not None:
        return _workflow(draft, draft.workflow, program, handed, kept, complaints)
    if draft.fields.get("replay_of"):
        ref: ProgramRef | None = THE_OTHERS
        if program:
            complaints.add(draft.program_field, "a replay brings no program of its own")
    else:
        ref = _program(draft, program, filename, handed, kept, complaints)
    refs = _input_refs(draft, handed, kept, complaints)
    if draft.program_format != EIGEN_LANG:
        refuse_beside_circuit({**draft.fields, "input_refs": refs}, draft.place, complaints)
    for path in sorted(handed):
        complaints.add(("files",), f"`{_shown(path)}` is not a file of this job")
    complaints.raise_if_any()
    assert ref is not None
    spec = JobSpec(program=ref, input_refs=refs, **draft.fields)
    return Submission(spec, kept, tuple(complaints.warnings))


def to_document(job: Submission) -> tuple[dict[str, Json], bytes, dict[str, bytes]]:
    """The document, the program text and the other files of a job, such that `from_document` gives the job back."""
    spec = job.spec
    files = dict(job.files)
    if spec.replay_of is not None:
        return replay_document(spec), b"", files
    if spec.workflow is not None:
        return workflow_document(_v1(spec), spec.workflow, _v1), b"", files
    program = files.pop(spec.program.artifact)
    document = _v01(spec) if spec.api_version == API_V01 and _fits_v01(spec) else _v1(spec)
    return document, program, files


def _workflow(
    draft: Draft,
    plan: WorkflowDraft,
    program: bytes | None,
    handed: dict[str, bytes],
    kept: dict[str, bytes],
    complaints: Complaints,
) -> Submission:
    """The workflow, the files of each step taken from the step's own folder."""
    if program:
        complaints.add(draft.program_field, "a workflow brings no program of its own")

    def make(step: StepDraft) -> tuple[JobSpec, Mapping[str, bytes]] | None:
        if step.job is not None:
            hint = "send what the file says as the keys of the step"
            complaints.add((*step.place, "job"), "no file can be read here", hint=hint)
            return None
        folder = f"{STEPS}{step.name}/"
        own = {INPUT + path.removeprefix(folder): handed.pop(path) for path in [*handed] if path.startswith(folder)}
        files: dict[str, bytes] = {}
        ref = _program(step.draft, None, "", own, files, complaints)
        refs = _input_refs(step.draft, own, files, complaints)
        if step.draft.program_format != EIGEN_LANG:
            refuse_beside_circuit({**step.draft.fields, "input_refs": refs}, step.place, complaints)
        for path in sorted(own):
            complaints.add(("files",), f"`{_shown(folder + path.removeprefix(INPUT))}` is not a file of this job")
        return None if ref is None else (JobSpec(program=ref, input_refs=refs, **step.draft.fields), files)

    workflow = make_workflow(plan, make, kept)
    for path in sorted(handed):
        complaints.add(("files",), f"`{_shown(path)}` is not a file of this job")
    complaints.raise_if_any()
    spec = JobSpec(program=OF_STEPS, workflow=workflow, **draft.fields)
    return Submission(spec, kept, tuple(complaints.warnings))


def _job_file(data: bytes, complaints: Complaints) -> bytes:
    """The description as its author wrote it: kept for people, never read again."""
    from eigen.jobspec.safe_yaml import MAX_BYTES

    if len(data) > MAX_BYTES:
        message = f"`{JOB_FILE}` has {len(data):,} bytes; the limit `yaml_bytes` is {MAX_BYTES:,}"
        complaints.add(("files",), message, kind="limit")
    return data


def _program(
    draft: Draft,
    program: bytes | None,
    filename: str,
    handed: dict[str, bytes],
    kept: dict[str, bytes],
    complaints: Complaints,
) -> ProgramRef | None:
    """The program text, from wherever it was handed in, once."""
    where = draft.program_field
    kind = draft.program_format
    found = [("program", program), (PROGRAM_ARTIFACTS.get(kind, ""), handed.pop(PROGRAM_ARTIFACTS.get(kind, ""), None))]
    if draft.program_source is not None:
        found.append(("the document", draft.program_source.encode("utf-8", "replace")))
    given = [(source, data) for source, data in found if data is not None]
    if kind not in PROGRAM_ARTIFACTS or complaints.concern(where):
        return None
    if len(given) != 1:
        message = "the program text is missing" if not given else "the program text is given more than once"
        complaints.add(where, f"{message}{': ' if given else ''}{' and '.join(source for source, _ in given)}")
        return None
    source = given[0][1]
    limit, limit_name = TOO_LARGE[kind]
    if len(source) > limit:
        message = f"the program has {len(source):,} bytes; the limit `{limit_name}` is {limit:,}"
        complaints.add(where, message, kind="limit")
    digest = sha256(source).hexdigest()
    if draft.program_sha256 and draft.program_sha256 != digest:
        complaints.add(where, f"the program's sha256 is `{digest}`, not `{draft.program_sha256}`")
    shown = filename or draft.program_path or PROGRAM_ARTIFACTS[kind].removeprefix("input/")
    ref = ProgramRef(digest, kind, shown)
    kept[ref.artifact] = source
    return ref


def _input_refs(
    draft: Draft, handed: dict[str, bytes], kept: dict[str, bytes], complaints: Complaints
) -> tuple[InputRef, ...]:
    """The data sets in canonical form, each read again and its digest taken anew."""
    refs: list[InputRef] = []
    for name, (uri, expected) in sorted(draft.input_refs.items()):
        place = (*draft.place, "input_refs", name)
        ref = InputRef(name, uri, expected, "")
        data = handed.pop(ref.artifact, None)
        if complaints.concern(place):
            continue
        if data is None:
            complaints.add(place, f"the data set is missing: hand it in as the file `{ref.artifact}`")
            continue
        found = _canonical(ref, data, place, complaints)
        if found is None:
            continue
        digest, kept[ref.artifact] = found
        refs.append(InputRef(name, uri, expected, digest))
    return tuple(refs)


def _canonical(ref: InputRef, data: bytes, place: Path, complaints: Complaints) -> tuple[str, bytes] | None:
    """The digest and the canonical bytes of a data set, or None after a complaint."""
    from eigen.jobspec.datasets import MAX_BYTES, dump_dataset, load_stored, read_dataset

    if len(data) > MAX_BYTES:
        message = f"`{ref.artifact}` has {len(data):,} bytes; the limit `dataset_bytes` is {MAX_BYTES:,}"
        complaints.add(place, message, kind="limit")
        return None
    is_the_file = sha256(data).hexdigest() == ref.sha256
    try:
        dataset = read_dataset(ref.name, data, filename=ref.uri) if is_the_file else load_stored(ref.name, data)
    except EigenError as error:
        kind = "limit" if error.code == "EIGEN_LIMIT_EXCEEDED" else "invalid"
        complaints.add(place, error.message, kind=kind)
        return None
    canonical = dump_dataset(dataset)
    if not is_the_file and canonical != data:
        message = "what was handed in is neither the file of that sha256 nor a data set in canonical form"
        complaints.add((*place, "sha256"), message)
        return None
    return dataset.digest, canonical


def _fits_v01(spec: JobSpec) -> bool:
    """Whether v0.1 has a word for everything that the job asks."""
    plain = JobSpec(spec.name, spec.program)
    later = (
        "namespace",
        "retry",
        "timeout",
        "policy",
        "min_qubits",
        "budget",
        "device_options",
        "sweep",
        "delivery",
        "deadline",
        "cache",
        "max_fidelity_loss",
    )
    if spec.noise_model is not None:
        complaints = Complaints("noise_model")
        NOISE_OF_V01.check(spec.noise_model, (), complaints)
        if complaints.found:
            return False
    if spec.compiler != CompilerOptions(spec.compiler.optimization_level):
        return False
    return spec.target is not None and all(getattr(spec, key) == getattr(plain, key) for key in later)


def _v01(spec: JobSpec) -> dict[str, Json]:
    options = {"shots": spec.shots, "seed": spec.seed, "max_iters": spec.max_iters, "noise_model": spec.noise_model}
    texts = dict(spec.metadata) | {key: str(value) for key, value in options.items() if value is not None}
    level = spec.compiler.optimization_level
    body: dict[str, Json] = {
        **_common(spec),
        "program_path": spec.program.filename,
        "program_sha256": spec.program.sha256,
        "metadata": texts,
        "compiler_options": {} if level is None else {"optimization_level": str(level)},
    }
    metadata = {"name": spec.name, "labels": dict(spec.labels), "annotations": dict(spec.annotations)}
    return {"apiVersion": API_V01, "kind": "QuantumJob", "metadata": _given(metadata), "spec": _given(body)}


def _v1(spec: JobSpec) -> dict[str, Json]:
    given = {"path": spec.program.filename, "format": spec.program.format, "sha256": spec.program.sha256}
    program = given if spec.program.is_there else None
    body: dict[str, Json] = {
        **_common(spec),
        "program": program,
        "shots": spec.shots,
        "seed": spec.seed,
        "max_iters": spec.max_iters,
        "noise_model": spec.noise_model,
        "device_options": dict(spec.device_options),
        "cache": spec.cache,
        "compiler": spec.compiler.asked(),
        "sweep": None if spec.sweep is None else {"mode": spec.sweep.mode, "parameters": dict(spec.sweep.parameters)},
        "metadata": dict(spec.metadata),
    }
    metadata = {
        "name": spec.name,
        "namespace": spec.namespace,
        "labels": dict(spec.labels),
        "annotations": dict(spec.annotations),
    }
    limits = {"queue_seconds": spec.timeout.queue_seconds, "execution_seconds": spec.timeout.execution_seconds}
    retry = {"max_attempts": spec.retry.max_attempts, "backoff": spec.retry.backoff_seconds}
    quantum = {"qubits": spec.min_qubits, "max_fidelity_loss": spec.max_fidelity_loss}
    document: dict[str, Json] = {
        "apiVersion": API_V1,
        "kind": "QuantumJob",
        "metadata": _given(metadata),
        "spec": _given(body),
        "runtime": _given({"retry": retry, "timeout": _given(limits), "delivery": spec.delivery}),
        "resources": _given({"quantum": _given(quantum)}),
        "scheduling": _given({"policy": spec.policy, "deadline": spec.deadline}),
        "budget": _given(
            {
                "max_cost": spec.budget.max_cost,
                "max_shots": spec.budget.max_shots,
                "max_seconds": spec.budget.max_seconds,
            }
        ),
    }
    return _given(document)


def _common(spec: JobSpec) -> dict[str, Json]:
    return {
        "entrypoint": spec.entrypoint,
        "target": spec.target,
        "priority": spec.priority,
        "inputs": dict(spec.inputs),
        "input_refs": {ref.name: {"uri": ref.uri, "sha256": ref.sha256} for ref in spec.input_refs},
        "dependencies": list(spec.dependencies),
    }


def _given(values: Mapping[str, Any]) -> dict[str, Json]:
    """What was asked for: without the keys that stand for nothing."""
    return {key: value for key, value in values.items() if value is not None and value != {} and value != []}


def _shown(path: str) -> str:
    return path[:80].encode("utf-8", "replace").decode()
