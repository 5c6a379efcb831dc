"""From a job.yaml or a program file to a `Submission`: the only part of `jobspec` that reads files."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from eigen.errors import EigenError, suggest
from eigen.ir.formats.table import FORMATS, MAX_TEXT_BYTES, of_suffix, of_text
from eigen.jobspec.complaints import Complaints
from eigen.jobspec.draft import API_V01, API_V1, DEFAULT_PROGRAM, Draft
from eigen.jobspec.files import PathRefusedError, confined, read_limited
from eigen.jobspec.replay import THE_OTHERS, refuse_beside_replay
from eigen.jobspec.spec import (
    EIGEN_LANG,
    PROGRAM_ARTIFACTS,
    CompilerOptions,
    InputRef,
    JobSpec,
    ProgramRef,
    Submission,
)
from eigen.jobspec.sweep import Sweep
from eigen.jobspec.sweep_shape import refuse_bound_twice
from eigen.jobspec.workflow.making import make_workflow, of_job
from eigen.jobspec.workflow.reading import OF_STEPS, refuse_on_workflow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eigen.jobspec.complaints import Path as Place
    from eigen.jobspec.draft import StepDraft, WorkflowDraft
    from eigen.types import Json

SOURCE_BYTES = 256 * 1024
TOO_LARGE = {name: (MAX_TEXT_BYTES, f"{name}_bytes") for name in PROGRAM_ARTIFACTS}
TOO_LARGE[EIGEN_LANG] = (SOURCE_BYTES, "source_bytes")


def load_job(path: Path | str) -> Submission:
    """Read a job.yaml and every file it names; all complaints come in one error, each with its field path."""
    from eigen.jobspec.safe_yaml import MAX_BYTES

    path = Path(path)
    return parse_job(read_limited(path, MAX_BYTES, "yaml_bytes"), base=path.parent, name=path.name)


def parse_job(data: bytes | str, *, base: Path, name: str = "job.yaml") -> Submission:
    """Read the text of a job.yaml; the files it names are looked up under `base`."""
    from eigen.jobspec.safe_yaml import read_yaml

    document = read_yaml(data, name=name)
    complaints = Complaints(name, document.marks, text=document.text)
    draft = read_draft(document.value, complaints)
    files = {"input/job.yaml": data.encode() if isinstance(data, str) else data}
    if draft.workflow is not None:
        program, steps = OF_STEPS, _steps(draft.workflow, base, name, complaints)
        workflow = make_workflow(draft.workflow, steps, files)
        complaints.raise_if_any()
        spec = JobSpec(program=program, workflow=workflow, **draft.fields)
        return Submission(spec, files, tuple(complaints.warnings))
    replay = bool(draft.fields.get("replay_of"))
    program = THE_OTHERS if replay else _program(draft, base, name, complaints, files)
    refs = _input_refs(draft, base, complaints, files)
    if draft.program_format != EIGEN_LANG:
        refuse_beside_circuit({**draft.fields, "input_refs": refs}, draft.place, complaints)
    complaints.raise_if_any()
    assert program is not None
    spec = JobSpec(program=program, input_refs=refs, **draft.fields)
    return Submission(spec, files, tuple(complaints.warnings))


def _steps(
    workflow: WorkflowDraft, base: Path, name: str, complaints: Complaints
) -> Callable[[StepDraft], tuple[JobSpec, Mapping[str, bytes]] | None]:
    """Makes the job of a step from the files that it names."""

    def make(step: StepDraft) -> tuple[JobSpec, Mapping[str, bytes]] | None:
        if step.job is not None:
            return _job_of_step(step, step.job, base, complaints)
        files: dict[str, bytes] = {}
        program = _program(step.draft, base, name, complaints, files)
        refs = _input_refs(step.draft, base, complaints, files)
        if step.draft.program_format != EIGEN_LANG:
            refuse_beside_circuit({**step.draft.fields, "input_refs": refs}, step.place, complaints)
        return None if program is None else (JobSpec(program=program, input_refs=refs, **step.draft.fields), files)

    return make


def _job_of_step(
    step: StepDraft, relative: str, base: Path, complaints: Complaints
) -> tuple[JobSpec, Mapping[str, bytes]] | None:
    from eigen.jobspec.safe_yaml import MAX_BYTES

    place = (*step.place, "job")
    data = _read_named(base, relative, (MAX_BYTES, "yaml_bytes"), place, complaints)
    if data is None:
        return None
    try:
        job = parse_job(data, base=confined(base, relative).parent, name=relative)
    except EigenError as error:
        complaints.add(place, f"`{relative[:80]}`: {error.message}", hint=error.hint)
        return None
    if not job.spec.program.is_there:
        complaints.add(place, f"`{relative[:80]}` is no job with a program: a step is one")
        return None
    if job.spec.dependencies:
        complaints.add(place, f"`{relative[:80]}` has dependencies", hint="a step names what it needs in `needs`")
    files = {path: data for path, data in job.files.items() if path != "input/job.yaml"}
    return of_job(step, job.spec), files


def load_program(path: Path | str, **fields: Json) -> Submission:
    """A job from a program file alone: a circuit where the name ends like one, else Eigen-Lang; see `submission`."""
    path = Path(path)
    row = of_suffix(path.name)
    source = read_limited(path, *TOO_LARGE[EIGEN_LANG if row is None else row.as_text or row.name])
    kind = EIGEN_LANG if row is None else _kind_of(source, row.name)
    shown = path.name.encode("utf-8", "replace").decode()  # a name that is not valid text
    return submission(source, kind=kind, filename=shown, **fields)


def _kind_of(source: bytes, usual: str) -> str:
    """The format of a circuit: what its text begins like, else what files of its name usually are."""
    try:
        return of_text(source).name
    except EigenError:
        return usual


def submission(
    source: bytes, *, kind: str = EIGEN_LANG, filename: str = DEFAULT_PROGRAM, name: str = "", **fields: Json
) -> Submission:
    """A job from program text; `fields` are those of `spec` in job.yaml and are checked as there."""
    source, kind = _as_text(source, kind, filename)
    program = ProgramRef(sha256(source).hexdigest(), kind, filename)
    shown = name or _stem(filename) or "program"
    job = Submission(JobSpec(name=shown[:128], program=program), {program.artifact: source})
    return with_overrides(job, fields) if fields else job


def _as_text(source: bytes, kind: str, filename: str) -> tuple[bytes, str]:
    """A program and its format; bitcode as the text that LLVM writes for it, for jobs are text. Raises EigenError."""
    row = FORMATS.get(kind)
    is_bitcode = kind == "qir" and _kind_of(source, kind) == "qir_bitcode"
    if row is None or not (row.as_text or is_bitcode):
        return source, kind
    from eigen.ir.formats.qir.bitcode import text_of

    return text_of(source, filename).encode(), row.as_text or kind


def _stem(filename: str) -> str:
    """A file name without the ending that says what the file is."""
    row = of_suffix(filename)
    endings = (".eigen.py", ".py", ".eigen") if row is None else row.suffixes
    ending = next((ending for ending in endings if filename.lower().endswith(ending)), "")
    return filename[: len(filename) - len(ending)]


def with_overrides(job: Submission, fields: Mapping[str, Json]) -> Submission:
    """The job with fields of `spec` (and `delivery`, `deadline`) on top, checked by the same shapes as job.yaml.

    Fields that name files (`program`, `input_refs`) can only stand in a job.yaml.
    """
    from eigen.jobspec.v1 import OVERRIDES

    complaints = Complaints("arguments")
    for key in fields.keys() & {"program", "input_refs"}:
        complaints.add((key,), "this key can only stand in a job.yaml")
    checked = OVERRIDES.check(dict(fields), (), complaints)
    if job.spec.replay_of is not None:
        refuse_beside_replay(checked, (), complaints)
    if job.spec.workflow is not None:
        refuse_on_workflow(checked, complaints)
    if checked.get("workload", {}).get("kind", "QuantumJob") != "QuantumJob" or "replay_of" in checked.get(
        "workload", {}
    ):
        complaints.add(("workload",), "this kind can only stand in a job.yaml")
    if job.spec.program.is_there and job.spec.program.is_circuit:
        refuse_beside_circuit(checked, (), complaints)
    if "inputs" in checked:
        checked["inputs"] = {**job.spec.inputs, **checked["inputs"]}
    sweep = Sweep(**checked["sweep"]) if checked.get("sweep") else job.spec.sweep
    refuse_bound_twice(checked.get("inputs", job.spec.inputs), sweep, ("inputs",), complaints)
    complaints.raise_if_any()
    checked["sweep"] = sweep
    if "compiler" in checked:
        checked["compiler"] = CompilerOptions.of({**job.spec.compiler.asked(), **checked["compiler"]})
    if "dependencies" in checked:
        checked["dependencies"] = tuple(checked["dependencies"])
    checked.pop("workload", None)  # checked: there is one kind
    return replace(job, spec=replace(job.spec, **checked))


def refuse_beside_circuit(fields: Mapping[str, Json], place: Place, complaints: Complaints) -> None:
    """A circuit is no program: it has no entry point, no data sets and nothing to iterate."""
    for key in ("entrypoint", "input_refs", "max_iters"):
        if fields.get(key):
            complaints.add((*place, key), "a circuit has no use for this", hint="remove the key")


def read_draft(value: Json, complaints: Complaints) -> Draft:
    """Choose the reader by `apiVersion`, or expand the short form."""
    from eigen.jobspec.template import expand
    from eigen.jobspec.v01 import read_v01
    from eigen.jobspec.v1 import read_v1

    if not isinstance(value, dict):
        complaints.add((), "expected a mapping with `apiVersion`, `kind`, `metadata` and `spec`")
        complaints.raise_if_any()
    document: dict[str, Json] = value  # pyright: ignore[reportUnknownVariableType]
    if "on_job" in document:
        document = expand(document, complaints)
    version = document.get("apiVersion")
    if version == API_V1:
        return read_v1(document, complaints)
    if version == API_V01:
        return read_v01(document, complaints)
    if version is None:
        complaints.add((), "`apiVersion` is required", hint=f"write `apiVersion: {API_V1}`")
    else:
        hint = suggest(str(version), (API_V1, API_V01)) or f"known: {API_V1}, {API_V01}"
        complaints.add(("apiVersion",), f"unknown version `{str(version)[:60]}`", hint=hint)
    complaints.raise_if_any()
    raise AssertionError("unreachable")


def _program(
    draft: Draft, base: Path, document: str, complaints: Complaints, files: dict[str, bytes]
) -> ProgramRef | None:
    """Read the program text, check its digest, and put it among the files."""
    where = draft.program_field
    if complaints.concern(where):
        return None
    if draft.program_source is not None:
        source, filename = draft.program_source.encode("utf-8", "replace"), f"{document}:program"
        place = (*where, "source") if where[-1] == "program" and draft.fields["api_version"] == API_V1 else where
    else:
        relative = draft.program_path or DEFAULT_PROGRAM
        filename = relative.rsplit("/", 1)[-1]
        place = (*where, "path") if draft.program_path and draft.fields["api_version"] == API_V1 else where
        found = _read_named(base, relative, TOO_LARGE[draft.program_format], place, complaints)
        if found is None:
            return None
        source = found
    digest = sha256(source).hexdigest()
    if draft.program_sha256 and draft.program_sha256 != digest:
        complaints.add(place, f"the program's sha256 is `{digest}`, not `{draft.program_sha256}`")
    try:
        source, kind = _as_text(source, draft.program_format, filename)
    except EigenError as error:
        complaints.add(place, error.message, hint=error.hint)
        return None
    program = ProgramRef(sha256(source).hexdigest(), kind, filename)
    files[program.artifact] = source
    return program


def _input_refs(draft: Draft, base: Path, complaints: Complaints, files: dict[str, bytes]) -> tuple[InputRef, ...]:
    """Read the data sets, check their digests, and put their canonical form among the files."""
    from eigen.jobspec.datasets import MAX_BYTES, dump_dataset, read_dataset

    refs: list[InputRef] = []
    for name, (uri, expected) in sorted(draft.input_refs.items()):
        place = (*draft.place, "input_refs", name, "uri")
        if complaints.concern(place[:-1]):
            continue
        if "://" in uri:
            scheme = uri.partition(":")[0][:20]
            hint = "copy the file beside job.yaml"
            complaints.add(place, f"data from `{scheme}://` is not available", hint=hint, kind="unavailable")
            continue
        data = _read_named(base, uri, (MAX_BYTES, "dataset_bytes"), place, complaints)
        if data is None:
            continue
        digest = sha256(data).hexdigest()
        if expected != digest:
            message = f"the sha256 of `{uri}` is `{digest}`, not `{expected}`"
            complaints.add(
                (*place[:-1], "sha256"), message, hint="the file has changed, or the digest is of another file"
            )
            continue
        try:
            dataset = read_dataset(name, data, filename=uri)
        except EigenError as error:
            kind = "limit" if error.code == "EIGEN_LIMIT_EXCEEDED" else "invalid"
            complaints.add(place, error.message, kind=kind)
            continue
        ref = InputRef(name, uri, digest, dataset.digest)
        files[ref.artifact] = dump_dataset(dataset)
        refs.append(ref)
    return tuple(refs)


def _read_named(
    base: Path, relative: str, limit: tuple[int, str], place: Place, complaints: Complaints
) -> bytes | None:
    """The bytes of a file the document names, or None after a complaint."""
    try:
        return read_limited(confined(base, relative), *limit)
    except PathRefusedError as error:
        complaints.add(place, f"`{relative[:80]}`: {error}")
    except (EigenError, OSError, RuntimeError) as error:
        kind = "limit" if isinstance(error, EigenError) and error.code == "EIGEN_LIMIT_EXCEEDED" else "invalid"
        reason = "no such file" if isinstance(error.__cause__, FileNotFoundError) else str(error)
        complaints.add(place, f"`{relative[:80]}`: {reason}", kind=kind)
    return None
