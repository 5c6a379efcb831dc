"""Variational deflation: the first excited state is the minimum of the energy plus a penalty on the ground state."""

from eigen_lang import (
    ExpectationValue,
    cost_function,
    create_hea_ansatz,
    hybrid_program,
    minimize,
    overlap,
    pauli,
)


@hybrid_program(seed=8)
def main():
    hamiltonian = pauli("Z0 Z1", 2) + 0.4 * pauli("X0", 2) + 0.4 * pauli("X1", 2) + 0.2 * pauli("Z0", 2)
    ansatz = create_hea_ansatz(2, depth=2, rotations="ryrz", final_rotation=True)

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles)

    ground = minimize(energy, [0.4] * ansatz.num_params, method="l-bfgs-b", tolerance=1e-12)

    @cost_function
    def excited(angles):
        penalty = overlap(ansatz.bind(angles), ansatz.bind(ground.optimal_parameters))
        return ExpectationValue(ansatz, hamiltonian, params=angles) + 4.0 * penalty

    first = minimize(excited, [0.7] * ansatz.num_params, method="l-bfgs-b", max_iter=400, tolerance=1e-12)
    return {"ground": ground.optimal_value, "excited": first.optimal_value}
