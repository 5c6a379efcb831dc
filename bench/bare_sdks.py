"""The circuit of bench/backends by each SDK alone, in the environment of its host, which has nothing of ours:
`python bare_sdks.py DEVICE TIMES` prints milliseconds as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

QUBITS = 4
SHOTS = 100
WARM = 20


def cirq_simulator(kind: str) -> Callable[[int], Any]:
    import cirq

    if kind == "QSimSimulator":
        import qsimcirq

    make = getattr(qsimcirq if kind == "QSimSimulator" else cirq, kind)
    qubits = cirq.LineQubit.range(QUBITS)
    turns = [cirq.CNOT(qubits[k], qubits[k + 1]) for k in range(QUBITS - 1)]
    circuit = cirq.Circuit(cirq.H(qubits[0]), *turns, cirq.measure(*qubits, key="m"))
    return lambda seed: make(seed=seed).run(circuit, repetitions=SHOTS).histogram(key="m")


def qiskit_aer(method: str) -> Callable[[int], Any]:
    from qiskit import QuantumCircuit, transpile
    from qiskit_aer import AerSimulator

    circuit = QuantumCircuit(QUBITS, QUBITS)
    circuit.h(0)
    for k in range(QUBITS - 1):
        circuit.cx(k, k + 1)
    circuit.measure(range(QUBITS), range(QUBITS))
    simulator = AerSimulator(method=method)
    ready = transpile(circuit, simulator)
    return lambda seed: simulator.run(ready, shots=SHOTS, seed_simulator=seed).result().get_counts()


def pennylane(name: str) -> Callable[[int], Any]:
    import pennylane as qml

    def ghz() -> Any:
        qml.Hadamard(0)
        for k in range(QUBITS - 1):
            qml.CNOT([k, k + 1])
        return qml.counts(wires=range(QUBITS))

    def run(seed: int) -> Any:
        device = qml.device(name, wires=QUBITS, seed=seed)
        return qml.set_shots(qml.QNode(ghz, device), SHOTS)()

    return run


def braket(name: str) -> Callable[[int], Any]:
    from braket.circuits import Circuit
    from braket.devices import LocalSimulator

    circuit = Circuit().h(0)
    for k in range(QUBITS - 1):
        circuit.cnot(k, k + 1)
    device = LocalSimulator(name)
    return lambda seed: device.run(circuit, shots=SHOTS).result().measurement_counts


def stim(_name: str) -> Callable[[int], Any]:
    import numpy as np
    import stim as sdk

    text = "H 0\n" + "".join(f"CX {k} {k + 1}\n" for k in range(QUBITS - 1)) + "M " + " ".join(map(str, range(QUBITS)))
    circuit = sdk.Circuit(text)
    return lambda seed: np.unique(circuit.compile_sampler(seed=seed).sample(SHOTS), axis=0, return_counts=True)


def qoqo(_name: str) -> Callable[[int], Any]:
    import qoqo_quest
    from qoqo import Circuit, operations

    circuit = Circuit()
    circuit += operations.DefinitionBit("m", QUBITS, True)
    circuit += operations.Hadamard(0)
    for k in range(QUBITS - 1):
        circuit += operations.CNOT(k, k + 1)
    circuit += operations.PragmaRepeatedMeasurement("m", SHOTS)

    def run(seed: int) -> Any:
        backend = qoqo_quest.Backend(QUBITS)
        backend.set_random_seed([seed])
        return Counter(map(tuple, backend.run_circuit(circuit)[0]["m"]))

    return run


def pyquil(_name: str) -> Callable[[int], Any]:
    import warnings

    import numpy as np
    from pyquil import Program, gates

    warnings.simplefilter("ignore")
    from pyquil.simulation import NumpyWavefunctionSimulator

    program = Program(gates.H(0), *(gates.CNOT(k, k + 1) for k in range(QUBITS - 1)))

    def run(seed: int) -> Any:
        simulator = NumpyWavefunctionSimulator(QUBITS, rs=np.random.RandomState(seed))
        drawn = simulator.do_program(program).sample_bitstrings(SHOTS)
        return np.unique(drawn, axis=0, return_counts=True)

    return run


def quimb(_name: str) -> Callable[[int], Any]:
    from quimb.tensor import CircuitMPS

    def run(seed: int) -> Any:
        circuit = CircuitMPS(QUBITS)
        circuit.h(0)
        for k in range(QUBITS - 1):
            circuit.cnot(k, k + 1)
        return Counter(circuit.sample(SHOTS, seed=seed))

    return run


def ddsim(_name: str) -> Callable[[int], Any]:
    from mqt.core.ir import QuantumComputation
    from mqt.ddsim import CircuitSimulator

    circuit = QuantumComputation(QUBITS, QUBITS)
    circuit.h(0)
    for k in range(QUBITS - 1):
        circuit.cx(k, k + 1)
    circuit.measure(range(QUBITS), range(QUBITS))
    return lambda seed: CircuitSimulator(circuit, seed=seed).simulate(SHOTS)


def qutip(_name: str) -> Callable[[int], Any]:
    import numpy as np
    from qutip import basis, tensor
    from qutip_qip.circuit import QubitCircuit

    circuit = QubitCircuit(QUBITS)
    circuit.add_gate("SNOT", 0)
    for k in range(QUBITS - 1):
        circuit.add_gate("CNOT", k + 1, k)
    start = tensor(*[basis(2, 0)] * QUBITS)

    def run(seed: int) -> Any:
        odds = np.abs(circuit.run(start).full().ravel()) ** 2
        return np.random.default_rng(seed).multinomial(SHOTS, odds / odds.sum())

    return run


BARE: dict[str, tuple[Callable[[str], Callable[[int], Any]], str]] = {
    "cirq:statevector": (cirq_simulator, "Simulator"),
    "cirq:density_matrix": (cirq_simulator, "DensityMatrixSimulator"),
    "cirq:qsim": (cirq_simulator, "QSimSimulator"),
    "qiskit:aer": (qiskit_aer, "automatic"),
    "qiskit:aer_stabilizer": (qiskit_aer, "stabilizer"),
    "pennylane:default.qubit": (pennylane, "default.qubit"),
    "pennylane:lightning.qubit": (pennylane, "lightning.qubit"),
    "braket:local_sv": (braket, "braket_sv"),
    "rigetti:wavefunction": (pyquil, ""),
    "qoqo:quest": (qoqo, ""),
    "stim:tableau": (stim, ""),
    "qutip:solver": (qutip, ""),
    "quimb:mps": (quimb, ""),
    "ddsim:dd": (ddsim, ""),
}
"""How each device's SDK is called, by the id of the device."""


def main(device_id: str, times: int) -> None:
    """Run, and print how long each run took."""
    make, name = BARE[device_id]
    run = make(name)
    took: list[float] = []
    for seed in range(times + WARM):
        started = time.perf_counter()
        run(seed)
        if seed >= WARM:
            took.append(1e3 * (time.perf_counter() - started))
    print(json.dumps(took))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
