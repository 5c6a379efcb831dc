"""IBM's machines as they were: `ibm:fake_<name>`, from the snapshots that come with qiskit-ibm-runtime."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from eigen_driver.asks import Counts
from eigen_driver.engine import Device, Engine
from eigen_driver.engines.qiskit.snapshots import refuse_beyond, snapshots
from eigen_driver.failure import RefusedError
from eigen_driver.memory import memory_limit_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver.asks import Sample
    from eigen_driver.engines.qiskit.snapshots import Snapshot

OPTIONS = ("method", "threads")
METHODS = ("automatic", "statevector", "density_matrix", "matrix_product_state")
MOST_THREADS = 1024


class IbmEngine(Engine):
    """See the module."""

    name = "ibm"
    options = frozenset(OPTIONS)

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load Aer and read the snapshots."""
        super().start(config, threads)
        # Here and not with the first circuit: Qiskit 2.6 ends a process in which the thread that loaded it has ended.
        from eigen_driver.engines.qiskit.fakes import Fakes

        self.version = version("qiskit-ibm-runtime")
        self._threads = threads
        self._machines = {f"ibm:{each.name}": each for each in snapshots()}
        self._devices = tuple(_fake(device_id, each) for device_id, each in self._machines.items())
        self._fakes = Fakes(memory_limit_bytes())

    def devices(self) -> Sequence[Device]:
        """One for each snapshot."""
        return self._devices

    def sample(self, device: Device, ask: Sample) -> Counts:
        """Counts as the machine would have given them, as far as its calibration says."""
        method, threads = ask.options.get("method", "automatic"), ask.options.get("threads", self._threads)
        if method not in METHODS:
            listed = ", ".join(f"`{name}`" for name in METHODS)
            message = f"option `method` of `{device.id}` is one of {listed}, not `{method!s:.40}`"
            raise RefusedError("EIGEN_DEVICE_OPTION", message, where="method")
        if not isinstance(threads, int) or isinstance(threads, bool) or not 0 <= threads <= MOST_THREADS:
            message = f"option `threads` of `{device.id}` is a whole number from 0, not `{threads!s:.40}`"
            raise RefusedError("EIGEN_DEVICE_OPTION", message, where="threads")
        if ask.circuit.is_dynamic and "dynamic" not in device.features:
            message = f"`{device.id}` cannot measure in mid-circuit, reset or branch"
            raise RefusedError("EIGEN_SIM_UNSUPPORTED", message)
        machine = self._machines[device.id]
        refuse_beyond(device, machine, ask)
        found, used = self._fakes.sample(
            device.id, machine, ask.circuit, ask.values, ask.shots, ask.seed, method=method, threads=threads
        )
        told = {"seed": ask.seed, "precision": "f64", "method": used, "simulator": "qiskit-aer"}
        return Counts(found, told | {"calibrated_at": machine.calibrated_at})


def _fake(device_id: str, machine: Snapshot) -> Device:
    properties: dict[str, Any] = {"engine": "qiskit-aer", "options": list(OPTIONS), "snapshot": machine.name}
    return Device(
        device_id,
        f"Snapshot of IBM's {machine.name.removeprefix('fake_')}",
        machine.num_qubits,
        machine.gates,
        frozenset({"seed"} | ({"dynamic"} if machine.dynamic else set())),
        machine.coupling,
        backend_type="virtual",
        max_shots=machine.max_shots,
        properties=properties | machine.properties(),
    )
