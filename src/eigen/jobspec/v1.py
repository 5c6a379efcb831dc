"""The `eigen.os/v1` form of job.yaml: typed and strict. One table is the checker and the JSON Schema.

Keys that the format knows and this version does not offer stand here too, and are refused by name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eigen.jobspec.draft import API_V1, Draft
from eigen.jobspec.moments import Deadline
from eigen.jobspec.parts import INPUTS, MAX_SHOTS, METADATA_MAP, NAME, NOISE, POLICIES, PRIORITY, SEED, TARGET
from eigen.jobspec.replay import REPLAY, read_replay
from eigen.jobspec.shapes import (
    Boolean,
    Choice,
    Field,
    Integer,
    JsonValue,
    ListOf,
    MapOf,
    Number,
    OptionValue,
    Record,
    Text,
)
from eigen.jobspec.spec import CACHE, DELIVERIES, EIGEN_LANG, PROGRAM_ARTIFACTS, Budget, CompilerOptions, Retry, Timeout
from eigen.jobspec.sweep import Sweep
from eigen.jobspec.sweep_shape import SWEEP, refuse_bound_twice
from eigen.jobspec.workflow.reading import read_workflow
from eigen.jobspec.workflow.shapes import KINDS as WORKFLOW_KINDS
from eigen.jobspec.workflow.shapes import WORKFLOW_FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.jobspec.complaints import Complaints
    from eigen.types import Json

KINDS = ("QuantumJob", REPLAY, *WORKFLOW_KINDS)
WORKLOADS = ("DistributedJob", "BenchmarkJob")
OTHER_NAMES = {"openqasm2": "qasm2", "openqasm3": "qasm3"}
"""The same formats by their long names."""

FORMATS = (*PROGRAM_ARTIFACTS, *(name for name, short in OTHER_NAMES.items() if short in PROGRAM_ARTIFACTS))
MAX_PLACE = 10_000
JOB_ID = Text(128, pattern="[A-Za-z0-9_-]+", expected="a job id")
IDENTIFIER = Text(128, pattern=r"[A-Za-z_][A-Za-z0-9_]*", expected="a name of letters, digits and `_`")
FREE = MapOf(JsonValue())

PROGRAM = Record(
    {
        "path": Field(Text(1024), "the program file, relative to job.yaml; `program.eigen.py` when nothing is given"),
        "source": Field(Text(256 * 1024, multiline=True), "the program text itself"),
        "ref": Field(Text(1024), "a program kept elsewhere", unavailable="programs by reference"),
        "format": Field(Choice(FORMATS), "what the text is; `eigen-lang` by default"),
        "sha256": Field(Text(64, pattern="[0-9a-f]{64}", expected="64 hex digits"), "the digest the text must have"),
    },
    at_most_one=("path", "source", "ref"),
)

WORKLOAD = Record(
    {
        "kind": Field(Choice(KINDS, WORKLOADS), "what kind of work this is; `QuantumJob` by default"),
        **WORKFLOW_FIELDS,
        "replay_of": Field(JOB_ID, "the job to do again, for the kind `ReplayJob`"),
    }
)

COMPILER = Record(
    {
        "optimization_level": Field(Integer(0, 3), "0 (nothing) to 3; the program's own level by default"),
        "basis": Field(ListOf(Text(32), 64), "gates to compile to, of those that the device has"),
        "layout": Field(
            ListOf(Integer(0, MAX_PLACE), MAX_PLACE), "the device qubit on which each logical qubit starts"
        ),
        "verify": Field(Boolean(), "true: prove the lowered circuits equal; false: compare nothing"),
        "schedule": Field(
            Choice(("asap", "alap")), "write idle time as delays, from the durations of the device's gates"
        ),
        "decouple": Field(Choice(("XX", "XY4")), "fill idle time with pulses that undo slow phase noise"),
        "tolerance": Field(
            Number(0.0, 0.1), "leave rotations out that together change no state by more than this; 1e-8, 0 for none"
        ),
    }
)

SPEC = Record(
    {
        "program": Field(PROGRAM, "the program to run"),
        "entrypoint": Field(IDENTIFIER, "the function to run; the single `@hybrid_program`, or `main`, by default"),
        "target": Field(
            TARGET,
            "where to run: `auto`, `sim:auto`, `<backend>:<device>`, a policy name, or `split(DEVICE, DEVICE*WEIGHT)`",
        ),
        "shots": Field(Integer(1, MAX_SHOTS, "shots_per_job"), "measurements of each sampled circuit"),
        "seed": Field(SEED, "the seed of everything random, an unsigned 64-bit integer"),
        "max_iters": Field(Integer(1, 1_000_000), "the most iterations of every `minimize`"),
        "inputs": Field(INPUTS, "values for the entry point's parameters"),
        "input_refs": Field(
            MapOf(
                Record(
                    {
                        "uri": Field(Text(1024), "a CSV or JSON file, relative to job.yaml", required=True),
                        "sha256": Field(
                            Text(64, pattern="[0-9a-f]{64}", expected="64 hex digits"),
                            "the digest the file must have",
                            required=True,
                        ),
                    }
                ),
                key="[A-Za-z_][A-Za-z0-9_-]*",
            ),
            "data sets by name, for `load_dataset`",
        ),
        "noise_model": Field(NOISE, "the noise to simulate: named noises joined by `+`, or a model as JSON"),
        "device_options": Field(
            MapOf(OptionValue(), key=r"[a-z][a-z0-9_]*"), "what may be chosen about the device, such as `max_bond`"
        ),
        "priority": Field(PRIORITY, "0 to 100, higher first; 50 by default"),
        "compiler": Field(COMPILER, "what the compiler may do"),
        "sweep": Field(SWEEP, "parameters that this one job goes through: `{name: values | range}`"),
        "workload": Field(WORKLOAD, "the kind of work"),
        "dependencies": Field(ListOf(JOB_ID, 64), "jobs to wait for"),
        "cache": Field(
            Choice(CACHE), "whether results of before may answer what a seeded job asks of simulators; `on` by default"
        ),
        "metadata": Field(METADATA_MAP, "text that travels with the job"),
    }
)

RUNTIME = Record(
    {
        "retry": Field(
            Record(
                {
                    "max_attempts": Field(Integer(1, 100), "attempts in all; 3 by default"),
                    "backoff": Field(Number(0, 86_400), "seconds before the second attempt, doubled each time"),
                }
            ),
            "what happens after a failure that may pass",
        ),
        "timeout": Field(
            Record(
                {
                    "queue_seconds": Field(Number(0, 31_536_000, positive=True), "longest wait in the queue"),
                    "execution_seconds": Field(Number(0, 31_536_000, positive=True), "longest run"),
                }
            ),
            "when the job is given up",
        ),
        "delivery": Field(
            Choice(DELIVERIES), "what becomes of work of which nobody knows whether a device that charges got it"
        ),
        "isolation": Field(
            Choice(("none",), ("process", "namespaces", "gvisor", "microvm")), "how the engine is walled in"
        ),
    }
)

SCHEDULING = Record(
    {
        "policy": Field(Choice(POLICIES), "how a device is chosen"),
        "deadline": Field(Deadline(), "when the job must have ended: a moment (RFC 3339), or seconds from now"),
    }
)

OVERRIDES = Record({**SPEC.fields, "delivery": RUNTIME.fields["delivery"], "deadline": SCHEDULING.fields["deadline"]})
"""What can stand on top of a job: the fields of `spec`, and what a command line says of `runtime` and `scheduling`."""

RESOURCES = Record(
    {
        "cpu": Field(Number(), "processor cores", unavailable="resource reservations"),
        "memory_mb": Field(Integer(1, 10**9), "memory in MiB", unavailable="resource reservations"),
        "gpu": Field(Integer(0, 1000), "graphics processors", unavailable="resource reservations"),
        "quantum": Field(
            Record(
                {
                    "qubits": Field(Integer(1, 10_000), "the fewest qubits the device must have"),
                    "max_fidelity_loss": Field(
                        Number(0, 1), "the part of its predicted success that it may lose by sharing a device"
                    ),
                    "minimum_fidelity": Field(Number(0, 1), "the device's least fidelity", unavailable="calibration"),
                }
            ),
            "what the device must offer",
        ),
    }
)

BUDGET = Record(
    {
        "max_cost": Field(
            Number(high=1e12),
            "the most it may cost, in the currency of its device's price sheet; 0: nothing that charges",
        ),
        "max_shots": Field(Integer(1, 10**12), "the most shots over all circuits"),
        "max_seconds": Field(Number(positive=True, high=31_536_000), "the most seconds of running"),
    }
)

DOCUMENT = Record(
    {
        "apiVersion": Field(Choice((API_V1,)), "the version of this format", required=True),
        "kind": Field(Choice(KINDS, WORKLOADS), "what this document describes", required=True),
        "metadata": Field(
            Record(
                {
                    "name": Field(NAME, "the name of the job", required=True),
                    "namespace": Field(Text(128, pattern="[a-z0-9-]+"), "a name space; `default` by default"),
                    "labels": Field(METADATA_MAP, "text to select jobs by"),
                    "annotations": Field(METADATA_MAP, "text for people and tools"),
                }
            ),
            "who this job is",
            required=True,
        ),
        "spec": Field(SPEC, "what to run", required=True),
        "runtime": Field(RUNTIME, "how to run it"),
        "resources": Field(RESOURCES, "what it needs"),
        "scheduling": Field(SCHEDULING, "how it is placed, and by when"),
        "budget": Field(BUDGET, "what it may use"),
        "artifacts": Field(
            Record({"retention": Field(JsonValue(), "how long files are kept", unavailable="retention rules")}),
            "what is kept",
        ),
    }
)


_PLAIN = (
    "entrypoint",
    "target",
    "shots",
    "seed",
    "max_iters",
    "inputs",
    "noise_model",
    "device_options",
    "priority",
    "cache",
    "metadata",
)
_RETRY = {"max_attempts": "max_attempts", "backoff": "backoff_seconds"}


def read_v1(document: Mapping[str, Json], complaints: Complaints) -> Draft:
    """Check a v1 document and return what it asks for; complaints are collected, not raised."""
    checked = DOCUMENT.check(document, (), complaints)
    return replace(draft_of(checked, complaints), workflow=read_workflow(checked, complaints, draft_of))


def draft_of(checked: Mapping[str, Any], complaints: Complaints) -> Draft:
    """What a checked document asks for, its workflow left aside."""
    metadata: dict[str, Any] = checked.get("metadata", {})
    spec: dict[str, Any] = checked.get("spec", {})
    program: dict[str, Any] = spec.get("program", {})
    format_name: str = program.get("format", EIGEN_LANG)
    runtime: dict[str, Any] = checked.get("runtime", {})
    retry: dict[str, Any] = runtime.get("retry", {})
    budget: dict[str, Any] = checked.get("budget", {})
    replay_of = read_replay(checked, complaints)
    fields: dict[str, Any] = {key: spec[key] for key in _PLAIN if key in spec}
    fields |= {key: metadata[key] for key in ("namespace", "labels", "annotations") if key in metadata}
    if "sweep" in spec:
        fields["sweep"] = Sweep(**spec["sweep"])
        refuse_bound_twice(spec.get("inputs", {}), fields["sweep"], ("spec", "inputs"), complaints)
    fields |= {
        "name": metadata.get("name", ""),
        "api_version": API_V1,
        "compiler": CompilerOptions.of(spec.get("compiler", {})),
        "dependencies": tuple(spec.get("dependencies", ())),
        "retry": Retry(**{_RETRY[key]: value for key, value in retry.items()}),
        "timeout": Timeout(**runtime.get("timeout", {})),
        "delivery": runtime.get("delivery"),
        "policy": checked.get("scheduling", {}).get("policy"),
        "deadline": checked.get("scheduling", {}).get("deadline"),
        "min_qubits": checked.get("resources", {}).get("quantum", {}).get("qubits"),
        "max_fidelity_loss": checked.get("resources", {}).get("quantum", {}).get("max_fidelity_loss"),
        "replay_of": replay_of,
        "budget": Budget(budget.get("max_shots"), budget.get("max_seconds"), budget.get("max_cost")),
    }
    return Draft(
        fields=fields,
        program_path=program.get("path"),
        program_source=program.get("source"),
        program_format=OTHER_NAMES.get(format_name, format_name),
        program_sha256=program.get("sha256"),
        program_field=("spec", "program"),
        input_refs={
            name: (ref.get("uri", ""), ref.get("sha256", "")) for name, ref in spec.get("input_refs", {}).items()
        },
    )
