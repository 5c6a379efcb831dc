"""Warm start: the optimum of a cheap run is the starting point of a precise one."""

from eigen_lang import (
    ExpectationValue,
    cost_function,
    create_hea_ansatz,
    create_ising_model_hamiltonian,
    hybrid_program,
    minimize,
)


@hybrid_program(seed=3)
def main():
    hamiltonian = create_ising_model_hamiltonian(n_spins=3, J=-1.0, h=0.7, periodic=False)
    ansatz = create_hea_ansatz(3, depth=2, rotations="ry", final_rotation=True)

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles)

    rough = minimize(energy, [0.1] * ansatz.num_params, method="cobyla", max_iter=60)
    fine = minimize(energy, rough.optimal_parameters, method="l-bfgs-b", tolerance=1e-12)
    return {"rough": rough.optimal_value, "fine": fine.optimal_value, "gain": rough.optimal_value - fine.optimal_value}
