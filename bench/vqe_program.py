"""A loop long enough to measure: 2,000 SPSA steps on the energy of a four-spin transverse-field Ising chain."""

from eigen_lang import (
    ExpectationValue,
    cost_function,
    create_hea_ansatz,
    create_ising_model_hamiltonian,
    hybrid_program,
    minimize,
)


@hybrid_program(target="sim:auto", seed=1)
def main():
    hamiltonian = create_ising_model_hamiltonian(4, J=1.0, h=0.5)
    ansatz = create_hea_ansatz(4, depth=2)

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles)

    best = minimize(energy, initial_guess=[0.1] * ansatz.num_params, method="spsa", max_iter=2000)
    return best.optimal_value
