"""A chip with five qubits on a directed line, four gates, no dynamics and counts only. It checks its own rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.drivers.in_process import InProcessDriver
from eigen.drivers.native import STATEVECTOR, NativeDriver
from eigen.drivers.options import refuse_unknown
from eigen.errors import EigenError
from eigen.types import Device, SampleWork

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.types import DeviceStatus, Json, Work, WorkResult

CHIP = Device(
    id="double:chip",
    name="Five qubits on a line",
    backend_type="hardware",
    num_qubits=5,
    gates=("RZ", "SX", "X", "CX"),
    coupling=((1, 0), (1, 2), (3, 2), (3, 4)),
    features=frozenset({"seed", "deduplicates"}),
    max_shots=100_000,
    properties={"gate_error": 0.001, "shot_sec": 0.0001},
)


class RestrictedDriver(InProcessDriver):
    """The native engine behind the gate list and couplings of `CHIP`."""

    name = "restricted"
    version = NativeDriver.version
    device = CHIP

    def __init__(self) -> None:
        super().__init__()
        self.devices = (self.device,)
        self._engine = NativeDriver()

    def initialize(self, config: Mapping[str, Json]) -> None:
        refuse_unknown(config, (), where=self.name)

    def get_device_status(self, device_id: str) -> DeviceStatus:
        return self.known(device_id).status

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        self.known(device_id)
        refuse_unknown(work.options, (), where=device_id)
        if not isinstance(work, SampleWork):
            raise EigenError("EIGEN_SIM_UNSUPPORTED", f"`{device_id}` gives counts only")
        if not 1 <= work.shots <= self.device.max_shots:
            raise EigenError("EIGEN_DEVICE_OPTION", f"`{device_id}` cannot take `{work.shots}` shots")
        if work.circuit.is_dynamic or not work.circuit.is_flat:
            raise EigenError("EIGEN_SIM_UNSUPPORTED", f"`{device_id}` measures at the end only")
        for instruction in work.circuit.instructions():
            name, qubits = instruction.name, instruction.qubits
            if max(qubits, default=0) >= self.device.num_qubits:
                raise EigenError("EIGEN_DEVICE_FAILED", f"`{device_id}` has no qubit `{max(qubits)}`")
            if name in {"MEASURE", "BARRIER"} and instruction.basis == "Z":
                continue
            if name not in self.device.gates or instruction.num_controls or instruction.power != 1.0:
                raise EigenError("EIGEN_DEVICE_FAILED", f"`{device_id}` has no gate `{name}`")
            if len(qubits) == 2 and qubits not in self.device.coupling:
                raise EigenError("EIGEN_DEVICE_FAILED", f"`{device_id}` does not couple {qubits}")
        return self._engine.execute_circuit(STATEVECTOR, work)
