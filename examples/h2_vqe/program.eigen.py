"""The ground state energy of H2 at 0.735 angstrom (STO-3G) by VQE with a UCCSD ansatz, then samples at the optimum.

The exact energy (full configuration interaction, nuclear repulsion included) is -1.137306 Ha.
"""

from eigen_lang import (
    ExpectationValue,
    cost_function,
    create_h2_hamiltonian,
    create_uccsd_ansatz,
    hybrid_program,
    minimize,
    run,
)


@hybrid_program(target="sim:auto", seed=42)
def main():
    hamiltonian = create_h2_hamiltonian()
    ansatz = create_uccsd_ansatz(hamiltonian.n_qubits, n_electrons=2)

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles)

    best = minimize(energy, initial_guess=[0.0] * ansatz.num_params, method="l-bfgs-b", tolerance=1e-12)
    occupation = run(ansatz, best.optimal_parameters, shots=1000)
    return {
        "energy": best.optimal_value,
        "parameters": best.optimal_parameters.tolist(),
        "iterations": best.iterations,
        "counts": occupation.counts,
    }
