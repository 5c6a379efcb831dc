"""The energy of a four-spin transverse-field Ising chain in a hardware-efficient state, `theta` left open."""

from eigen_lang import ExpectationValue, create_hea_ansatz, create_ising_model_hamiltonian, hybrid_program


@hybrid_program(target="sim:auto", seed=7)
def main(theta):
    hamiltonian = create_ising_model_hamiltonian(n_spins=4, J=-1.0, h=0.7)
    ansatz = create_hea_ansatz(n_qubits=4, depth=2, rotations="ry")
    return ExpectationValue(ansatz, hamiltonian, params=theta)
