"""What the kernel is handed: storage, the compiler's and router's functions, devices, clock. Only shapes, no code."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from eigen.kernel.clock import SystemClock, SystemEntropy
from eigen.kernel.heart import ThreadHeart
from eigen.kernel.snapshot_policy import SnapshotPolicy
from eigen.kernel.storing import in_thread
from eigen.kernel.used import UsedByJobs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen.drivers.driver import QDriver
    from eigen.ir import Circuit, Observable
    from eigen.ir.program import Program
    from eigen.ir.targets.calibration import Calibration
    from eigen.jobspec import JobSpec
    from eigen.jobspec.spec import CompilerOptions
    from eigen.kernel.clock import Clock, Entropy
    from eigen.kernel.heart import Heart
    from eigen.qfs.store import (
        ArtifactStore,
        JobStore,
        Ledger,
        RegionStore,
        ReservationStore,
        ResultCache,
        SnapshotStore,
    )
    from eigen.types import CompiledDocument, Dataset, Device, Json, Placement, Signature, Work, WorkResult

FUEL = 1_000_000_000
"""Classical steps of one run."""


class CompiledProgram(Protocol):
    """What compiling gives: the program, its main circuit, and the report as JSON (warnings included)."""

    @property
    def program(self) -> Program:
        """The program."""
        ...

    @property
    def circuit(self) -> Circuit | None:
        """The main circuit, for `compiled/circuit.aqo.json`."""
        ...

    @property
    def report(self) -> Mapping[str, Json]:
        """What the compiler did."""
        ...

    def to_document(self) -> CompiledDocument:
        """All three as documents."""
        ...


class Compile(Protocol):
    """Source text to program; raises EIGEN_LANG_REJECTED with its diagnostics."""

    def __call__(
        self,
        source: str,
        *,
        filename: str,
        format: str,
        entrypoint: str | None,
        inputs: Mapping[str, Json],
        datasets: Mapping[str, Dataset],
        options: Mapping[str, Json],
        parameters: Mapping[str, int] | None = None,
        check: Callable[[], object] | None = None,
    ) -> CompiledProgram:
        """Compile. `parameters` stay open until the program runs, name to length; 0 is a number. `check` is called
        at least once; where the compilation can be ended, now and then: what it raises ends it."""
        ...


class LoweredCircuit(Protocol):
    """A circuit in a device's terms: logical qubit k ends as physical qubit `qubit_map[k]`."""

    @property
    def circuit(self) -> Circuit:
        """The circuit to run."""
        ...

    @property
    def qubit_map(self) -> Sequence[int]:
        """Where each logical qubit is at the end of the circuit."""
        ...

    @property
    def report(self) -> Mapping[str, Json]:
        """What was done to the circuit."""
        ...

    def observable(self, observable: Observable) -> Observable:
        """An observable of the logical qubits, on the physical ones where they end."""
        ...


class Lower(Protocol):
    """Circuit to the device's gates and couplings; parameters keep their names and order."""

    def __call__(
        self, circuit: Circuit, device: Device, *, level: int, options: CompilerOptions | None = None
    ) -> LoweredCircuit:
        """Lower; of the job's options those that concern the device's terms."""
        ...


class Route(Protocol):
    """Choose a device for a program. `spec` is the job's; `target` what it resolves to with the program's own."""

    def __call__(
        self, program: Program, spec: JobSpec, devices: Sequence[Device], *, target: str, withheld: Mapping[str, str]
    ) -> Placement:
        """Choose; raises EIGEN_ROUTER_NO_DEVICE. `withheld` devices may not be chosen, each for the reason given."""
        ...


class EstimateJob(Protocol):
    """What a compiled job would take on devices; its circuits are compiled for them."""

    def __call__(
        self,
        compiled: CompiledDocument,
        spec: JobSpec,
        devices: Sequence[Device],
        targets: Sequence[str],
        *,
        check: Callable[[], object] | None = None,
    ) -> Mapping[str, Json]:
        """The estimate as JSON; `targets` are names of devices, or shapes; without them all devices are asked about.
        `check` is called now and then; what it raises ends the estimate."""
        ...


class DeviceHouse(Protocol):
    """The loaded drivers and their devices."""

    def devices(self, target: str = "auto") -> tuple[Device, ...]:
        """Snapshots of the devices that a target can mean; what it cannot mean need not be loaded."""
        ...

    def driver_for(self, device_id: str) -> QDriver:
        """The driver of a device; EIGEN_DEVICE_UNKNOWN."""
        ...


class Errand(Protocol):
    """Work that is under way elsewhere."""

    def result(self, seconds: float, here: Callable[[Work], WorkResult]) -> WorkResult:
        """Wait for the result; what cannot be done elsewhere is done by `here`.

        Raises EIGEN_RUN_TIMEOUT after so many seconds, EIGEN_SERVER_UNREACHABLE, and what the work raises.
        """
        ...


class Elsewhere(Protocol):
    """Other processes or machines that do work of simulators: the same work with the same result. Safe for threads."""

    @property
    def name(self) -> str:
        """Which executor it is, for the record."""
        ...

    @property
    def ahead(self) -> int:
        """How many pieces of one job may be under way at a time."""
        ...

    @property
    def batch_shots(self) -> int:
        """Of how many shots the parts are in which work is done that is run shot by shot; 0: as it is."""
        ...

    def takes(self, device: Device, work: Work, *, alone: bool) -> bool:
        """Whether it is worth the way; `alone`: nothing of the job can run beside it."""
        ...

    def begin(self, job: str, device: Device, work: Work) -> Errand:
        """Have it done, once for the same work of the same job. Raises EIGEN_SERVER_UNREACHABLE,
        EIGEN_EXECUTOR_RESOURCES."""
        ...

    def observe(self, device: Device, work: Work, seconds: float) -> None:
        """Hear how long work took here."""
        ...

    def release(self, job: str) -> None:
        """A job needs nothing any more: what is still under way for it is stopped."""
        ...

    def close(self) -> None:
        """Let go of the executor."""
        ...


class Success(Protocol):
    """How likely the shots of a circuit are what they would be without errors."""

    def __call__(self, circuit: Circuit, calibration: Calibration) -> float | None:
        """Of a circuit in the device's terms, from 0 to 1; None where something was not measured."""
        ...


@dataclass(frozen=True, slots=True)
class Sharing:
    """How circuits of several jobs share one device, where it has regions.

    `tenants` says whose jobs may be neighbours: `off` nobody's, `tenant` those of one tenant, `all` everybody's.
    `max_loss` is the part of its predicted success that a job may lose, unless it says so itself.
    """

    regions: RegionStore
    success: Success
    tenants: str = "tenant"
    max_loss: float = 0.05


class Keys(Protocol):
    """The key that signs receipts, and the public keys of before."""

    def sign(self, data: bytes) -> Signature | None:
        """The signature of some bytes, the same for the same key; None without a key."""
        ...

    def verify(self, signature: Signature, data: bytes) -> bool:
        """Whether the signature is that of these bytes by the key that it carries."""
        ...

    def known(self) -> Mapping[str, str]:
        """The public keys of this installation, of now and before, by id."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside the kernel, in one value.

    `default_target`, `default_shots` and `default_delivery` hold where neither job nor program says; `fuel` bounds the
    classical steps of one run; `versions` of what computes go on the record; `used` remembers
    what jobs of workflows took; without `elsewhere` all work is done here, without `cache` all of it each time, and
    without `sharing` no device has regions. Without `snapshots` all work begins at its beginning.
    Where `compile` and `lower` may answer with what they made before, `compile_anew` and `lower_anew` do not.
    """

    jobs: JobStore
    reservations: ReservationStore
    artifacts: ArtifactStore
    ledger: Ledger
    keys: Keys
    compile: Compile
    lower: Lower
    route: Route
    devices: DeviceHouse
    elsewhere: Elsewhere | None = None
    cache: ResultCache | None = None
    sharing: Sharing | None = None
    snapshots: SnapshotStore | None = None
    snapshot_policy: SnapshotPolicy = field(default_factory=SnapshotPolicy)
    clock: Clock = field(default_factory=SystemClock)
    entropy: Entropy = field(default_factory=SystemEntropy)
    heart: Heart = field(default_factory=ThreadHeart)
    beside: Callable[[str, Callable[[], object]], Callable[[], object]] = in_thread
    default_target: str = "sim:auto"
    default_shots: int = 1024
    default_delivery: str = "at_most_once"
    fuel: int = FUEL
    estimate: EstimateJob | None = None
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    used: UsedByJobs = field(default_factory=UsedByJobs)
    compile_anew: Compile | None = None
    lower_anew: Lower | None = None

    def anew(self) -> Ports:
        """The same without compilations of before."""
        compile, lower = self.compile_anew or self.compile, self.lower_anew or self.lower
        return replace(self, compile=compile, lower=lower, compile_anew=None, lower_anew=None)
