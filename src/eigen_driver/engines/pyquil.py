"""pyQuil's own simulators: `rigetti:wavefunction` and `rigetti:density`, in double precision.

They need no QVM and no QCS. The first qubit is the leftmost axis of the wave function and the least significant bit of
the density matrix's rows. Gates that Quil does not name come as matrices, which Quil reads with the first qubit as the
most significant one. What a circuit measures and decides on its way is followed by `eigen_driver.walk`; PyQVM, which
would follow it shot for shot over the same simulators, is not asked.
"""

# pyQuil is loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

import warnings
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from eigen_driver import Device, StateEngine
from eigen_driver.matrices import matrix_of

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from eigen_driver import Operation
    from eigen_driver.state_engine import Question

VECTOR = "wavefunction"
MATRIX = "density"
MOST_QUBITS = {VECTOR: 22, MATRIX: 8}
NAMES = {
    "I": "I",
    "X": "X",
    "Y": "Y",
    "Z": "Z",
    "H": "H",
    "S": "S",
    "T": "T",
    "RX": "RX",
    "RY": "RY",
    "RZ": "RZ",
    "P": "PHASE",
    "CX": "CNOT",
    "CZ": "CZ",
    "CP": "CPHASE",
    "SWAP": "SWAP",
    "ISWAP": "ISWAP",
    "RXX": "RXX",
    "RYY": "RYY",
    "RZZ": "RZZ",
    "CCX": "CCNOT",
    "CSWAP": "CSWAP",
}
"""Gates by their names in Quil."""
BY_MATRIX = ("Sdg", "Tdg", "SX", "SXdg", "U", "CY", "CH", "CRX", "CRY", "CRZ", "ECR", "RZX", "CCZ", "UNITARY")
GATES = (*NAMES, *BY_MATRIX)
PHASES = frozenset({"P", "CP"})
TURNED = frozenset({"RX", "RY", "RZ", "P", "CP", "RXX", "RYY", "RZZ"})
FEATURES = frozenset({"dynamic", "expectation", "exact", "seed"})


class PyquilEngine(StateEngine):
    """See the module."""

    name = "pyquil"
    options = frozenset({"noise_model"})

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load pyQuil."""
        super().start(config, threads)
        global np, Gate, Qubit, simulation, state_class
        import numpy as np
        from pyquil import simulation
        from pyquil.quilatom import Qubit
        from pyquil.quilbase import Gate

        self.version = version("pyquil")
        self._devices = tuple(_device(method, self.version) for method in MOST_QUBITS)
        state_class = _state_class()

    def devices(self) -> Sequence[Device]:
        """Both simulators."""
        return self._devices

    def fresh(self, device: Device, ask: Question) -> Any:
        """A simulator and its array."""
        mixed = device.properties["method"] == MATRIX
        kind = simulation.ReferenceDensitySimulator if mixed else simulation.NumpyWavefunctionSimulator
        with _quiet():
            simulator = kind(ask.circuit.num_qubits)
        return state_class(simulator, ask.circuit.bound(ask.values))


def _state_class() -> Any:
    """The states, once NumPy is there."""
    from eigen_driver.arrays import ArrayState

    class State(ArrayState):
        """An array of one of pyQuil's simulators, which changes it gate by gate."""

        def __init__(self, simulator: Any, bound: Mapping[str, float]) -> None:
            self._simulator = simulator
            self._bound = bound
            mixed = hasattr(simulator, "density")
            array = simulator.density if mixed else simulator.wf
            super().__init__(array.reshape((2,) * (array.size.bit_length() - 1)), mixed=mixed, little=mixed)

        def apply(self, gate: Operation) -> None:
            place = "density" if self.mixed else "wf"
            size = 1 << self.num_qubits
            setattr(self._simulator, place, self.array.reshape(size, size) if self.mixed else self.array)
            with _quiet():
                self._do(gate)
            self.array = getattr(self._simulator, place).reshape(self.array.shape)

        def _do(self, gate: Operation) -> None:
            qubits = list(gate.qubits)
            if gate.name not in NAMES:
                self._simulator.do_gate_matrix(matrix_of(gate, self._bound), qubits[::-1])
                return
            parameter = "lambda" if gate.name in PHASES else "theta"
            angles = gate.angles(self._bound, parameter) if gate.name in TURNED else ()
            self._simulator.do_gate(Gate(NAMES[gate.name], list(angles), list(map(Qubit, qubits))))

    return State


@contextmanager
def _quiet() -> Generator[None]:
    """Without the words that pyQuil's simulators will end with version 5, which the lock does not have."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _device(method: str, version: str) -> Device:
    title = {VECTOR: "wave function", MATRIX: "density matrix"}[method]
    properties = {"engine": "pyquil", "method": method, "precision": "f64", "version": version}
    features = FEATURES | {"noise"} if method == MATRIX else FEATURES
    return Device(f"rigetti:{method}", f"pyQuil, {title}", MOST_QUBITS[method], GATES, features, properties=properties)
