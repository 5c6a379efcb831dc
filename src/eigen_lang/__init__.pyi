"""The names of Eigen-Lang. Written by `python -m eigen_lang.stub` from the reference of the language."""

# ruff: noqa: N803

from collections.abc import Callable
from typing import Any

class _Value:
    """A value of the language: it exists when the program is compiled."""

    def __getattr__(self, name: str) -> Any: ...
    def __getitem__(self, key: Any) -> Any: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __iter__(self) -> Any: ...
    def __len__(self) -> int: ...
    def __add__(self, other: Any) -> Any: ...
    def __radd__(self, other: Any) -> Any: ...
    def __sub__(self, other: Any) -> Any: ...
    def __rsub__(self, other: Any) -> Any: ...
    def __mul__(self, other: Any) -> Any: ...
    def __rmul__(self, other: Any) -> Any: ...
    def __truediv__(self, other: Any) -> Any: ...
    def __pow__(self, other: Any) -> Any: ...
    def __matmul__(self, other: Any) -> Any: ...
    def __neg__(self) -> Any: ...

def quantum_circuit(function: Any = None) -> Callable[..., Any]:
    """A function that writes gates. Called with qubits it writes into their circuit; called with classical
    arguments only it gives a circuit of its own, for `run`, `ExpectationValue` and others.
    """

def ansatz(function: Any = None, *, n_qubits: Any = None, num_params: Any = None) -> Callable[..., Any]:
    """A function (q, params) that writes a parametrised circuit. With both sizes the decorated name is the ansatz;
    without, `Ansatz(function, n_qubits, num_params)` makes it.
    """

class Ansatz(_Value):
    """A parametrised circuit to be optimised: `num_params`, `n_qubits`, `params`, `bind(values)`; called with
    qubits it writes its gates there.
    """

    def __init__(self, circuit_or_function: Any, n_qubits: Any = None, num_params: Any = None) -> None: ...

def cost_function(function: Any = None) -> Callable[..., Any]:
    """A function to be minimised: any arithmetic over expectation values, samples and its parameters. Its first
    argument is the parameter vector; an expectation value in it that names no parameters takes that vector.
    """

def hybrid_program(
    function: Any = None,
    *,
    compiler: Any = None,
    target: Any = None,
    shots: Any = None,
    optimization_level: Any = None,
    seed: Any = None,
    noise_model: Any = None,
    metadata: Any = None,
) -> Callable[..., Any]:
    """The entry point. Its parameters are the job's inputs; what it returns are the job's outputs. Options of the
    job description win over these. `shots` counts for runs that name none; with `seed` results repeat exactly;
    `optimization_level` is 0 to 3; the `compiler` is `eigen`; a `noise_model` that no device honours is
    refused.
    """

class QubitRegister(_Value):
    """New qubits in the state |0>. Index them `q[0]`, slice them `q[1:3]`, loop over them. Qubit 0 is the
    rightmost character of counts. In the program itself all registers form one circuit, which runs when its
    measured bits are read; inside a `@quantum_circuit` function they form that function's circuit.
    """

    def __init__(self, size: Any, name: Any = None) -> None: ...

class ClassicalRegister(_Value):
    """New classical bits, all 0, to measure into: `measure(q, c)`. `if c[0]:` and `if c == 3:` are conditions
    inside the circuit (bit 0 is the least significant).
    """

    def __init__(self, size: Any, name: Any = None) -> None: ...

def gate(name: Any, *angles_and_qubits: Any) -> None:
    """Any gate of the table by its name."""

def i(qubit: Any) -> None:
    """Does nothing for one gate's time."""

def x(qubit: Any) -> None:
    """Pauli X, the bit flip."""

def y(qubit: Any) -> None:
    """Pauli Y."""

def z(qubit: Any) -> None:
    """Pauli Z, the phase flip."""

def h(qubit: Any) -> None:
    """Hadamard: exchanges the X and Z axes."""

def s(qubit: Any) -> None:
    """A quarter turn of phase, the square root of Z."""

def sdg(qubit: Any) -> None:
    """The inverse of S."""

def t(qubit: Any) -> None:
    """An eighth turn of phase, the square root of S."""

def tdg(qubit: Any) -> None:
    """The inverse of T."""

def sx(qubit: Any) -> None:
    """The square root of X."""

def sxdg(qubit: Any) -> None:
    """The inverse of SX."""

def rx(theta: Any, qubit: Any) -> None:
    """Rotation exp(-i theta/2 X)."""

def ry(theta: Any, qubit: Any) -> None:
    """Rotation exp(-i theta/2 Y)."""

def rz(theta: Any, qubit: Any) -> None:
    """Rotation exp(-i theta/2 Z)."""

def p(lam: Any, qubit: Any) -> None:
    """Phase diag(1, exp(i lambda))."""

def u(theta: Any, phi: Any, lam: Any, qubit: Any) -> None:
    """Any one-qubit gate up to phase: [[cos(theta/2), -e^(i lambda) sin(theta/2)], [e^(i phi) sin(theta/2),
    e^(i(phi+lambda)) cos(theta/2)]].
    """

def cx(control: Any, target: Any) -> None:
    """X on the second qubit when the first is 1."""

def cy(control: Any, target: Any) -> None:
    """Y on the second qubit when the first is 1."""

def cz(control: Any, target: Any) -> None:
    """A sign when both qubits are 1."""

def ch(control: Any, target: Any) -> None:
    """H on the second qubit when the first is 1."""

def cp(lam: Any, control: Any, target: Any) -> None:
    """Phase exp(i lambda) when both qubits are 1."""

def crx(theta: Any, control: Any, target: Any) -> None:
    """RX(theta) on the second qubit when the first is 1."""

def cry(theta: Any, control: Any, target: Any) -> None:
    """RY(theta) on the second qubit when the first is 1."""

def crz(theta: Any, control: Any, target: Any) -> None:
    """RZ(theta) on the second qubit when the first is 1."""

def cu(theta: Any, phi: Any, lam: Any, gamma: Any, control: Any, target: Any) -> None:
    """exp(i gamma) U(theta, phi, lambda) on the second qubit when the first is 1."""

def swap(qubit0: Any, qubit1: Any) -> None:
    """Exchanges two qubits."""

def iswap(qubit0: Any, qubit1: Any) -> None:
    """Exchanges two qubits, with a factor i on the exchanged states."""

def ecr(qubit0: Any, qubit1: Any) -> None:
    """Echoed cross resonance, (IX - XY)/sqrt(2) with the right factor on the first qubit."""

def rxx(theta: Any, qubit0: Any, qubit1: Any) -> None:
    """Rotation exp(-i theta/2 XX)."""

def ryy(theta: Any, qubit0: Any, qubit1: Any) -> None:
    """Rotation exp(-i theta/2 YY)."""

def rzz(theta: Any, qubit0: Any, qubit1: Any) -> None:
    """Rotation exp(-i theta/2 ZZ)."""

def rzx(theta: Any, qubit0: Any, qubit1: Any) -> None:
    """Rotation exp(-i theta/2 ZX), Z on the first qubit and X on the second."""

def fsim(theta: Any, phi: Any, qubit0: Any, qubit1: Any) -> None:
    """Fermionic simulation: cos(theta) and -i sin(theta) between 01 and 10, exp(-i phi) on 11."""

def xxplusyy(theta: Any, beta: Any, qubit0: Any, qubit1: Any) -> None:
    """Rotation by theta between 01 and 10, with phase beta on the first qubit."""

def ccx(control0: Any, control1: Any, target: Any) -> None:
    """X on the third qubit when the first two are 1."""

def ccz(control0: Any, control1: Any, target: Any) -> None:
    """A sign when all three qubits are 1."""

def cswap(control: Any, qubit0: Any, qubit1: Any) -> None:
    """Exchanges the second and third qubit when the first is 1."""

def mcx(*qubits: Any) -> None:
    """X on the last qubit when all others are 1."""

def mcp(lam: Any, *qubits: Any) -> None:
    """Phase exp(i lambda) when all qubits are 1."""

def pauli_rot(pauli: Any, theta: Any, *qubits: Any) -> None:
    """Rotation exp(-i theta/2 P) about a product P of Pauli letters, the first letter on the first qubit."""

def unitary(matrix: Any, *qubits: Any) -> None:
    """A unitary matrix on up to 10 qubits, the first qubit least significant."""

def gpi(phi: Any, qubit: Any) -> None:
    """A half turn about an axis in the equator; phi in turns."""

def gpi2(phi: Any, qubit: Any) -> None:
    """A quarter turn about an axis in the equator; phi in turns."""

def ms(phi0: Any, phi1: Any, theta: Any, qubit0: Any, qubit1: Any) -> None:
    """Molmer-Sorensen: a rotation by theta about the product of two equatorial axes; all angles in turns."""

def gphase(gamma: Any) -> None:
    """A phase exp(i gamma) of the whole state; with controls, of the states that fulfil them."""

def cnot(control: Any, target: Any) -> None:
    """X on the second qubit when the first is 1. The same as `cx`."""

def toffoli(control0: Any, control1: Any, target: Any) -> None:
    """X on the third qubit when the first two are 1. The same as `ccx`."""

def fredkin(control: Any, qubit0: Any, qubit1: Any) -> None:
    """Exchanges the second and third qubit when the first is 1. The same as `cswap`."""

def phase(lam: Any, qubit: Any) -> None:
    """Phase diag(1, exp(i lambda)). The same as `p`."""

def control(gate: Any, n: Any = 1, ctrl_state: Any = None) -> Callable[..., Any]:
    """The gate, circuit or circuit function with `n` more controls; they are the first qubits of a call.
    `ctrl_state` is a string of 0 and 1, the first control rightmost.
    """

def inverse(gate: Any) -> Callable[..., Any]:
    """The inverse of a gate, a circuit or a circuit function."""

def power(gate: Any, k: Any) -> Callable[..., Any]:
    """A real power of a gate, a circuit or a circuit function (the principal one)."""

def measure(qubits: Any, bits: Any = None, basis: Any = "Z") -> Any:
    """Measure a qubit or a register, into given classical bits or new ones. Gives the measured bit (or bits): a
    condition for `if` and `while`, and outside conditions the counts of these bits. `basis` is X, Y or Z.
    """

def measure_all(qubits: Any = None, basis: Any = "Z") -> Any:
    """Measure every qubit of the circuit, or of the given register, into new bits. Returned, they are the counts."""

def reset(*qubits: Any) -> None:
    """Set qubits to |0>, whatever they were."""

def barrier(*qubits: Any) -> None:
    """No gate is moved over a barrier by the compiler. Without arguments it spans the whole circuit."""

def delay(duration: Any, *qubits: Any, unit: Any = "ns") -> None:
    """Let qubits idle; the unit is ns, us, ms, s or dt (samples of the device)."""

class Param(_Value):
    """A circuit parameter, or a list of `size` of them (`name[0]`, `name[1]`, …). Angles may be sums of parameters
    times numbers. Values are given where the circuit runs.
    """

    def __init__(self, name: Any, size: Any = None) -> None: ...

class Observable(_Value):
    """A weighted sum of Pauli strings, from a dict {label: weight}, a list of (label, weight), or one label. A
    label is sparse (`X0 Z3`) or dense (`ZIIX`, qubit 0 rightmost). Observables add, subtract, scale and
    multiply.
    """

    def __init__(self, terms: Any, n_qubits: Any = None) -> None: ...

def pauli(label: Any, n_qubits: Any = None) -> Any:
    """One Pauli string as an observable: `pauli('Z0 Z1')`."""

def run(circuit: Any, params: Any = None, shots: Any = None) -> Any:
    """Run a circuit and sample it. One without measurements is measured on all qubits. The result has `counts`,
    `probabilities`, `shots`, `most_common()` and `expectation(bits=None)`, the mean Z parity of bits.
    """

def sample(circuit: Any, params: Any = None, shots: Any = None) -> Any:
    """The counts of a run."""

class ExpectationValue(_Value):
    """The mean of an observable after a circuit. `shots=None` is exact; a number estimates it from that many
    shots, shared among groups of commuting terms. Final measurements of the circuit are left out.
    """

    def __init__(self, circuit_or_ansatz: Any, observable: Any, params: Any = None, shots: Any = None) -> None: ...

def probability(circuit: Any, bits: Any, params: Any = None, shots: Any = None) -> float:
    """The probability of one outcome, qubit 0 rightmost; exact for `shots=None`."""

def overlap(a: Any, b: Any, params_a: Any = None, params_b: Any = None, shots: Any = None) -> float:
    """The fidelity |<a|b>|^2 of the states of two circuits, as the probability to return to zero under `a`
    followed by the inverse of `b`. A penalty with it finds excited states (deflation).
    """

def minimize(
    objective: Any,
    initial_guess: Any,
    method: Any = "cobyla",
    max_iter: Any = None,
    tolerance: Any = None,
    bounds: Any = None,
    options: Any = None,
    **more: Any,
) -> Any:
    """Minimise a function of a vector of numbers. Methods: cobyla, nelder-mead, powell, l-bfgs-b, slsqp, bfgs, cg,
    spsa, adam, sgd, rotosolve; gradients are exact where the cost function has them. Options of the method may
    be keywords (`learning_rate=0.1`). The result has `optimal_value`, `optimal_parameters`, `success`,
    `iterations`, `evaluations`, `history`, `message`.
    """

def evolve(
    hamiltonian: Any,
    time: Any,
    times: Any = None,
    observables: Any = None,
    initial: Any = None,
    collapse: Any = None,
    params: Any = None,
    shots: Any = None,
    method: Any = "auto",
    tolerance: Any = 1e-10,
    order: Any = 2,
    steps: Any = 0,
    trajectories: Any = 1000,
) -> Any:
    """The dynamics of a state under a Hamiltonian, hbar = 1: an observable, or a list of pairs (observable,
    coefficient) with numbers, `Param`s or drives as coefficients. The result has `values` (one row for each of
    `times`, one column for each of `observables`), `errors`, `final` (the last row), `times`, and `counts` of
    the final state when `shots` are given. `initial` is a bit string or a circuit. `collapse` is a list of
    (operator, rate) with `S-0` (decay), `S+0`, `N0` or a Pauli string: then the Lindblad equation holds, by its
    density matrix or as the mean of `trajectories` with standard errors. Methods: auto, krylov, chebyshev,
    magnus, trotter (of an `order` with so many `steps`), density, trajectories; `tolerance` bounds the error of
    the state.
    """

def cosine_drive(omega: Any, phase: Any = 0.0) -> Any:
    """The function cos(omega t + phase) of time, as a coefficient in `evolve`. Drives add, subtract and multiply,
    with each other, with numbers and `Param`s.
    """

def sine_drive(omega: Any, phase: Any = 0.0) -> Any:
    """The function sin(omega t + phase) of time."""

def gaussian_drive(center: Any, width: Any) -> Any:
    """The function exp(-(t - center)^2 / (2 width^2)) of time: a pulse."""

def polynomial_drive(coefficients: Any) -> Any:
    """The function c[0] + c[1] t + c[2] t^2 + ... of time: a ramp."""

def table_drive(times: Any, values: Any, linear: Any = True) -> Any:
    """Values at ascending times, joined by straight lines, or each held until the next time. The outer values hold
    beyond them.
    """

def modes(n: Any) -> Any:
    """A register of n modes of light in the vacuum, with hbar = 2: x = a + a^, p = -i (a - a^), where a^ is the
    creation operator, and the vacuum has variance 1. Operations are written into it and `run_modes` runs it.
    Their parameters may be `Param`s, run-time values, and outcomes that were measured before. A mode that was
    measured is gone.
    """

def prepare_vacuum(mode: Any) -> None:
    """Prepares the vacuum. Of a register, each mode."""

def prepare_coherent(r: Any, mode: Any, phi: Any = 0.0) -> None:
    """Prepares the coherent state of alpha = r exp(i phi). Of a register, each mode."""

def prepare_squeezed(r: Any, mode: Any, phi: Any = 0.0) -> None:
    """Prepares SQUEEZE(r, phi) of the vacuum. Of a register, each mode."""

def prepare_thermal(n: Any, mode: Any) -> None:
    """Prepares the thermal state of n photons on average. Of a register, each mode."""

def prepare_fock(n: Any, mode: Any) -> None:
    """Prepares n photons. Of a register, each mode."""

def prepare_cat(r: Any, mode: Any, phi: Any = 0.0, parity: Any = 0) -> None:
    """Prepares |alpha> + |-alpha> (parity 0) or |alpha> - |-alpha> (parity 1), normalised. Of a register, each
    mode.
    """

def rotate(phi: Any, mode: Any) -> None:
    """exp(i phi n): a becomes a exp(i phi). Of a register, each mode."""

def displace(r: Any, mode: Any, phi: Any = 0.0) -> None:
    """exp(alpha a^ - alpha* a): a becomes a + alpha. Of a register, each mode."""

def squeeze(r: Any, mode: Any, phi: Any = 0.0) -> None:
    """exp((z* a a - z a^ a^) / 2) of z = r exp(i phi): with phi = 0 the variance of x becomes exp(-2r) times as
    large, that of p exp(2r) times. Of a register, each mode.
    """

def two_mode_squeeze(r: Any, first: Any, second: Any, phi: Any = 0.0) -> None:
    """exp(z a^ b^ - z* a b) of z = r exp(i phi): with phi = 0 the variances of x_a - x_b and p_a + p_b become
    exp(-2r) times as large.
    """

def beamsplitter(theta: Any, first: Any, second: Any, phi: Any = 0.0) -> None:
    """exp(theta (exp(i phi) a b^ - exp(-i phi) a^ b)): a becomes a cos(theta) - b exp(-i phi) sin(theta), b
    becomes b cos(theta) + a exp(i phi) sin(theta). Its transmissivity is cos(theta)^2.
    """

def kerr(kappa: Any, mode: Any) -> None:
    """exp(i kappa n^2). Of a register, each mode."""

def cross_kerr(kappa: Any, first: Any, second: Any) -> None:
    """exp(i kappa n_a n_b)."""

def cubic_phase(gamma: Any, mode: Any) -> None:
    """exp(i gamma x^3 / 6): with hbar = 2, gamma x^3 / (3 hbar). Of a register, each mode."""

def loss(transmissivity: Any, mode: Any) -> None:
    """A beamsplitter with a vacuum that is lost: of the energy, `transmissivity` stays. Of a register, each mode."""

def measure_homodyne(mode: Any, phi: Any = 0.0) -> Any:
    """Measures the quadrature x cos(phi) + p sin(phi). The outcome is a number of the shot: a later operation on
    the same register may depend on it, affinely.
    """

def measure_heterodyne(mode: Any) -> Any:
    """Measures alpha: a pair of outcomes, its real and its imaginary part, each with the noise of a vacuum
    besides.
    """

def measure_photons(*modes: Any) -> Any:
    """Counts the photons of modes, at once. Where nothing but photons is measured, the result has `counts`: how
    often each pattern came, such as `'2,0'`, in the order in which modes were measured.
    """

def measure_threshold(*modes: Any) -> Any:
    """Tells of modes, at once, whether each holds photons (1) or none (0)."""

def photon_number(mode: Any) -> Any:
    """The mean number of photons, as an observable of `run_modes`. Of a register, one for each mode."""

def quadrature(mode: Any, phi: Any = 0.0) -> Any:
    """The mean of x cos(phi) + p sin(phi), as an observable of `run_modes`."""

def quadrature_variance(mode: Any, phi: Any = 0.0) -> Any:
    """The variance of x cos(phi) + p sin(phi), as an observable of `run_modes`; that of the vacuum is 1."""

def photon_pattern(counts: Any) -> Any:
    """The probability of one number of photons in each mode, as an observable of `run_modes`."""

def run_modes(modes: Any, observables: Any = None, params: Any = None, shots: Any = None) -> Any:
    """Runs what was written into a register of modes so far, on a device that has modes. Where something is
    measured, the result has `samples`, a row for each of the `shots` and a column for each number that was
    measured, and `counts`; otherwise `values`, one for each of `observables`, exactly. `params` are the values
    of its `Param`s.
    """

def create_ising_model_hamiltonian(
    n_spins: Any = None, J: Any = 1.0, h: Any = 0.0, periodic: Any = False, field: Any = "transverse"
) -> Any:
    """The Ising model: the sum over pairs i < j of J_ij Z_i Z_j plus the sum of h_i X_i (`field='longitudinal'`:
    h_i Z_i). `J` is a number, for neighbours on a chain (a ring when `periodic`), or a matrix, symmetric or one
    triangle, in which each pair counts once. Signs are as written: J < 0 is ferromagnetic.
    """

def create_heisenberg_hamiltonian(n_spins: Any, J: Any = 1.0, h: Any = 0.0, periodic: Any = False) -> Any:
    """The Heisenberg chain: the sum over neighbours of Jx X X + Jy Y Y + Jz Z Z plus the sum of h_i Z_i; `J` is
    one number or (Jx, Jy, Jz).
    """

def create_maxcut_hamiltonian(graph: Any, n_nodes: Any = None) -> Any:
    """MaxCut of a graph (edges `(i, j)` or `(i, j, weight)`, or a matrix of weights): the sum of w (Z_i Z_j - 1) /
    2. Its lowest value is minus the weight of the largest cut.
    """

def create_number_partition_hamiltonian(numbers: Any) -> Any:
    """Number partitioning: the square of the sum of a_i Z_i. Its lowest value is the least squared difference of
    two halves.
    """

def create_h2_hamiltonian(bond_length: Any = 0.735) -> Any:
    """The hydrogen molecule in the STO-3G basis at `bond_length` angstrom on 4 qubits (Jordan-Wigner, spin orbital
    2p + spin), in hartree, nuclear repulsion included; the integrals are computed. At 0.735 angstrom the ground
    energy is -1.137306 Ha.
    """

def exact_ground_energy(hamiltonian: Any) -> float:
    """The lowest eigenvalue of an observable on at most 12 qubits, computed while compiling (Lanczos)."""

def create_hea_ansatz(
    n_qubits: Any,
    depth: Any = 1,
    entanglement: Any = "linear",
    rotations: Any = "ry",
    entangler: Any = "cx",
    final_rotation: Any = False,
) -> Any:
    """The hardware-efficient ansatz: `depth` layers of `rotations` (rx, ry, rz, p, joined as in `"ryrz"` or a
    list) on every qubit, each followed by `entangler` gates along `entanglement` (linear, reverse_linear,
    circular, full, pairwise, none, or a list of pairs), and a last rotation layer with `final_rotation`.
    num_params = (depth + final_rotation) * n_qubits * number of rotations; entanglers with an angle (crx, cry,
    crz, cp, rxx, ryy, rzz, rzx) add one for each pair and layer.
    """

def create_real_amplitudes_ansatz(n_qubits: Any, depth: Any = 3, entanglement: Any = "linear") -> Any:
    """RY layers and CX entanglers with a last RY layer: states with real amplitudes."""

def create_efficient_su2_ansatz(n_qubits: Any, depth: Any = 3, entanglement: Any = "linear") -> Any:
    """RY and RZ layers and CX entanglers with a last rotation layer."""

def create_uccsd_ansatz(n_qubits: Any, n_electrons: Any, repetitions: Any = 1) -> Any:
    """Unitary coupled cluster with singles and doubles on the Hartree-Fock state of `n_electrons` electrons in
    `n_qubits` spin orbitals (spin orbital 2p + spin): one parameter for each excitation, singles first;
    particle number and spin projection are conserved.
    """

def create_qaoa_ansatz(hamiltonian: Any, layers: Any = 1) -> Any:
    """The quantum approximate optimisation ansatz of a Hamiltonian C: H on all qubits, then `layers` times exp(-i
    gamma C) exp(-i beta sum X). Parameters alternate: gamma, beta of the first layer, then of the next.
    """

def load_dataset(name: Any, n_samples: Any = None, noise: Any = None, seed: Any = 0, n_features: Any = None) -> Any:
    """A data set with `features`, `labels`, `n_samples`, `n_features`, `classes`: one that the job brings in
    `spec.input_refs` by its sha256, or a built-in one. Built in are moons, circles, xor and blobs (two
    features; `n_samples`, `noise`) and parity (all strings of `n_features` bits); `seed` fixes noise and order.
    """

def angle_encoding(n_qubits: Any, rotation: Any = "ry", repetitions: Any = 1, scale: Any = 1.0) -> Any:
    """A feature map: feature k times `scale` is the angle of a rotation of qubit k (after a Hadamard for rz and
    p). Repetitions (data re-uploading) are separated by CZ gates on a ring.
    """

def zz_feature_map(n_qubits: Any, repetitions: Any = 2, entanglement: Any = "full") -> Any:
    """A feature map: Hadamards, P(2 x_k), and CX P(2 (pi - x_i)(pi - x_j)) CX for each entangled pair (Havlicek et
    al., Nature 567, 209 (2019)).
    """

class QuantumModel(_Value):
    """f(x; w): the expectation value of `readout` (Z of qubit 0) after the feature map of x and the ansatz with
    weights w. The feature map may also be a `@quantum_circuit` function (q, x). `predict(x, weights)` is f.
    """

    def __init__(self, feature_map: Any, ansatz: Any, readout: Any = None) -> None: ...

class SupervisedTask(_Value):
    """Training of a model: `train()` minimises the loss (mse, cross_entropy, hinge) on the training rows and gives
    `weights`, `loss_history`, `train_metric`, `test_metric`, `predictions` of the held-out rows, and
    `baseline_metric`, the same metric of a classical baseline on the same split (logistic regression; least
    squares for the metrics mse and r2). The class of the smaller label is where f is positive.
    """

    def __init__(
        self,
        model: Any,
        dataset: Any,
        loss: Any = "mse",
        optimizer: Any = "adam",
        metric: Any = "accuracy",
        batch_size: Any = None,
        epochs: Any = 10,
        *,
        learning_rate: Any = None,
        test_fraction: Any = 0.25,
        seed: Any = 0,
        shots: Any = None,
        options: Any = None,
    ) -> None: ...

def visualize_circuit(circuit: Any, width: Any = 100) -> str:
    """The drawing of a circuit as a string; qubit 0 is the top line."""

def get_program_ast() -> dict[str, Any]:
    """The syntax tree of the program itself as dicts: `kind`, `line`, `column` and the fields of each node."""
