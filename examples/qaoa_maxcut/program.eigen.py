"""QAOA for MaxCut: optimise the angles, then sample at the optimum and keep the best cut seen."""

from eigen_lang import (
    ExpectationValue,
    cost_function,
    create_maxcut_hamiltonian,
    create_qaoa_ansatz,
    hybrid_program,
    minimize,
    run,
)

EDGES = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (0, 2)]


@hybrid_program(target="sim:auto", seed=1)
def main(layers: int = 3):
    hamiltonian = create_maxcut_hamiltonian(EDGES)
    ansatz = create_qaoa_ansatz(hamiltonian, layers=layers)

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles)

    best = minimize(energy, initial_guess=[0.3] * ansatz.num_params, method="l-bfgs-b", max_iter=200)
    shots = run(ansatz, best.optimal_parameters, shots=2000)
    return {
        "expected_cut": -best.optimal_value,
        "most_common": shots.most_common(),
        "counts": shots.counts,
        "iterations": best.iterations,
    }
