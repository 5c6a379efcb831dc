"""The energy of bench/energy_program.py in the ways Qiskit offers, each transpiled once and called with angles only.

Reads {"points", "rounds"} from standard input, writes {name: {"energies", "p50", "p99"}}, in seconds.
"""

import json
import sys
import time

from qiskit import QuantumCircuit, transpile
from qiskit.circuit import ParameterVector
from qiskit.primitives import StatevectorEstimator
from qiskit.quantum_info import SparsePauliOp, Statevector
from qiskit_aer import AerSimulator
from qiskit_aer.primitives import EstimatorV2

WIDTH, DEPTH = 4, 2
question = json.load(sys.stdin)
points, rounds = question["points"], question["rounds"]

angles = ParameterVector("theta", WIDTH * DEPTH)
circuit = QuantumCircuit(WIDTH)
for layer in range(DEPTH):
    for qubit in range(WIDTH):
        circuit.ry(angles[layer * WIDTH + qubit], qubit)
    for qubit in range(WIDTH - 1):
        circuit.cx(qubit, qubit + 1)
chain = [("ZZ", [qubit, qubit + 1], -1.0) for qubit in range(WIDTH - 1)]
energy = SparsePauliOp.from_sparse_list(chain + [("X", [qubit], 0.7) for qubit in range(WIDTH)], WIDTH)

aer = AerSimulator(method="statevector", max_parallel_threads=1, fusion_enable=False)
lowered = transpile(circuit, aer, optimization_level=3)
saving = lowered.copy()
saving.save_expectation_value(energy, range(WIDTH))
exact, estimator = StatevectorEstimator(), EstimatorV2.from_backend(aer)

WAYS = {
    "Qiskit StatevectorEstimator": lambda x: float(exact.run([(circuit, energy, x)]).result()[0].data.evs),
    "Qiskit Aer EstimatorV2": lambda x: float(estimator.run([(lowered, energy, x)]).result()[0].data.evs),
    "Qiskit Aer, bound by hand": lambda x: aer.run(saving.assign_parameters(x)).result().data()["expectation_value"],
    "Qiskit Statevector, bound by hand": lambda x: float(
        Statevector(circuit.assign_parameters(x)).expectation_value(energy).real
    ),
}


def measure(way):
    for point in points[:20]:
        way(point)
    taken = []
    for number in range(rounds):
        start = time.perf_counter()
        way(points[number % len(points)])
        taken.append(time.perf_counter() - start)
    taken.sort()
    return {
        "energies": [way(point) for point in points[:3]],
        "p50": taken[len(taken) // 2],
        "p99": taken[int(len(taken) * 0.99)],
    }


json.dump({name: measure(way) for name, way in WAYS.items()}, sys.stdout)
