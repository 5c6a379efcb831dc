"""The ground state energy of H2 at one bond length, in angstrom (STO-3G), by VQE with a UCCSD ansatz."""

from eigen_lang import (
    ExpectationValue,
    cost_function,
    create_h2_hamiltonian,
    create_uccsd_ansatz,
    hybrid_program,
    minimize,
)


@hybrid_program
def main(bond_length):
    hamiltonian = create_h2_hamiltonian(bond_length)
    ansatz = create_uccsd_ansatz(hamiltonian.n_qubits, n_electrons=2)

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles)

    best = minimize(energy, initial_guess=[0.0] * ansatz.num_params, method="l-bfgs-b", tolerance=1e-12)
    return {
        "bond_length": bond_length,
        "energy": best.optimal_value,
        "parameters": best.optimal_parameters.tolist(),
    }
