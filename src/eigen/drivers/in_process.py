"""`InProcessDriver`: what every driver whose engine runs in this process shares. It knows no engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.ir.modes.asked import modes_refusal
from eigen.ir.modes.modes import MAX_SAMPLED
from eigen.types import DeviceStatus, ExpectationWork, GradientWork, ProbabilityWork, SampleWork

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.drivers.driver import WorkState
    from eigen.drivers.work_table import WorkTable
    from eigen.ir import Circuit, Observable
    from eigen.types import CircuitWork, Device, Json, ModesWork, Work, WorkResult

MAX_SEED = (1 << 64) - 1
NOT_GATES = frozenset({"BARRIER", "DELAY", "MEASURE", "RESET", "IF", "ELSE", "WHILE", "FOR", "END", "GPHASE"})


class InProcessDriver:
    """A QDriver but for `initialize`, which sets `devices`, and `execute_circuit`, which runs work here and now.

    Submitted work runs in background threads; see `WorkTable`.
    """

    name = ""
    version = ""

    def __init__(self) -> None:
        self.devices: tuple[Device, ...] = ()
        self._table: WorkTable | None = None

    def initialize(self, config: Mapping[str, Json]) -> None:
        """See `QDriver.initialize`."""
        raise NotImplementedError

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        """See `QDriver.execute_circuit`."""
        raise NotImplementedError

    def get_devices(self) -> tuple[Device, ...]:
        """The devices."""
        return self.devices

    def get_device_status(self, device_id: str) -> DeviceStatus:
        """Always online."""
        self.known(device_id)
        return DeviceStatus.ONLINE

    def calibrate_device(self, device_id: str) -> Mapping[str, Json]:
        """Nothing to calibrate."""
        self.known(device_id)
        return {}

    def submit(self, device_id: str, key: str, work: Work) -> str:
        """Run the work in a background thread."""
        self.known(device_id)
        return self._works().submit(device_id, key, work)

    def poll(self, handle: str) -> WorkState:
        """Where the work stands."""
        return self._works().poll(handle)

    def result(self, handle: str, timeout_sec: float | None = None) -> WorkResult:
        """Wait for the result."""
        return self._works().result(handle, timeout_sec)

    def adopt(self, key: str) -> str | None:
        """The handle of a key submitted in this process."""
        return self._works().adopt(key)

    def cancel(self, handle: str) -> bool:
        """Cancel work that has not ended."""
        return self._works().cancel(handle)

    def known(self, device_id: str) -> Device:
        """One of the devices; EIGEN_DEVICE_UNKNOWN."""
        for device in self.devices:
            if device.id == device_id:
                return device
        raise EigenError("EIGEN_DEVICE_UNKNOWN", f"driver `{self.name}` has no device `{device_id}`")

    def _works(self) -> WorkTable:
        if self._table is None:
            from eigen.drivers.work_table import WorkTable

            self._table = WorkTable(self.name, self.execute_circuit)
        return self._table


def check_shots(device: Device, shots: int) -> None:
    """Refuse a number of shots that a device does not take; EIGEN_DEVICE_OPTION."""
    if not 1 <= shots <= device.max_shots:
        message = f"`{device.id}` takes 1 to {device.max_shots} shots, not `{shots}`"
        raise EigenError("EIGEN_DEVICE_OPTION", message)


def check_seed(device: Device, seed: int) -> None:
    """Refuse a seed of more than 64 bits; EIGEN_DEVICE_OPTION."""
    if not 0 <= seed <= MAX_SEED:
        raise EigenError("EIGEN_DEVICE_OPTION", f"a seed of `{device.id}` has 64 bits, not `{seed}`")


def refuse_evolution(device_id: str) -> EigenError:
    """The error for time evolution on a device without the feature."""
    return EigenError("EIGEN_SIM_UNSUPPORTED", f"`{device_id}` has no time evolution of its own")


def refuse_modes(device_id: str) -> EigenError:
    """The error for photonic programs on a device without the feature."""
    return EigenError("EIGEN_SIM_UNSUPPORTED", f"`{device_id}` has qubits, and runs no photonic programs")


def check_values(circuit: Circuit, values: Sequence[float]) -> None:
    """Refuse another number of values than the circuit has parameters; EIGEN_CIRCUIT_PARAMETERS."""
    if len(values) != len(circuit.parameters):
        message = f"the circuit has {len(circuit.parameters)} parameters, `{len(values)}` values came"
        raise EigenError("EIGEN_CIRCUIT_PARAMETERS", message)


def check_outcome(work: ProbabilityWork) -> None:
    """Refuse what is no outcome of all qubits; EIGEN_SIM_UNSUPPORTED."""
    width = work.circuit.num_qubits
    if len(work.bits) != width or set(work.bits) - {"0", "1"}:
        raise EigenError("EIGEN_SIM_UNSUPPORTED", f"outcome `{work.bits}` is not {width} bits")


def check_observable(circuit: Circuit, observable: Observable) -> None:
    """Refuse an observable wider than its circuit; EIGEN_SIM_UNSUPPORTED."""
    if observable.num_qubits > circuit.num_qubits:
        message = f"the observable acts on `{observable.num_qubits}` qubits, the circuit has {circuit.num_qubits}"
        raise EigenError("EIGEN_SIM_UNSUPPORTED", message)


def check_work(device: Device, work: CircuitWork) -> None:
    """Refuse what a device with a list of gates does not take, before its engine is asked; EIGEN_CIRCUIT_PARAMETERS,
    EIGEN_DEVICE_OPTION, EIGEN_SIM_MEMORY, EIGEN_COMPILER_UNSUPPORTED, EIGEN_SIM_UNSUPPORTED."""
    circuit = work.circuit
    if "modes" in device.features:
        raise EigenError("EIGEN_SIM_UNSUPPORTED", f"`{device.id}` has modes, and runs no circuits of qubits")
    check_values(circuit, work.values)
    if not isinstance(work, GradientWork) and work.shots is not None:
        check_shots(device, work.shots)
        check_seed(device, work.seed)
    if circuit.num_qubits > device.num_qubits:
        message = f"`{device.id}` holds {device.num_qubits} qubits, the circuit has `{circuit.num_qubits}`"
        raise EigenError("EIGEN_SIM_MEMORY", message)
    for name in circuit.count_ops():
        if device.gates and name not in device.gates and name not in NOT_GATES:
            raise EigenError("EIGEN_COMPILER_UNSUPPORTED", f"`{device.id}` has no gate `{name}`")
    if circuit.is_dynamic and "dynamic" not in device.features:
        message = f"`{device.id}` cannot measure in mid-circuit, reset or branch on results"
        raise EigenError("EIGEN_SIM_UNSUPPORTED", message)
    if isinstance(work, ExpectationWork | GradientWork):
        check_observable(circuit, work.observable)
    elif isinstance(work, ProbabilityWork):
        check_outcome(work)
    is_sampled = isinstance(work, SampleWork) or (isinstance(work, ProbabilityWork) and work.shots is not None)
    if not is_sampled and (circuit.has_measurements or circuit.is_dynamic):
        message = "the circuit measures or resets, so it has no single final state"
        raise EigenError("EIGEN_SIM_UNSUPPORTED", message)


def check_modes(device: Device, work: ModesWork) -> None:
    """Refuse a photonic program that a device of the feature `modes` does not take, before its engine is asked;
    EIGEN_CIRCUIT_PARAMETERS, EIGEN_DEVICE_OPTION, EIGEN_SIM_MEMORY, EIGEN_SIM_UNSUPPORTED, EIGEN_LIMIT_EXCEEDED."""
    modes = work.modes
    if len(work.values) != len(modes.parameters):
        message = f"the photonic program has {len(modes.parameters)} parameters, `{len(work.values)}` values came"
        raise EigenError("EIGEN_CIRCUIT_PARAMETERS", message)
    if (work.shots is None) != (not modes.columns):
        why = "measures, and needs shots" if modes.columns else "measures nothing, and has no shots"
        raise EigenError("EIGEN_DEVICE_OPTION", f"the photonic program {why}")
    if work.shots is not None:
        check_shots(device, work.shots)
        check_seed(device, work.seed)
        check_sampled(len(modes.columns), work.shots)
    if modes.num_modes > device.num_qubits:
        message = f"`{device.id}` holds {device.num_qubits} modes, the photonic program has `{modes.num_modes}`"
        raise EigenError("EIGEN_SIM_MEMORY", message)
    if reason := modes_refusal(device, modes):
        raise EigenError("EIGEN_SIM_UNSUPPORTED", f"`{device.id}` {reason}")


def check_sampled(columns: int, shots: int) -> None:
    """Refuse more measured numbers than one result may hold; EIGEN_LIMIT_EXCEEDED."""
    if columns * shots > MAX_SAMPLED:
        message = f"measured numbers of one run: `{columns * shots}` is beyond the limit {MAX_SAMPLED}"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message, hint=f"{columns} of each of {shots} shots: take fewer shots")
