"""The logistics program with what its cost landscape needs to be solved exactly: a final RY layer and gradients."""

import numpy as np
from eigen_lang import (
    ExpectationValue,
    cost_function,
    create_hea_ansatz,
    create_ising_model_hamiltonian,
    hybrid_program,
    minimize,
)


@hybrid_program(target="simulator", seed=0)
def solve_logistics_optimization(n_routes: int = 4) -> dict:
    hamiltonian = create_ising_model_hamiltonian(n_spins=n_routes, J=-1.0, h=0.5, periodic=False)
    ansatz = create_hea_ansatz(n_qubits=n_routes, depth=3, entanglement="linear", rotations="ry", final_rotation=True)

    @cost_function
    def total_cost(params):
        return ExpectationValue(ansatz, hamiltonian, params=params)

    result = minimize(
        objective=total_cost,
        initial_guess=np.random.randn(ansatz.num_params) * 0.1,
        method="l-bfgs-b",
        max_iter=500,
        tolerance=1e-12,
    )
    return {"optimal_cost": result.optimal_value, "optimal_parameters": result.optimal_parameters.tolist()}
