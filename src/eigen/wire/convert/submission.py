"""`Submission` on the wire: the typed `JobSpec` message and the document it mirrors, field by field.

The message says what the document says, no more: what is wrong with it is found by `eigen.jobspec.from_document`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import ListValue, Struct, Value

from eigen.jobspec import to_document
from eigen.jobspec.draft import API_V01, API_V1
from eigen.jobspec.json_text import read_json
from eigen.wire import messages
from eigen.wire.convert.values import to_json, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.message import Message

    from eigen.jobspec import Submission
    from eigen.types import Json

_EXACT = ("steps", "outputs")
"""What of a workflow travels as JSON, in which 1 is not 1.0."""

_TEXT_OPTIONS = ("shots", "seed", "max_iters", "noise_model")


def spec_from_document(document: Mapping[str, Json]) -> messages.specs.JobSpec:
    """The message of a document that `to_document` wrote."""
    plain = dict(document)
    body: dict[str, Any] = dict(plain.get("spec", {}))
    inputs, sweep = body.pop("inputs", None), body.pop("sweep", None)
    if plain.get("apiVersion") == API_V01:
        body = _as_v1(body)
    workload: dict[str, Any] = dict(body.get("workload") or {})
    exact = {key: workload.pop(key) for key in _EXACT if key in workload}
    if exact:
        body["workload"] = workload
    plain["spec"] = body
    message = ParseDict(plain, messages.specs.JobSpec())
    if inputs:
        message.spec.inputs_json = to_json(inputs)
    if sweep:
        message.spec.sweep_json = to_json(sweep)
    for key, value in exact.items():
        setattr(message.spec.workload, f"{key}_json", to_json(value))
    return message


def document_from_spec(message: messages.specs.JobSpec) -> dict[str, Json]:
    """The document that a message says; EIGEN_REQUEST_INVALID or EIGEN_LIMIT_EXCEEDED for inputs or a sweep that is no
    JSON."""
    document = _fields(message)
    document.setdefault("apiVersion", document.pop("api_version", API_V1))
    document.setdefault("kind", "QuantumJob")
    body: dict[str, Any] = document.get("spec", {})
    for name in ("inputs", "sweep"):
        exact = body.pop(f"{name}_json", b"")
        if exact:
            body[name] = read_json(exact, f"spec.{name}_json")
    workload: dict[str, Any] = body.get("workload", {})
    for key in _EXACT:
        if found := workload.pop(f"{key}_json", b""):
            workload[key] = read_json(found, f"spec.workload.{key}_json")
    if document["apiVersion"] == API_V01:
        document["spec"] = _as_v01(body)
    return document


def submission_to_wire(job: Submission, **fields: Any) -> messages.jobs.SubmitJobRequest:
    """The request that submits a job; `fields` are further ones of the request."""
    return messages.jobs.SubmitJobRequest(**job_to_fields(job), **fields)


def job_to_fields(job: Submission) -> dict[str, Any]:
    """The fields `eigen_lang`, `spec` and `files` that every request with a job has."""
    document, program, files = to_document(job)
    fields: dict[str, Any] = {"spec": spec_from_document(document), "files": files}
    if not job.spec.program.is_there:
        return fields
    if job.spec.program.format == "eigen-lang":
        fields["eigen_lang"] = messages.types.EigenLangSource(source=program, sha256=job.spec.program.sha256)
    else:
        files[job.spec.program.artifact] = program
    return fields


def _fields(message: Message) -> dict[str, Any]:
    """The fields that are set, by name; a message within is a mapping within."""
    return {field.name: _value(field, getattr(message, field.name)) for field, _ in message.ListFields()}


def _value(field: FieldDescriptor, value: Any) -> Any:
    kind = field.message_type
    if kind is None:
        return list(value) if field.is_repeated else value
    if kind.GetOptions().map_entry:
        inner = kind.fields_by_name["value"]
        return {key: _value(inner, item) for key, item in value.items()}
    if field.is_repeated:
        return [_message(item) for item in value]
    return _message(value)


def _message(value: Any) -> Any:
    return value_of(value) if isinstance(value, Struct | Value | ListValue) else _fields(value)


def _as_v1(body: Mapping[str, Any]) -> dict[str, Any]:
    """The names of v1 for what v0.1 says, as far as `to_document` writes it."""
    found = dict(body)
    found["program"] = {"path": found.pop("program_path"), "sha256": found.pop("program_sha256")}
    texts: dict[str, str] = dict(found.pop("metadata", {}))
    for name in _TEXT_OPTIONS:
        if name in texts:
            text = texts.pop(name)
            found[name] = text if name == "noise_model" else int(text)
    found["metadata"] = texts
    options: dict[str, str] = found.pop("compiler_options", {})
    if options:
        found["compiler"] = {"optimization_level": int(options["optimization_level"])}
    return found


def _as_v01(body: Mapping[str, Any]) -> dict[str, Any]:
    """The names of v0.1 for what the message says; what v0.1 has no word for stays and is complained about there."""
    found = dict(body)
    program: dict[str, Any] = found.pop("program", {})
    for ours, theirs in (("path", "program_path"), ("source", "program"), ("sha256", "program_sha256")):
        if ours in program:
            found[theirs] = program[ours]
    texts: dict[str, str] = dict(found.get("metadata", {}))
    for name in _TEXT_OPTIONS:
        if name in found:
            texts[name] = str(found.pop(name))
    if texts:
        found["metadata"] = texts
    level = found.pop("compiler", {}).get("optimization_level")
    if level is not None:
        found["compiler_options"] = {"optimization_level": str(level)}
    return found
