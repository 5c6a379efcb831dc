"""Programs the end-to-end tests run, and the types of their fixtures."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

Run = Callable[..., subprocess.CompletedProcess[str]]
RunJson = Callable[..., Any]
Write = Callable[[str, str], str]

BELL = '''"""A Bell pair."""

from eigen_lang import QubitRegister, cx, h, hybrid_program, measure_all


@hybrid_program(target="sim:local", shots=500, seed=7)
def main():
    q = QubitRegister(2)
    h(q[0])
    cx(q[0], q[1])
    return measure_all(q)
'''

ROTATION = '''"""One qubit turned by an input."""

from eigen_lang import QubitRegister, hybrid_program, measure_all, ry


@hybrid_program(target="sim:auto", shots=100)
def main(angle=0.0):
    q = QubitRegister(1)
    ry(angle, q[0])
    return measure_all(q)
'''

VQE = '''"""A noisy optimisation: every evaluation is drawn from shots, so a trajectory shows every seed."""

from eigen_lang import (
    ExpectationValue,
    cost_function,
    create_hea_ansatz,
    create_ising_model_hamiltonian,
    hybrid_program,
    minimize,
)


@hybrid_program(target="sim:auto", seed=11)
def main(n=6, rounds=120):
    hamiltonian = create_ising_model_hamiltonian(n_spins=n, J=-1.0, h=0.7)
    ansatz = create_hea_ansatz(n_qubits=n, depth=2, rotations="ry")

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles, shots=400)

    best = minimize(energy, [0.1] * ansatz.num_params, method="spsa", max_iter=rounds)
    return {"value": best.optimal_value, "angles": best.optimal_parameters, "history": best.history}
'''
