"""The frozen values that cross borders between packages: devices, work, placements, jobs and results."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.ir import Circuit, Counts, Evolution, Observable

Json = Any  # a JSON value: None, bool, int, float, str, list[Json] or dict[str, Json]


class JobState(StrEnum):
    """The states of a job; `eigen.kernel.jobs` holds the table of legal moves."""

    PENDING = "PENDING"
    COMPILING = "COMPILING"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    ERROR = "ERROR"
    CANCELLED = "CANCELLED"
    TIMEOUT = "TIMEOUT"

    @property
    def is_terminal(self) -> bool:
        """Whether the job has ended for good."""
        return self in {JobState.DONE, JobState.ERROR, JobState.CANCELLED, JobState.TIMEOUT}


class DeviceStatus(StrEnum):
    """Whether a device takes work now."""

    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"
    CALIBRATING = "CALIBRATING"
    MAINTENANCE = "MAINTENANCE"
    ERROR = "ERROR"


PRICES = frozenset(
    {"price_per_task", "price_per_shot", "price_per_second", "price_currency", "price_sheet", "price_as_of"}
)
"""Properties of a device that say what it charges."""

HOST_PROPERTIES = frozenset({"memory_bytes", "speed"}) | PRICES
"""Properties of a device that belong to the host that runs it now, or to whoever pays: no circuit depends on them."""


DEAREST = 1e12
"""No price is more, in any currency; the same holds of a property."""
FASTEST = 1e9
"""No host is more times as fast as the reference; a property that says more says nothing."""


@dataclass(frozen=True, slots=True)
class Device:
    """One device as its driver describes it: a snapshot, with everything that routing and lowering may read.

    `gates` are names of the gate table (empty = the whole table); `coupling` lists directed qubit pairs for
    two-qubit gates (empty = all to all); `features` name what the device can do beyond plain circuits:
    `dynamic` (mid-circuit measurement, feed-forward, reset), `expectation`, `gradient`, `exact`
    (shots=None), `loop` (pieces of a minimisation of exact expectation values in one call), `noise`, `seed` (the same
    seed gives the same counts), `deduplicates` (submitting one key twice runs it once), `metered` (shots cost money),
    `evolution` (time evolution, also with collapse operators).
    """

    id: str
    name: str
    backend_type: str
    num_qubits: int
    gates: tuple[str, ...] = ()
    coupling: tuple[tuple[int, int], ...] = ()
    features: frozenset[str] = frozenset()
    max_shots: int = 10_000_000
    status: DeviceStatus = DeviceStatus.ONLINE
    queue_depth: int = 0
    estimated_wait_sec: float = 0.0
    properties: Mapping[str, Json] = field(default_factory=dict[str, Any])

    @property
    def speed(self) -> float:
        """How many times as fast its host is as the machine that predictions were fitted on; 1 unless measured."""
        value = self.properties.get("speed")
        return float(value) if isinstance(value, int | float) and 0.0 < value <= FASTEST else 1.0

    @property
    def digest(self) -> str:
        """sha256 of what lowering depends on (not of load or host), to pin lowered circuits to a snapshot."""
        from hashlib import sha256

        from eigen._core import canonical_json

        value = {
            "id": self.id,
            "num_qubits": self.num_qubits,
            "gates": list(self.gates),
            "coupling": [list(pair) for pair in self.coupling],
            "features": sorted(self.features),
            "properties": {name: value for name, value in self.properties.items() if name not in HOST_PROPERTIES},
        }
        return sha256(canonical_json(value)).hexdigest()


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a device charges: for each task (a circuit handed over once), each shot of it and each second it ran.

    `sheet` names the price sheet that says so, `as_of` its date; both are empty when the driver says it itself.
    """

    per_task: float = 0.0
    per_shot: float = 0.0
    per_second: float = 0.0
    currency: str = ""
    sheet: str = ""
    as_of: str = ""

    @staticmethod
    def of(device: Device) -> Tariff | None:
        """The tariff among the properties of a device; None when no price is known."""
        known = device.properties
        if not any(name in known for name in ("price_per_task", "price_per_shot", "price_per_second")):
            return None
        return Tariff(
            _price(known.get("price_per_task", 0.0)),
            _price(known.get("price_per_shot", 0.0)),
            _price(known.get("price_per_second", 0.0)),
            str(known.get("price_currency", "")),
            str(known.get("price_sheet", "")),
            str(known.get("price_as_of", "")),
        )

    def to_properties(self) -> dict[str, Json]:
        """As properties of a device."""
        names = {"per_task": self.per_task, "per_shot": self.per_shot, "per_second": self.per_second}
        texts = {"currency": self.currency, "sheet": self.sheet, "as_of": self.as_of}
        return {f"price_{name}": value for name, value in (names | texts).items()}

    def cost(self, *, tasks: float, shots: float, seconds: float = 0.0) -> float:
        """What so much work costs."""
        return self.per_task * tasks + self.per_shot * shots + self.per_second * seconds

    def in_words(self, amount: float) -> str:
        """An amount in the currency, for people."""
        return f"{amount:.6g} {self.currency}".rstrip()


def _price(value: Json) -> float:
    """A price as a driver says it; 0 for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= DEAREST:
        return 0.0
    return float(value)


@dataclass(frozen=True, slots=True)
class SampleWork:
    """Run a circuit `shots` times with its parameters bound to `values` (in order of `circuit.parameters`)."""

    circuit: Circuit
    values: tuple[float, ...]
    shots: int
    seed: int
    options: Mapping[str, Json] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class ExpectationWork:
    """Expectation value of an observable after a circuit; `shots=None` asks for the exact value."""

    circuit: Circuit
    values: tuple[float, ...]
    observable: Observable
    shots: int | None
    seed: int
    options: Mapping[str, Json] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class GradientWork:
    """Exact value and gradient of an expectation with respect to every circuit parameter."""

    circuit: Circuit
    values: tuple[float, ...]
    observable: Observable
    options: Mapping[str, Json] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class ProbabilityWork:
    """Exact probability of one outcome `bits` (`q[n-1] … q[0]`, all qubits) after a circuit without measurements."""

    circuit: Circuit
    values: tuple[float, ...]
    bits: str
    shots: int | None
    seed: int
    options: Mapping[str, Json] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class EvolutionWork:
    """Values of an evolution's observables at its times, and `shots` counts of its final state (None: no counts).

    `settings` say how: `method`, `tolerance`, `order`, `steps`, `trajectories`; what is missing is the device's choice.
    """

    evolution: Evolution
    values: tuple[float, ...]
    shots: int | None
    seed: int
    settings: Mapping[str, Json] = field(default_factory=dict[str, Any])
    options: Mapping[str, Json] = field(default_factory=dict[str, Any])


CircuitWork = SampleWork | ExpectationWork | GradientWork | ProbabilityWork
Work = CircuitWork | EvolutionWork


@dataclass(frozen=True, slots=True)
class WorkResult:
    """What a device gives back: exactly one of `counts`, `value` (with `gradient` when asked) and, for an evolution,
    `series` (times first, observables second; `counts` beside it when shots were asked for).

    `standard_error` is there when the value was estimated from shots. `metadata` records the engine, its
    version, precision, seed and everything approximate.
    """

    counts: Counts | None = None
    value: float | None = None
    standard_error: float | None = None
    gradient: tuple[float, ...] | None = None
    execution_time_sec: float = 0.0
    metadata: Mapping[str, Json] = field(default_factory=dict[str, Any])
    series: tuple[float, ...] | None = None
    series_errors: tuple[float, ...] | None = None

    def to_json(self) -> dict[str, Json]:
        """All but how long it took, as JSON values: of work that is done twice they are the same."""
        counts, gradient, series, errors = self.counts, self.gradient, self.series, self.series_errors
        return {
            "counts": None if counts is None else {"bits": counts.num_clbits, "found": counts.to_dict()},
            "value": self.value,
            "standard_error": self.standard_error,
            "gradient": None if gradient is None else list(gradient),
            "series": None if series is None else list(series),
            "series_errors": None if errors is None else list(errors),
            "metadata": dict(self.metadata),
        }

    @staticmethod
    def from_json(value: Mapping[str, Any], seconds: float) -> WorkResult:
        """The result that `to_json` wrote, which took so many seconds; KeyError, TypeError and ValueError for anything
        else."""
        from eigen._core import Counts

        def numbers(name: str) -> tuple[float, ...] | None:
            return None if value[name] is None else tuple(value[name])

        counts = value["counts"]
        return WorkResult(
            counts=None if counts is None else Counts.from_dict(counts["found"], counts["bits"]),
            value=value["value"],
            standard_error=value["standard_error"],
            gradient=numbers("gradient"),
            execution_time_sec=seconds,
            metadata=value["metadata"],
            series=numbers("series"),
            series_errors=numbers("series_errors"),
        )


@dataclass(frozen=True, slots=True)
class LoopWork:
    """A piece of a minimisation of `scale <observable> + offset` over the circuit's parameters, exactly.

    `search` is the checkpoint of an `eigen._core.Search` without its history; `seconds` is about how long it takes.
    """

    circuit: Circuit
    observable: Observable
    search: str
    seconds: float
    scale: float = 1.0
    offset: float = 0.0
    options: Mapping[str, Json] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class LoopResult:
    """The search as the piece left it, its checkpoint with the values of its new iterations; `metadata` as in
    `WorkResult`."""

    search: str
    evaluations: int
    execution_time_sec: float = 0.0
    metadata: Mapping[str, Json] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Placement:
    """Which device runs a program, why, and which rivals were refused or outscored.

    `codes` say the reasons to machines; `policy_version` names the rules they come from.
    """

    device_id: str
    device_digest: str
    policy: str
    reasons: tuple[str, ...]
    rivals: tuple[tuple[str, str], ...] = ()  # (device id, why not)
    codes: tuple[str, ...] = ()
    policy_version: str = ""

    def to_json(self) -> dict[str, Json]:
        """The placement as JSON, as `eigen explain` prints it."""
        return {
            "device_id": self.device_id,
            "device_digest": self.device_digest,
            "policy": self.policy,
            "policy_version": self.policy_version,
            "reasons": list(self.reasons),
            "codes": list(self.codes),
            "rivals": [{"device_id": device, "reason": reason} for device, reason in self.rivals],
        }


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows of features with one label each; identified by the sha256 of its canonical bytes."""

    name: str
    features: tuple[tuple[float, ...], ...]
    labels: tuple[float, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class ArtifactInfo:
    """One stored file of a job; `ref` is `qfs://jobs/<id>/<path>`."""

    path: str
    ref: str
    sha256: str
    size_bytes: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Signature:
    """An Ed25519 signature (RFC 8032) and the public key it was made with, both in base64."""

    key_id: str
    public_key: str
    value: str


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One row of a job's event log; `seq` starts at 1 and has no gaps."""

    job_id: str
    seq: int
    state: JobState
    stage: str
    progress: float
    message: str
    timestamp: str  # RFC 3339, UTC
    data: Mapping[str, Json] = field(default_factory=dict[str, Any])

    def to_json(self) -> dict[str, Json]:
        """As a JSON object, by the names of the fields."""
        return {
            "job_id": self.job_id,
            "seq": self.seq,
            "state": self.state.value,
            "stage": self.stage,
            "progress": self.progress,
            "message": self.message,
            "timestamp": self.timestamp,
            "data": dict(self.data),
        }


@dataclass(frozen=True, slots=True)
class JobView:
    """What anyone may see of a job at one moment. A workflow has `steps`; a job of one names its `workflow`, the `step`
    and, where the step has items, the `item` from 0 on."""

    job_id: str
    name: str
    state: JobState
    stage: str
    progress: float
    message: str
    created_at: str
    updated_at: str
    target: str
    priority: int
    device_id: str = ""
    error: Mapping[str, Json] | None = None
    event_seq: int = 0
    attempts: int = 0
    resumed_from: str = ""
    tenant: str = "default"
    project: str = "default"
    reservation_id: str = ""
    replay_of: str = ""
    steps: int = 0
    workflow: str = ""
    step: str = ""
    item: int = -1


@dataclass(frozen=True, slots=True)
class ResumeLimits:
    """The limits of a job that goes on: None keeps the old one, 0 lifts it. `max_shots` and `max_cost` count what was
    spent before too."""

    max_shots: int | None = None
    max_seconds: float | None = None
    queue_seconds: float | None = None
    execution_seconds: float | None = None
    max_cost: float | None = None

    def to_json(self) -> dict[str, Json]:
        """The limits that are given, as JSON."""
        given = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class JobResults:
    """The results of a finished job, as kept in results.json.

    `outputs` is the program's return value as JSON; `counts` those of its last sampled circuit.
    """

    job_id: str
    state: JobState
    outputs: Json = None
    counts: Mapping[str, int] | None = None
    circuits: tuple[Mapping[str, Json], ...] = ()
    metadata: Mapping[str, Json] = field(default_factory=dict[str, Any])
    error: Mapping[str, Json] | None = None
    completed_at: str = ""

    def to_json(self) -> dict[str, Json]:
        """The results as JSON, the form of results.json."""
        return {
            "job_id": self.job_id,
            "state": self.state.value,
            "outputs": self.outputs,
            "counts": None if self.counts is None else dict(self.counts),
            "circuits": [dict(circuit) for circuit in self.circuits],
            "metadata": dict(self.metadata),
            "error": None if self.error is None else dict(self.error),
            "completed_at": self.completed_at,
        }

    @staticmethod
    def from_json(value: Mapping[str, Json]) -> JobResults:
        """The results that `to_json` wrote; KeyError, TypeError or ValueError for something else."""
        return JobResults(
            job_id=value["job_id"],
            state=JobState(value["state"]),
            outputs=value["outputs"],
            counts=value["counts"],
            circuits=tuple(value["circuits"]),
            metadata=value["metadata"],
            error=value["error"],
            completed_at=value["completed_at"],
        )


class Verdict(StrEnum):
    """What a check found: it holds, it does not, or it could not be made."""

    PASS = "pass"
    FAIL = "fail"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked of a finished job: what was found, and how or why not."""

    name: str
    verdict: Verdict
    detail: str

    @staticmethod
    def of(name: str, faults: Sequence[str], detail: str) -> Check:
        """A check that fails with its first faults, and passes without any."""
        if not faults:
            return Check(name, Verdict.PASS, detail)
        more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
        return Check(name, Verdict.FAIL, "; ".join(faults[:5]) + more)


@dataclass(frozen=True, slots=True)
class Verification:
    """What `eigen verify` found of a finished job; it holds when no check failed."""

    job_id: str
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether no check failed."""
        return not self.failures

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.verdict is Verdict.FAIL)

    def to_json(self) -> dict[str, Json]:
        """The verification as JSON, as every surface gives it."""
        checks = [{"name": each.name, "verdict": each.verdict.value, "detail": each.detail} for each in self.checks]
        return {"job_id": self.job_id, "verified": self.holds, "checks": checks}

    @staticmethod
    def from_json(value: Mapping[str, Json]) -> Verification:
        """The verification that `to_json` wrote."""
        checks = (Check(each["name"], Verdict(each["verdict"]), each["detail"]) for each in value["checks"])
        return Verification(value["job_id"], tuple(checks))


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. An empty `tenant` is the operator of this machine, who sees every tenant's jobs; an empty `project`
    sees every project of the tenant."""

    subject: str = "local"
    roles: tuple[str, ...] = ("admin",)
    tenant: str = ""
    project: str = ""


OPERATOR = Caller()
"""Whoever runs the kernel in a process of their own, or a server that asks for no token."""


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Which jobs to list, newest first; `before` is the last job id of the page before. The jobs of a workflow's steps
    are listed only where `workflow` names it."""

    states: tuple[JobState, ...] = ()
    name: str | None = None
    limit: int = 50
    before: str | None = None
    workflow: str | None = None

    def to_arguments(self) -> dict[str, Any]:
        """The fields by their names, for who takes them as arguments."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Reservation:
    """A device held for one tenant: until `expires_at` (RFC 3339, UTC) it takes no other tenant's work."""

    reservation_id: str
    device_id: str
    tenant: str
    project: str
    subject: str
    purpose: str
    created_at: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class CompiledDocument:
    """What compiling gives, as documents: program.json, the main circuit in AQO (None without one), the report."""

    program: bytes
    circuit: bytes | None
    report: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Session:
    """A program compiled, placed and lowered once, held open for evaluations at other parameter values.

    `parameters` are (name, length): length 0 is a number, else an array of that length. All seeds of its evaluations
    follow from `seed`: a session of the same job with this seed gives the same answers.
    """

    session_id: str
    device_id: str
    parameters: tuple[tuple[str, int], ...]
    program_sha256: str
    has_gradient: bool
    expires_at: str
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation of a session: `index` counts from 0; `outputs` is the program's return value as JSON;
    `gradient` maps parameter names to the derivative of a single number returned, when it was asked for."""

    session_id: str
    index: int
    outputs: Json
    gradient: Mapping[str, Json] | None = None
    counts: Mapping[str, int] | None = None
    seed: int = 0
    metadata: Mapping[str, Json] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key as it is kept: never the secret, only its sha256. Times are RFC 3339, UTC; empty: never."""

    key_id: str
    secret_sha256: str
    name: str
    tenant: str
    project: str
    roles: tuple[str, ...]
    created_at: str
    expires_at: str = ""
    revoked_at: str = ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit log: who did what to what, and how it ended (`ok` or an error code)."""

    at: str
    subject: str
    tenant: str
    action: str
    target: str
    outcome: str
    surface: str = ""
    trace_id: str = ""
