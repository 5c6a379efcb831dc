"""Layer-wise growth: optimise one layer, add another at zero angle, and start again from what was found."""

import numpy as np
from eigen_lang import (
    ExpectationValue,
    cost_function,
    create_hea_ansatz,
    create_ising_model_hamiltonian,
    hybrid_program,
    minimize,
)


@hybrid_program(seed=6)
def main(layers: int = 3):
    hamiltonian = create_ising_model_hamiltonian(n_spins=3, J=-1.0, h=0.5, periodic=False)
    angles = [0.2] * 6
    energies = []
    for depth in range(1, layers + 1):
        ansatz = create_hea_ansatz(3, depth=depth, rotations="ry", final_rotation=True)

        @cost_function
        def energy(x, ansatz=ansatz):
            return ExpectationValue(ansatz, hamiltonian, params=x)

        best = minimize(energy, angles, method="l-bfgs-b", tolerance=1e-10)
        energies.append(best.optimal_value)
        angles = np.concatenate([best.optimal_parameters, np.zeros(3)])
    return {"energies": energies}
