"""What the kernel of a simulation calls: stores that fail, a provider that is paid, a compiler that knows two programs.

Each call is a step of the world. A store may fail before the call or after it: then what was written is there, and the
caller does not know.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from doubles import house
from doubles.memory_artifacts import MemoryArtifacts
from doubles.memory_stores import Memory, MemoryJobStore, MemoryLedger, MemoryReservations
from eigen import _core
from eigen.compiler.compile import Compiled
from eigen.drivers.driver import WorkState
from eigen.errors import EigenError
from eigen.ir.program import ProgramOptions
from eigen.kernel.ports import Ports
from eigen.types import Device, DeviceStatus, Placement, SampleWork, WorkResult
from simulation.world import BrokenLawError, World, unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen.ir import Circuit, Observable
    from eigen.ir.program import Program
    from eigen.jobspec import JobSpec
    from eigen.types import Json, Signature, Work

FREE, PAID = "sim:free", "sim:paid"
FEATURES = frozenset({"dynamic", "expectation", "seed"})
DEVICES = (
    Device(FREE, "Repeats itself", "simulator", 8, features=FEATURES),
    Device(
        PAID,
        "Is paid by the shot",
        "hardware",
        8,
        features=FEATURES | {"metered", "deduplicates"},
        properties={"price_per_shot": 0.5},
    ),
)
READS = frozenset(
    {"get", "events", "changes", "last_change", "ahead", "waiting", "ran", "journal", "journal_length"}
) | {*("outcome", "intents", "requested", "list", "info", "faults", "read_log", "entries", "active", "device_of")}
SILENT = frozenset({"append_log", "owners", "next_due", "check_quota", "unfinished", "listen"})
"""What is called so often, and matters so little, that nothing happens there."""


class Treacherous:
    """A store, every call of which is a step and may fail."""

    def __init__(self, world: World, name: str, store: Any, *, watch: Callable[..., None] | None = None) -> None:
        self._world = world
        self._name = name
        self._store = store
        self._watch = watch

    def __getattr__(self, method: str) -> Any:
        real = getattr(self._store, method)
        if not callable(real):
            return real
        if method in SILENT:
            self.__dict__[method] = real
            return real
        world, label, reads, watch = self._world, f"{self._name}.{method}", method in READS, self._watch

        def call(*args: Any, **named: Any) -> Any:
            world.step(label)
            fails = world.fails("store")
            if fails and (reads or world.draw.random() < 0.5):
                world.tell(f"{label} fails")
                raise unavailable(label)
            value = real(*args, **named)
            if watch is not None:
                watch(method, args, named, value)
            if fails:
                world.tell(f"{label} is done, and nobody is told")
                raise unavailable(label)
            if not reads:
                world.step(f"{label} is done")
            return value

        self.__dict__[method] = call
        return call


@dataclass
class Piece:
    """A piece of work at the provider."""

    key: str
    handle: str
    shots: int
    result: WorkResult
    ready_at: float
    fails: bool
    state: WorkState = WorkState.RUNNING
    was_told: bool = False


@dataclass
class Provider:
    """The devices, and what was asked of them. It outlives every process."""

    world: World
    pieces: dict[str, Piece] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    name = "simulated"
    version = "1"

    def initialize(self, config: Mapping[str, Json]) -> None:
        return

    def get_devices(self) -> tuple[Device, ...]:
        return DEVICES

    def get_device_status(self, device_id: str) -> DeviceStatus:
        return DeviceStatus.ONLINE

    def calibrate_device(self, device_id: str) -> Mapping[str, Json]:
        return {}

    def submit(self, device_id: str, key: str, work: Work) -> str:
        self._step("submit", key)
        piece = self.pieces.get(key)
        if piece is None:
            draw, weather = self.world.draw, self.world.weather
            late = draw.choice((0.0, 0.01, 0.2, 1.0, 6.0)) if weather.provider else 0.0
            fails = self.world.fails("provider")
            handle = f"piece-{len(self.pieces) + 1}"
            piece = Piece(key, handle, work.shots or 0, answer(work), self.world.time + late, fails)
            self.pieces[key] = piece
            self.world.tell(f"the provider takes {key}, ready at {piece.ready_at:.3f}{', to fail' if fails else ''}")
        self._lose("the answer to a submission", key)
        self.world.step("provider.submit is done")
        return piece.handle

    def poll(self, handle: str) -> WorkState:
        piece = self._piece(handle)
        self._step("poll", piece.key)
        return self._state(piece)

    def result(self, handle: str, timeout_sec: float | None = None) -> WorkResult:
        piece = self._piece(handle)
        self._step("result", piece.key)
        rest = piece.ready_at - self.world.time
        if rest > 0.0:
            self.world.sleep(rest if timeout_sec is None else min(rest, timeout_sec))
        state = self._state(piece)
        if state is WorkState.RUNNING:
            raise EigenError("EIGEN_RUN_TIMEOUT", "the work is not ready")
        if state is not WorkState.DONE:
            if not piece.was_told:
                piece.was_told = True
                self._count(piece.key)
            raise EigenError("EIGEN_DEVICE_FAILED", f"the work is {state}")
        return piece.result

    def adopt(self, key: str) -> str | None:
        self._step("adopt", key)
        self._lose("the answer whether it knows a key", key)
        piece = self.pieces.get(key)
        return None if piece is None else piece.handle

    def cancel(self, handle: str) -> bool:
        piece = self._piece(handle)
        self._step("cancel", piece.key)
        if self._state(piece) is not WorkState.RUNNING or self.world.draw.random() < 0.5:
            return False
        piece.state = WorkState.CANCELLED
        return True

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        self.world.step("provider.execute_circuit")
        if self.world.fails("provider"):
            actor = self.world.actor
            self._count(getattr(actor, "job_id", "?") + ":")
            raise EigenError("EIGEN_DEVICE_FAILED", "the work failed")
        self.world.sleep(self.world.draw.choice((0.0, 0.01, 0.1)) if self.world.weather.provider else 0.0)
        return answer(work)

    def paid(self) -> list[Piece]:
        """What was run and charged: all but what failed or was cancelled in time."""
        return [piece for piece in self.pieces.values() if not piece.fails and piece.state is not WorkState.CANCELLED]

    def _state(self, piece: Piece) -> WorkState:
        if piece.state is WorkState.RUNNING and piece.ready_at <= self.world.time:
            piece.state = WorkState.FAILED if piece.fails else WorkState.DONE
        return piece.state

    def _piece(self, handle: str) -> Piece:
        return next(piece for piece in self.pieces.values() if piece.handle == handle)

    def _step(self, what: str, key: str) -> None:
        self.world.step(f"provider.{what} {key[:44]}")
        if what in {"submit", "poll"}:
            self._lose(f"the question `{what}`", key)

    def _lose(self, what: str, key: str) -> None:
        if self.world.fails("provider"):
            self.world.tell(f"{what} is lost")
            self._count(key)
            raise ConnectionError(f"{what} is lost")

    def _count(self, key: str) -> None:
        """A failure that a job may be charged with."""
        job_id = key.partition(":")[0]
        self.failures[job_id] = self.failures.get(job_id, 0) + 1


def answer(work: Work) -> WorkResult:
    """The result of work: always the same for the same work."""
    return _answer(type(work).__name__, work.circuit.digest, work.values, work.shots or 0, work.seed, work)


def _answer(kind: str, digest: str, values: tuple[float, ...], shots: int, seed: int, work: Work) -> WorkResult:
    drawn = sha256(repr((kind, digest, values, shots, seed)).encode()).digest()
    if not isinstance(work, SampleWork):
        return WorkResult(value=drawn[0] / 128 - 1.0, standard_error=0.1, metadata={"engine": "simulated"})
    ones = shots * drawn[1] // 255
    width = work.circuit.num_clbits
    counts = {"0" * width: shots - ones, "1" * width: ones}
    found = _core.Counts.from_dict({bits: count for bits, count in counts.items() if count}, width)
    return WorkResult(counts=found, metadata={"engine": "simulated"})


@dataclass(frozen=True)
class AsItIs:
    """A circuit that needs no lowering."""

    circuit: Circuit
    report: Mapping[str, Json] = field(default_factory=dict)

    @property
    def qubit_map(self) -> Sequence[int]:
        return range(self.circuit.num_qubits)

    def observable(self, observable: Observable) -> Observable:
        return observable


@cache
def program(name: str) -> Program:
    """`bell` or a short loop whose every value comes from shots."""
    made = house.bell() if name == "bell" else house.vqe(shots=10, max_iter=1, method="spsa")
    return replace(made, options=ProgramOptions(seed=None))


class House:
    """The devices behind one face."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def devices(self, target: str = "auto") -> tuple[Device, ...]:
        return DEVICES

    def driver_for(self, device_id: str) -> Provider:
        return self._provider


class NoKeys:
    """Receipts go unsigned."""

    def sign(self, data: bytes) -> Signature | None:
        return None

    def verify(self, signature: Signature, data: bytes) -> bool:
        return False

    def known(self) -> Mapping[str, str]:
        return {}


def route(
    program: Program, spec: JobSpec, devices: Sequence[Device], *, target: str, withheld: Mapping[str, str]
) -> Placement:
    """The device that the target names, unless it is withheld."""
    if target in withheld:
        rivals = [{"device_id": target, "reason": withheld[target]}]
        raise EigenError("EIGEN_ROUTER_NO_DEVICE", "no device is free", details={"rivals": rivals})
    device = next(device for device in devices if device.id == target)
    return Placement(device.id, device.digest, "simulated", ("it was named",))


class Outside:
    """Everything outside of the kernel, for one history. `memory` is what the stores hold."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.memory = Memory(world.monotonic)
        self.provider = Provider(world)
        self.fences: dict[str, int] = {}
        self.artifacts = MemoryArtifacts()
        self.store = MemoryJobStore(self.memory)
        self.ports = Ports(
            jobs=Treacherous(world, "jobs", self.store, watch=self._watch),  # type: ignore[arg-type]
            reservations=Treacherous(world, "reservations", MemoryReservations(self.memory)),  # type: ignore[arg-type]
            artifacts=Treacherous(world, "artifacts", self.artifacts),  # type: ignore[arg-type]
            ledger=Treacherous(world, "ledger", MemoryLedger(self.memory)),  # type: ignore[arg-type]
            keys=NoKeys(),
            compile=self._compile,
            lower=lambda circuit, device, **_: AsItIs(circuit),
            route=route,
            devices=House(self.provider),
            clock=world,
            entropy=world,
            heart=world,
            beside=world.beside,
            versions={"eigen": "simulated"},
        )

    def _compile(self, source: str, *, options: Mapping[str, Json], check: Any = None, **_: object) -> Compiled:
        self.world.step("compile")
        if check is not None:
            check()
        made = program(source)
        return Compiled(made, (), {"options": dict(options), "diagnostics": []}, made.circuits[0])

    def _watch(self, method: str, args: tuple[Any, ...], named: Mapping[str, Any], value: Any) -> None:
        """The lease that a write was accepted under is the one that was given last."""
        if method == "claim" and value is not None:
            if value.fence != self.fences.get(value.job_id, 0) + 1:
                raise BrokenLawError(f"a fence of {value.job_id} was given twice")
            self.fences[value.job_id] = value.fence
            actor = self.world.actor
            if actor is not None:
                actor.job_id = value.job_id  # type: ignore[attr-defined]
        elif value is True and method in {"update", "journal_append", "seal", "heartbeat", "intend"}:
            job_id = args[0].job_id if method in {"update", "intend"} else args[0]
            fence = named["fence"] if method == "update" else args[1]
            if fence != self.fences.get(job_id):
                raise BrokenLawError(f"`{method}` of {job_id} was accepted from a lost lease")
