"""Reference rows of observables, stages, Hamiltonians, ansaetze and utilities."""

from __future__ import annotations

from eigen.lang.library import expectation, minimize, observables, program_tree, utilities
from eigen.lang.library.catalogue.entry import Entry

_TURNED = "@quantum_circuit\ndef turned(angle):\n    q = QubitRegister(1)\n    ry(angle, q[0])\n\n"


def _hamiltonian(name: str, doc: str, example: str) -> Entry:
    function, signature = utilities.HAMILTONIANS[name]
    value = utilities.observable_factory(function, signature)
    return Entry(name, "Hamiltonians", signature.replace("'", '"'), doc, example, value, "Observable")


def _ansatz(name: str, doc: str, example: str) -> Entry:
    function, signature = utilities.ANSAETZE[name]
    value = utilities.ansatz_factory(function, signature)
    return Entry(name, "ansaetze", signature.replace("'", '"'), doc, example, value, "Ansatz")


ALGORITHM_ENTRIES: tuple[Entry, ...] = (
    Entry(
        "Observable",
        "observables",
        "terms, n_qubits=None",
        "A weighted sum of Pauli strings, from a dict {label: weight}, a list of (label, weight), or one label. A "
        "label is sparse (`X0 Z3`) or dense (`ZIIX`, qubit 0 rightmost). Observables add, subtract, scale and "
        "multiply.",
        "a = Observable({'ZZ': 1.0, 'X0': 0.5})\nreturn {'terms': (a + 1).terms, 'qubits': a.n_qubits}",
        observables.observable,
        "Observable",
    ),
    Entry(
        "pauli",
        "observables",
        "label, n_qubits=None",
        "One Pauli string as an observable: `pauli('Z0 Z1')`.",
        "return (2 * pauli('Z0') @ pauli('Z1') - pauli('X0')).terms",
        observables.pauli,
        "Observable",
    ),
    Entry(
        "run",
        "stages",
        "circuit, params=None, shots=None",
        "Run a circuit and sample it. One without measurements is measured on all qubits. The result has `counts`, "
        "`probabilities`, `shots`, `most_common()` and `expectation(bits=None)`, the mean Z parity of bits.",
        _TURNED + "r = run(turned(3.14159265), shots=20)\nreturn r.most_common(), r.expectation()",
        expectation.run,
        "RunResult",
    ),
    Entry(
        "sample",
        "stages",
        "circuit, params=None, shots=None",
        "The counts of a run.",
        _TURNED + "counts = sample(turned(0.0))\nreturn counts['0']",
        expectation.sample,
        "Counts",
    ),
    Entry(
        "ExpectationValue",
        "stages",
        "circuit_or_ansatz, observable, params=None, shots=None",
        "The mean of an observable after a circuit. `shots=None` is exact; a number estimates it from that many shots, "
        "shared among groups of commuting terms. Final measurements of the circuit are left out.",
        _TURNED + "return ExpectationValue(turned(0.3), pauli('Z0'))",
        expectation.expectation_value,
        "float",
    ),
    Entry(
        "probability",
        "stages",
        "circuit, bits, params=None, shots=None",
        "The probability of one outcome, qubit 0 rightmost; exact for `shots=None`.",
        _TURNED + "return probability(turned(0.3), '1')",
        expectation.probability,
        "float",
    ),
    Entry(
        "overlap",
        "stages",
        "a, b, params_a=None, params_b=None, shots=None",
        "The fidelity |<a|b>|^2 of the states of two circuits, as the probability to return to zero under `a` "
        "followed by the inverse of `b`. A penalty with it finds excited states (deflation).",
        _TURNED + "return overlap(turned(0.0), turned(0.4))",
        expectation.overlap,
        "float",
    ),
    Entry(
        "minimize",
        "stages",
        'objective, initial_guess, method="cobyla", max_iter=None, tolerance=None, bounds=None, options=None, **more',
        "Minimise a function of a vector of numbers. Methods: cobyla, nelder-mead, powell, l-bfgs-b, slsqp, bfgs, cg, "
        "spsa, adam, sgd, rotosolve; gradients are exact where the cost function has them. Options of the method may "
        "be keywords (`learning_rate=0.1`). The result has `optimal_value`, `optimal_parameters`, `success`, "
        "`iterations`, `evaluations`, `history`, `message`.",
        "def cost(v):\n    return (v[0] - 1) ** 2 + v[1] ** 2\n\nr = minimize(cost, [0.0, 0.5], method='l-bfgs-b')\n"
        "return r.optimal_value, r.optimal_parameters",
        minimize.minimize,
        "MinimizeResult",
    ),
    _hamiltonian(
        "create_ising_model_hamiltonian",
        "The Ising model: the sum over pairs i < j of J_ij Z_i Z_j plus the sum of h_i X_i (`field='longitudinal'`: "
        "h_i Z_i). `J` is a number, for neighbours on a chain (a ring when `periodic`), or a matrix, symmetric or one "
        "triangle, in which each pair counts once. Signs are as written: J < 0 is ferromagnetic.",
        "return create_ising_model_hamiltonian(3, J=-1.0, h=0.5).terms",
    ),
    _hamiltonian(
        "create_heisenberg_hamiltonian",
        "The Heisenberg chain: the sum over neighbours of Jx X X + Jy Y Y + Jz Z Z plus the sum of h_i Z_i; `J` is one "
        "number or (Jx, Jy, Jz).",
        "return exact_ground_energy(create_heisenberg_hamiltonian(2))",
    ),
    _hamiltonian(
        "create_maxcut_hamiltonian",
        "MaxCut of a graph (edges `(i, j)` or `(i, j, weight)`, or a matrix of weights): the sum of "
        "w (Z_i Z_j - 1) / 2. Its lowest value is minus the weight of the largest cut.",
        "return exact_ground_energy(create_maxcut_hamiltonian([(0, 1), (1, 2), (2, 0)]))",
    ),
    _hamiltonian(
        "create_number_partition_hamiltonian",
        "Number partitioning: the square of the sum of a_i Z_i. Its lowest value is the least squared difference of "
        "two halves.",
        "return exact_ground_energy(create_number_partition_hamiltonian([3, 1, 1, 2, 1]))",
    ),
    _hamiltonian(
        "create_h2_hamiltonian",
        "The hydrogen molecule in the STO-3G basis at `bond_length` angstrom on 4 qubits (Jordan-Wigner, spin orbital "
        "2p + spin), in hartree, nuclear repulsion included; the integrals are computed. At 0.735 angstrom the ground "
        "energy is -1.137306 Ha.",
        "return exact_ground_energy(create_h2_hamiltonian())",
    ),
    Entry(
        "exact_ground_energy",
        "Hamiltonians",
        "hamiltonian",
        "The lowest eigenvalue of an observable on at most 12 qubits, computed while compiling (Lanczos).",
        "return exact_ground_energy(pauli('X0') + pauli('Z0'))",
        utilities.exact_ground_energy,
        "float",
    ),
    _ansatz(
        "create_hea_ansatz",
        'The hardware-efficient ansatz: `depth` layers of `rotations` (rx, ry, rz, p, joined as in `"ryrz"` or a list) '
        "on every qubit, each followed by `entangler` gates along `entanglement` (linear, reverse_linear, circular, "
        "full, pairwise, none, or a list of pairs), and a last rotation layer with `final_rotation`. "
        "num_params = (depth + final_rotation) * n_qubits * number of rotations; entanglers with an angle (crx, cry, "
        "crz, cp, rxx, ryy, rzz, rzx) add one for each pair and layer.",
        "return create_hea_ansatz(4, depth=3, entanglement='linear', rotations='ry').num_params",
    ),
    _ansatz(
        "create_real_amplitudes_ansatz",
        "RY layers and CX entanglers with a last RY layer: states with real amplitudes.",
        "return create_real_amplitudes_ansatz(3, depth=2).num_params",
    ),
    _ansatz(
        "create_efficient_su2_ansatz",
        "RY and RZ layers and CX entanglers with a last rotation layer.",
        "return create_efficient_su2_ansatz(3, depth=2).num_params",
    ),
    _ansatz(
        "create_uccsd_ansatz",
        "Unitary coupled cluster with singles and doubles on the Hartree-Fock state of `n_electrons` electrons in "
        "`n_qubits` spin orbitals (spin orbital 2p + spin): one parameter for each excitation, singles first; particle "
        "number and spin projection are conserved.",
        "return create_uccsd_ansatz(4, n_electrons=2).num_params",
    ),
    Entry(
        "create_qaoa_ansatz",
        "ansaetze",
        "hamiltonian, layers=1",
        "The quantum approximate optimisation ansatz of a Hamiltonian C: H on all qubits, then `layers` times "
        "exp(-i gamma C) exp(-i beta sum X). Parameters alternate: gamma, beta of the first layer, then of the next.",
        "return create_qaoa_ansatz(create_maxcut_hamiltonian([(0, 1), (1, 2)]), layers=2).num_params",
        utilities.create_qaoa_ansatz,
        "Ansatz",
    ),
    Entry(
        "visualize_circuit",
        "utilities",
        "circuit, width=100",
        "The drawing of a circuit as a string; qubit 0 is the top line.",
        _TURNED + "return visualize_circuit(turned(0.5))",
        utilities.visualize_circuit,
        "str",
    ),
    Entry(
        "get_program_ast",
        "utilities",
        "",
        "The syntax tree of the program itself as dicts: `kind`, `line`, `column` and the fields of each node.",
        "return get_program_ast()['kind']",
        program_tree.get_program_ast,
        "dict[str, Any]",
    ),
)
