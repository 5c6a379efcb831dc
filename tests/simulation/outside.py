"""What the kernel of a simulation calls: stores that fail, devices, a compiler that knows a few programs.

Each call is a step of the world. A store may fail before the call or after it: then what was written is there, and the
caller does not know.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from doubles import house
from doubles.memory_artifacts import MemoryArtifacts
from doubles.memory_cache import MemoryResultCache
from doubles.memory_stores import Memory, MemoryJobStore, MemoryLedger, MemoryReservations
from eigen.compiler.compile import Compiled
from eigen.errors import EigenError
from eigen.ir.program import ProgramOptions
from eigen.kernel.ports import Ports
from eigen.types import Device, Placement
from simulation.provider import DEVICES, Provider
from simulation.watch import Watch
from simulation.world import World, unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen.ir import Circuit, Observable
    from eigen.ir.program import Program
    from eigen.jobspec import JobSpec
    from eigen.qfs.quotas import Quotas
    from eigen.qfs.store import CachedResult
    from eigen.types import Json, Signature

READS = frozenset(
    {
        *("get", "events", "changes", "last_change", "ahead", "waiting", "ran", "journal", "journal_length", "outcome"),
        *("intents", "requested", "all_requested", "list", "info", "faults", "read_log", "entries", "active"),
        *("device_of", "step_jobs", "jobs_of", "to_preempt"),
    }
)
DAMAGE = 0.03
"""How often what is kept in the cache is found changed."""
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
    """A Bell pair, a short loop whose every value comes from shots, a circuit to be swept, or a division by zero."""
    if name == "loop":
        made = house.vqe(shots=10, max_iter=1, method="spsa")
    else:
        made = {"bell": house.bell, "turned": house.turned, "division": house.division}[name]()
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


class Shelves(MemoryResultCache):
    """A cache in which, when the weather is bad, an entry turns into another one that can be read as well."""

    def __init__(self, world: World) -> None:
        super().__init__(1 << 20)
        self._world = world

    def get(self, tenant: str, key: str) -> CachedResult | None:
        entry, world = super().get(tenant, key), self._world
        if entry is not None and world.weather.store and world.draw.random() < DAMAGE:
            others = [each.data for each in self.shelves[tenant].entries.values()]
            entry = self.shelves[tenant].entries[key] = replace(entry, data=world.draw.choice(others))
            world.tell(f"what is kept for {entry.job_id} is changed")
        return entry


class Outside:
    """Everything outside of the kernel, for one history. `memory` is what the stores hold."""

    def __init__(self, world: World, *, quotas: Quotas | None = None, caches: bool = False) -> None:
        self.world = world
        self.memory = Memory(world.monotonic)
        self.artifacts = MemoryArtifacts()
        self.store = MemoryJobStore(self.memory, quotas=quotas)
        self.watch = Watch(world, self.memory)
        self.provider = Provider(world, self.watch.begins)
        self.ports = Ports(
            jobs=Treacherous(world, "jobs", self.store, watch=self.watch.done),  # type: ignore[arg-type]
            reservations=Treacherous(world, "reservations", MemoryReservations(self.memory)),  # type: ignore[arg-type]
            artifacts=Treacherous(world, "artifacts", self.artifacts),  # type: ignore[arg-type]
            ledger=Treacherous(world, "ledger", MemoryLedger(self.memory)),  # type: ignore[arg-type]
            cache=Treacherous(world, "cache", Shelves(world)) if caches else None,  # type: ignore[arg-type]
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
        circuit = made.circuits[0] if made.circuits else None
        return Compiled(made, (), {"options": dict(options), "diagnostics": []}, circuit)
