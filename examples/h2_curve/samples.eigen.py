"""Samples of the state that a VQE of H2 ended in."""

from eigen_lang import create_h2_hamiltonian, create_uccsd_ansatz, hybrid_program, run


@hybrid_program
def main(point):
    hamiltonian = create_h2_hamiltonian(point["bond_length"])
    ansatz = create_uccsd_ansatz(hamiltonian.n_qubits, n_electrons=2)
    return run(ansatz, point["parameters"]).counts
