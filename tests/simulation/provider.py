"""`Provider`: the devices, and what was asked of them. It outlives every process.

One device repeats itself and is free; two are paid by the shot, of which one knows work by its key and the other takes
whatever it is sent. What may never be asked of it is kept in `broken`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from eigen import _core
from eigen.drivers.driver import WorkState
from eigen.errors import EigenError
from eigen.types import Device, DeviceStatus, SampleWork, WorkResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eigen.types import Json, Work
    from simulation.world import World

FREE, PAID, FORGETFUL = "sim:free", "sim:paid", "sim:forgetful"
PRICE = 0.5
FEATURES = frozenset({"dynamic", "expectation", "seed"})
DEVICES = (
    Device(FREE, "Repeats itself", "simulator", 8, features=FEATURES),
    Device(
        PAID,
        "Is paid by the shot",
        "hardware",
        8,
        features=FEATURES | {"metered", "deduplicates"},
        properties={"price_per_shot": PRICE},
    ),
    Device(
        FORGETFUL,
        "Is paid by the shot, and knows no keys",
        "hardware",
        8,
        features=FEATURES | {"metered"},
        properties={"price_per_shot": PRICE},
    ),
)


@dataclass
class Piece:
    """A piece of work at the provider."""

    key: str
    device_id: str
    handle: str
    shots: int
    result: WorkResult
    ready_at: float
    fails: bool
    state: WorkState = WorkState.RUNNING
    was_told: bool = False


@dataclass
class Provider:
    """See the module. `begins` hears of each evaluation before it is made."""

    world: World
    begins: Callable[[str], object] = lambda _: None
    pieces: dict[str, Piece] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)
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
        self.begins(key)
        if device_id == FORGETFUL:
            if key in self.sent:
                self.broken.append(f"`{key}` was sent twice to a device that knows no keys")
            self.sent.add(key)
        self._step("submit", key)
        handle = self.known.get(key)
        if handle is None:
            handle = f"piece-{len(self.pieces) + 1}"
            draw, weather = self.world.draw, self.world.weather
            late = draw.choice((0.0, 0.01, 0.2, 1.0, 6.0)) if weather.provider else 0.0
            fails = self.world.fails("provider")
            piece = Piece(key, device_id, handle, work.shots or 0, answer(work), self.world.time + late, fails)
            self.pieces[handle] = piece
            if device_id != FORGETFUL:
                self.known[key] = handle
            self.world.tell(f"the provider takes {key}, ready at {piece.ready_at:.3f}{', to fail' if fails else ''}")
        self._lose("the answer to a submission", key)
        self.world.step("provider.submit is done")
        return handle

    def poll(self, handle: str) -> WorkState:
        piece = self.pieces[handle]
        self._step("poll", piece.key)
        return self._state(piece)

    def result(self, handle: str, timeout_sec: float | None = None) -> WorkResult:
        piece = self.pieces[handle]
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
        return self.known.get(key)

    def cancel(self, handle: str) -> bool:
        piece = self.pieces[handle]
        self._step("cancel", piece.key)
        if self._state(piece) is not WorkState.RUNNING or self.world.draw.random() < 0.5:
            return False
        piece.state = WorkState.CANCELLED
        return True

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        actor = self.world.actor
        key = ("?" if actor is None else actor.job_id) + ":"
        self.begins(key)
        self.world.step("provider.execute_circuit")
        if self.world.fails("provider"):
            self._count(key)
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
