"""`JobSpec`: what a job asks for, checked and frozen. Not the text it came from: that is read by `eigen.jobspec.load`.

`None` always means "not asked for": the program's own options hold then, and the settings' defaults after them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from eigen.ir.formats.table import FORMATS
from eigen.jobspec.sweep import Sweep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.jobspec.workflow.plan import Workflow
    from eigen.types import Json

EIGEN_LANG = "eigen-lang"

PROGRAM_ARTIFACTS = {EIGEN_LANG: "input/program.eigen.py"} | {
    row.name: f"input/circuit{row.suffixes[0]}" for row in FORMATS.values() if not row.as_text
}
"""Where the program text of each format lies among a job's artifacts: Eigen-Lang, and every text format of circuits."""


@dataclass(frozen=True, slots=True)
class ProgramRef:
    """The program: its text is the artifact `artifact` of the job, its identity the sha256 of those bytes.

    `filename` is the name to show in diagnostics.
    """

    sha256: str
    format: str = "eigen-lang"
    filename: str = "program.eigen.py"

    @property
    def artifact(self) -> str:
        """The path of the program text among the job's artifacts."""
        return PROGRAM_ARTIFACTS[self.format]

    @property
    def is_there(self) -> bool:
        """Whether there is a program: a replay takes another job's, a workflow has those of its steps."""
        return bool(self.sha256)

    @property
    def is_circuit(self) -> bool:
        """Whether the text is a circuit, in one of the formats of `eigen.ir.formats`, and no program."""
        return self.format != EIGEN_LANG


@dataclass(frozen=True, slots=True)
class InputRef:
    """A data set handed to the program by name: the artifact `input/data/<name>.json`, a canonical data set.

    `sha256` is the digest of the file the user named; `digest` the one of the data set read from it.
    """

    name: str
    uri: str
    sha256: str
    digest: str

    @property
    def artifact(self) -> str:
        """The path of the canonical data set among the job's artifacts."""
        return f"input/data/{self.name}.json"


@dataclass(frozen=True, slots=True)
class CompilerOptions:
    """What the compiler is asked for.

    `optimization_level` is 0 (nothing) to 3, `basis` the gates to compile to, `layout` the device qubit on which each
    logical one starts. `verify`: True demands that the lowered circuits are proven equal, or found equal on random
    states, False checks nothing; by default what is cheap is checked and the rest said to be not. `schedule` (`asap`,
    `alap`) writes idle time as delays, `decouple` (`XX`, `XY4`) fills it with pulses. The smallest rotations are left
    out, as many as change no state by more than `tolerance`, 1e-8 by default.
    """

    optimization_level: int | None = None
    basis: tuple[str, ...] | None = None
    layout: tuple[int, ...] | None = None
    verify: bool | None = None
    schedule: str | None = None
    decouple: str | None = None
    tolerance: float | None = None

    @staticmethod
    def of(given: Mapping[str, Json]) -> CompilerOptions:
        """From JSON values that were checked."""
        basis, layout = given.get("basis"), given.get("layout")
        return CompilerOptions(
            given.get("optimization_level"),
            None if basis is None else tuple(basis),
            None if layout is None else tuple(layout),
            given.get("verify"),
            given.get("schedule"),
            given.get("decouple"),
            given.get("tolerance"),
        )

    def asked(self) -> dict[str, Json]:
        """What is set, as JSON values."""
        values: dict[str, Json] = {
            "optimization_level": self.optimization_level,
            "basis": None if self.basis is None else list(self.basis),
            "layout": None if self.layout is None else list(self.layout),
            "verify": self.verify,
            "schedule": self.schedule,
            "decouple": self.decouple,
            "tolerance": self.tolerance,
        }
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Retry:
    """Attempts after a retryable failure: the second one `backoff_seconds` later, each further wait twice as long."""

    max_attempts: int = 3
    backoff_seconds: float = 1.0


AT_MOST_ONCE, AT_LEAST_ONCE = "at_most_once", "at_least_once"
DELIVERIES = (AT_MOST_ONCE, AT_LEAST_ONCE)
"""What becomes of work of which nobody knows whether a device that charges got it: a person decides, or it is done
again."""


ON, OFF = "on", "off"
CACHE = (ON, OFF)
"""Whether evaluations may be answered with the results that they had before; by default they may."""


@dataclass(frozen=True, slots=True)
class Timeout:
    """How long a job may wait in the queue and run, in seconds."""

    queue_seconds: float | None = None
    execution_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """The most a job may use before it is stopped with EIGEN_RUN_BUDGET; `max_cost` is in the currency of the tariff
    of its device, and 0 keeps the job from devices that charge."""

    max_shots: int | None = None
    max_seconds: float | None = None
    max_cost: float | None = None


@dataclass(frozen=True, slots=True)
class JobSpec:
    """One job as the kernel keeps it: small, JSON, complete. Program text and data lie beside it as artifacts.

    `target` is as written (`sim:auto`, `auto`, `vendor:device`, a policy name); the router resolves it.
    `shots` counts measurements of a sampled circuit, `seed` is an unsigned 64-bit integer, `priority` runs
    from 0 to 100 (higher first). `max_iters` caps the iterations of every `minimize`. `device_options` are numbers,
    truth values and texts by name; a device refuses those that it does not have. `deadline` is a moment in RFC 3339, or
    seconds from the submission on. `cache` is `on` or `off`. `max_fidelity_loss` is the
    part of its predicted success, from 0 to 1, that it may lose on a device that it shares.
    """

    name: str
    program: ProgramRef
    api_version: str = "eigen.os/v1"
    namespace: str = "default"
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    entrypoint: str | None = None
    target: str | None = None
    shots: int | None = None
    seed: int | None = None
    max_iters: int | None = None
    inputs: Mapping[str, Json] = field(default_factory=dict[str, Any])
    input_refs: tuple[InputRef, ...] = ()
    noise_model: str | None = None
    device_options: Mapping[str, Json] = field(default_factory=dict[str, Any])
    priority: int = 50
    compiler: CompilerOptions = field(default_factory=CompilerOptions)
    dependencies: tuple[str, ...] = ()
    retry: Retry = field(default_factory=Retry)
    timeout: Timeout = field(default_factory=Timeout)
    policy: str | None = None
    min_qubits: int | None = None
    budget: Budget = field(default_factory=Budget)
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    replay_of: str | None = None
    sweep: Sweep | None = None
    delivery: str | None = None
    deadline: float | str | None = None
    workflow: Workflow | None = None
    cache: str | None = None
    max_fidelity_loss: float | None = None

    def options(self) -> dict[str, Json]:
        """The options the job sets, for the compiler: they override the decorator's; unset ones are absent."""
        asked: dict[str, Json] = {
            "target": self.target,
            "shots": self.shots,
            "seed": self.seed,
            "max_iters": self.max_iters,
            "optimization_level": self.compiler.optimization_level,
            "noise_model": self.noise_model,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def to_json(self) -> dict[str, Json]:
        """The job as JSON values, for the database row; `from_json` reads it back.

        What came later to the format is there only where it is set: a job keeps its digest, and its idempotency key.
        """
        value = _to_json(replace(self, workflow=None))
        for name in _LATER:
            if value[name] is None:
                del value[name]
        if self.workflow is not None:
            value["workflow"] = self.workflow.to_json()
        if self.budget.max_cost is None:
            del value["budget"]["max_cost"]
        compiler = value["compiler"]
        value["compiler"] = {name: compiler[name] for name in compiler if name in _ALWAYS or compiler[name] is not None}
        return value

    @staticmethod
    def from_json(value: Mapping[str, Json]) -> JobSpec:
        """The job that `to_json` wrote. Our own rows only: foreign text goes through `load_job`."""
        parts: dict[str, Any] = dict(value)
        parts["program"] = ProgramRef(**parts["program"])
        parts["input_refs"] = tuple(InputRef(**entry) for entry in parts["input_refs"])
        parts["dependencies"] = tuple(parts["dependencies"])
        parts["compiler"] = CompilerOptions.of(parts["compiler"])
        parts["retry"] = Retry(**parts["retry"])
        parts["timeout"] = Timeout(**parts["timeout"])
        parts["budget"] = Budget(**parts["budget"])
        if parts.get("sweep") is not None:
            parts["sweep"] = Sweep(**parts["sweep"])
        if "workflow" in parts:
            from eigen.jobspec.workflow.plan import Workflow

            parts["workflow"] = Workflow.from_json(parts["workflow"])
        return JobSpec(**parts)


@dataclass(frozen=True, slots=True)
class Submission:
    """A job ready to be handed over: the specification and its files, by artifact path (`input/…`).

    `warnings` are what the reader of job.yaml kept and ignored; they are shown, never dropped in silence.
    """

    spec: JobSpec
    files: Mapping[str, bytes]
    warnings: tuple[str, ...] = ()


_ALWAYS = frozenset({"optimization_level"})
_LATER = ("replay_of", "sweep", "delivery", "deadline", "workflow", "cache", "max_fidelity_loss")


def _to_json(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: _to_json(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, tuple):
        return [_to_json(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {key: _to_json(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return value
