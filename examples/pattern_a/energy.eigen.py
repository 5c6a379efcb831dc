"""The energy of an Ising chain in a hardware-efficient state: the function that `optimise.py` minimises."""

from eigen_lang import ExpectationValue, create_hea_ansatz, create_ising_model_hamiltonian, hybrid_program


@hybrid_program(target="sim:auto", seed=7)
def main(theta, n=3, depth=2):
    hamiltonian = create_ising_model_hamiltonian(n_spins=n, J=-1.0, h=0.7)
    ansatz = create_hea_ansatz(n_qubits=n, depth=depth, rotations="ry")
    return ExpectationValue(ansatz, hamiltonian, params=theta)
