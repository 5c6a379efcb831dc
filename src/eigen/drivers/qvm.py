"""Virtual devices: `qvm:NAME` runs circuits as a device that a file describes, with the noise of its calibration.

It keeps the device's rules: its gates, its couplings, counts and nothing else. What it gives is a simulation.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from contextlib import nullcontext
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.drivers.engines import STATEVECTOR
from eigen.drivers.in_process import InProcessDriver, check_shots
from eigen.drivers.native import NativeDriver
from eigen.drivers.options import refuse_unknown
from eigen.errors import EigenError
from eigen.ir.rewriting import copy_operation, empty_like, open_block
from eigen.ir.targets.calibration import FRAMES, Calibration
from eigen.ir.targets.schedule import scheduled
from eigen.ir.targets.snapshot import device_of
from eigen.types import SampleWork, WorkResult

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eigen.ir import Circuit
    from eigen.types import Device, Json, Work

PREFIX = "qvm:"
FEATURES = frozenset({"dynamic", "regions"})
"""What a description may ask for; every virtual device repeats a seed."""

MAX_FILE_BYTES = 16 << 20
MAX_DEVICES = 256
CIRCUITS_KEPT = 256
NO_ERROR = frozenset({"MEASURE", "RESET", "BARRIER", "DELAY", "GPHASE"})
"""Operations whose noise, if any, is not that of a gate."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One virtual device: its calibration as a document and read, and what its noise is known by."""

    device: Device
    document: Mapping[str, Json]
    calibration: Calibration
    digest: str
    busy: Lock


@dataclass(frozen=True, slots=True)
class Prepared:
    """A circuit on the qubits that it uses alone, their noise, and the seconds of a shot where they are known."""

    circuit: Circuit
    noise: str
    shot_seconds: float | None


class QvmDriver(InProcessDriver):
    """The QDriver of the devices that are described in a folder.

    Configuration: `folder`, the path of the folder of `*.json` descriptions (what `eigen compile --device` takes, with
    a `calibration`); `threads` and `isa` as of the native engines, which simulate. A device whose description says
    `real_time` takes as long as the described one would. A description that is none is no device, and the others are:
    `rejected_devices` says why.
    """

    name = "qvm"
    version = _core.__version__

    def __init__(self) -> None:
        super().__init__()
        self._engine = NativeDriver()
        self.rejected_devices: dict[str, EigenError] = {}
        self._machines: dict[str, Machine] = {}
        self._prepared: OrderedDict[tuple[str, str], Prepared] = OrderedDict()
        self._guard = Lock()

    def initialize(self, config: Mapping[str, Json]) -> None:
        """Read the descriptions. EIGEN_DRIVER_REJECTED for more of them than there may be."""
        refuse_unknown(config, {"folder", "threads", "isa"}, where=self.name)
        found = _descriptions(config.get("folder"))
        if found:
            self._engine.initialize({name: config[name] for name in ("threads", "isa") if name in config})
        for path in found:
            try:
                machine = _machine(path)
                if machine.device.id in self._machines:
                    raise _rejected(path, f"another file describes `{machine.device.id}` too")
            except EigenError as error:
                self.rejected_devices[f"{PREFIX}{path.stem}"] = error
            else:
                self._machines[machine.device.id] = machine
        self.devices = tuple(machine.device for machine in self._machines.values())

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        """Run the work here and now."""
        device = self.known(device_id)
        machine = self._machines[device_id]
        refuse_unknown(work.options, (), where=device_id)
        if not isinstance(work, SampleWork):
            raise EigenError("EIGEN_SIM_UNSUPPORTED", f"`{device_id}` gives counts of circuits, and nothing else")
        check_shots(device, work.shots)
        # A chip without regions runs one circuit at a time; one with them as many as there are regions for.
        alone = machine.busy if device.properties["real_time"] and "regions" not in device.features else nullcontext()
        with alone:
            started = monotonic()
            prepared = self._prepare(machine, work.circuit)
            options = {"noise_model": prepared.noise}
            found = self._engine.execute_circuit(
                STATEVECTOR, SampleWork(prepared.circuit, work.values, work.shots, work.seed, options)
            )
            seconds = _seconds(device, prepared, work.shots)
            if seconds is not None and device.properties["real_time"]:
                sleep(max(0.0, seconds - (monotonic() - started)))
            taken = monotonic() - started
        metadata = {name: value for name, value in found.metadata.items() if name != "noise_model"}
        metadata |= {"engine": "qvm", "noise_model_sha256": machine.digest}
        return WorkResult(counts=found.counts, execution_time_sec=taken, metadata=metadata)

    def _prepare(self, machine: Machine, circuit: Circuit) -> Prepared:
        key = (machine.device.id, circuit.digest)
        with self._guard:
            known = self._prepared.get(key)
        if known is None:
            known = _prepared(machine, circuit)
        with self._guard:
            self._prepared[key] = known
            self._prepared.move_to_end(key)
            while len(self._prepared) > CIRCUITS_KEPT:
                self._prepared.popitem(last=False)
        return known


def _descriptions(folder: Json) -> list[Path]:
    """The files of the folder, by name; none without a folder."""
    if not isinstance(folder, str) or not Path(folder).is_dir():
        return []
    found = sorted(Path(folder).glob("*.json"))
    if len(found) > MAX_DEVICES:
        raise _rejected(Path(folder), f"there are {len(found)} descriptions of devices, more than {MAX_DEVICES}")
    return found


def _machine(path: Path) -> Machine:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise _rejected(path, f"it is larger than {MAX_FILE_BYTES:,} bytes")
        described = device_of(data, path.stem)
    except OSError as error:
        raise _rejected(path, error.strerror or str(error)) from error
    except EigenError as error:
        raise error if error.code == "EIGEN_DRIVER_REJECTED" else _rejected(path, error.message) from error
    document: Any = described.properties.get("calibration")
    if document is None:
        raise _rejected(path, "a virtual device needs a `calibration`: its noise is nothing without")
    beyond = sorted(described.features - FEATURES - {"seed", "deduplicates"})
    if beyond:
        raise _rejected(path, f"a virtual device has no feature `{beyond[0]}`")
    if "regions" in described.features and not described.coupling:
        raise _rejected(path, "a device with `regions` names its coupled pairs")
    device = replace(
        described,
        id=f"{PREFIX}{described.id}",
        backend_type="virtual",
        features=described.features | {"seed", "deduplicates"},
        properties={
            "real_time": False,
            **described.properties,
            "engine": "qvm",
            "version": _core.__version__,
            "options": [],
            "on_request": True,
        },
    )
    text = json.dumps(document, sort_keys=True)
    return Machine(device, document, Calibration.from_json(document), sha256(text.encode()).hexdigest(), Lock())


def _prepared(machine: Machine, circuit: Circuit) -> Prepared:
    """The circuit on its own qubits; raises EIGEN_COMPILER_UNSUPPORTED for what the device does not have."""
    device = machine.device
    if circuit.num_qubits > device.num_qubits:
        message = f"`{device.id}` has {device.num_qubits} qubits, the circuit needs `{circuit.num_qubits}`"
        raise EigenError("EIGEN_COMPILER_UNSUPPORTED", message)
    if circuit.is_dynamic and "dynamic" not in device.features:
        raise EigenError("EIGEN_COMPILER_UNSUPPORTED", f"`{device.id}` cannot measure in mid-circuit, reset or branch")
    instructions = circuit.instructions()
    for operation in _each(instructions):
        _check(machine, operation)
    used = sorted({qubit for operation in _each(instructions) for qubit in operation.qubits})
    place = {qubit: index for index, qubit in enumerate(used)}
    builder = empty_like(circuit, max(1, len(used)))
    _copy(builder, instructions, place)
    seconds = None
    if circuit.is_flat and not circuit.is_dynamic:
        seconds = scheduled(circuit, machine.calibration.durations(), "asap").duration
    return Prepared(builder.build(), json.dumps(_restricted(machine.document, place)), seconds)


def _copy(builder: _core.CircuitBuilder, instructions: Sequence[_core.Instruction], place: Mapping[int, int]) -> None:
    for instruction in instructions:
        if not instruction.blocks:
            copy_operation(builder, instruction, [place[qubit] for qubit in instruction.qubits])
            continue
        open_block(builder, instruction)
        for position, block in enumerate(instruction.blocks):
            if position:
                builder.begin_else()
            _copy(builder, block, place)
        builder.end()


def _each(instructions: Sequence[_core.Instruction]) -> Iterator[_core.Instruction]:
    """Every operation, those of blocks too."""
    for instruction in instructions:
        if not instruction.blocks:
            yield instruction
        for block in instruction.blocks:
            yield from _each(block)


def _check(machine: Machine, operation: _core.Instruction) -> None:
    name, qubits, device = operation.name, operation.qubits, machine.device
    if name == "MEASURE" and operation.basis != "Z":
        message = f"`{device.id}` measures in the Z basis, not in `{operation.basis}`"
        raise EigenError("EIGEN_COMPILER_UNSUPPORTED", message)
    if name in NO_ERROR:
        return
    if name not in device.gates:
        raise EigenError("EIGEN_COMPILER_UNSUPPORTED", f"`{device.id}` has no gate `{name}`")
    if device.coupling and len(qubits) > 1 and (len(qubits) > 2 or tuple(qubits) not in device.coupling):
        places = " and ".join(f"`{qubit}`" for qubit in qubits)
        raise EigenError("EIGEN_COMPILER_UNSUPPORTED", f"`{device.id}` does not couple qubits {places}")
    if machine.calibration.gate(name, tuple(qubits)) is None and not (len(qubits) == 1 and name in FRAMES):
        places = ", ".join(map(str, qubits))
        message = f"the calibration of `{device.id}` has no error of `{name}` on {places}"
        raise EigenError("EIGEN_COMPILER_UNSUPPORTED", message)


def _restricted(document: Mapping[str, Json], place: Mapping[int, int]) -> dict[str, Json]:
    """The calibration of some qubits alone, under their new numbers."""
    rows: list[Json] = document.get("qubits", [])
    kept = dict(document)
    kept["qubits"] = [rows[qubit] if qubit < len(rows) else {} for qubit in place]
    kept["gates"] = [
        {**row, "qubits": [place[qubit] for qubit in row["qubits"]]}
        for row in document.get("gates", [])
        if all(qubit in place for qubit in row["qubits"])
    ]
    return kept


def _seconds(device: Device, prepared: Prepared, shots: int) -> float | None:
    """What the described device would take; None for a circuit whose length depends on outcomes."""
    if prepared.shot_seconds is None:
        return None
    known = device.properties
    each = prepared.shot_seconds + float(known.get("shot_overhead_sec", 0.0))
    return float(known.get("task_overhead_sec", 0.0)) + shots * each


def _rejected(path: Path, why: str) -> EigenError:
    message = f"`{path.name}` describes no virtual device: {why}"
    return EigenError("EIGEN_DRIVER_REJECTED", message, where=path.name)
