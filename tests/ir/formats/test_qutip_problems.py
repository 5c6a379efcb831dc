"""Problems of QuTiP's solvers as evolutions: the same expectation values, and what cannot be carried."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import eigen
from eigen.errors import EigenError
from eigen.ir import Evolution, Propagation

qutip = pytest.importorskip("qutip")

from scipy.interpolate import CubicSpline  # noqa: E402

from eigen.ir.formats.qutip import load_evolution  # noqa: E402

EXACT = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 100_000}
CLOSE = 1e-7
"""QuTiP's solvers at `EXACT` are that far from the truth here, and so may be the two from each other."""
N = 3
TIMES = np.linspace(0.0, 3.0, 7)
SAMPLES = np.linspace(0.3, 2.7, 31)


def on(qubit: int, operator: Any) -> Any:
    """An operator on one qubit of the three."""
    return qutip.tensor(*[operator if place == qubit else qutip.qeye(2) for place in range(N)])


X, Y, Z = (tuple(on(k, letter()) for k in range(N)) for letter in (qutip.sigmax, qutip.sigmay, qutip.sigmaz))
H = 0.7 * Z[0] * Z[1] - 0.4 * Z[1] * Z[2] + 0.3 * X[0] + 0.2 * Y[1] * X[2] + 0.1 * X[2] + 0.5
E_OPS = [Z[0], Y[1] + X[2] - 0.2, X[0] * Y[1] * Z[2], on(2, qutip.num(2))]
ENTANGLED = qutip.rand_ket([2] * N, seed=3)


def agree(hamiltonian: Any, state: Any, c_ops: Any = None, *, times: Any = TIMES, args: Any = None) -> Evolution:
    """Follows a problem here and there, and compares all expectation values."""
    made = load_evolution(hamiltonian, state, times, c_ops, e_ops=E_OPS, args=args)
    values, _, _ = Propagation(made).run()
    theirs = qutip.mesolve(hamiltonian, state, times, c_ops, e_ops=E_OPS, args=args, options=EXACT)
    assert np.abs(values - np.array(theirs.expect).T).max() < CLOSE
    return made


@pytest.mark.parametrize(
    "state",
    [
        qutip.basis([2] * N, [0, 1, 1]),
        qutip.tensor(*[qutip.rand_ket(2, seed=seed) for seed in range(N)]),
        (qutip.basis([2] * N, [0, 0, 1]) + qutip.basis([2] * N, [1, 1, 0])).unit(),
        ENTANGLED,
        qutip.ket2dm(ENTANGLED),
    ],
    ids=["bits", "product", "cat", "any ket", "pure density matrix"],
)
def test_constant_hamiltonians_agree(state: Any) -> None:
    agree(H, state)
    agree([H, Z[0]], state, times=TIMES + 1.5)


@pytest.mark.parametrize("num_qubits", [1, 2, 5])
def test_initial_states_are_prepared(num_qubits: int) -> None:
    for seed in range(4):
        state = qutip.rand_ket([2] * num_qubits, seed=seed)
        zero = load_evolution(0 * qutip.qeye([2] * num_qubits), state, [0.0, 1.0]).preparation()
        made = Propagation(Evolution([("Z0", 0.0)], 1.0, initial=zero, num_qubits=num_qubits)).state()
        expected = state.full()[:, 0].reshape([2] * num_qubits).transpose().reshape(-1)
        assert abs(abs(np.vdot(expected, made)) - 1) < 1e-12


@pytest.mark.parametrize(
    "operator",
    [
        0.4 * on(0, qutip.sigmam()),
        np.sqrt(0.3) * on(1, qutip.destroy(2)),
        0.2j * Z[2],
        0.3 * on(1, qutip.fock_dm(2, 1)),
        0.3 * on(0, qutip.fock_dm(2, 0)),
        0.2 * Z[0] + 0.1j,
        0.1 * X[0] * Y[2] + 0.05,
        0.3 * on(1, qutip.sigmam()) + (0.2 + 0.1j),
        0 * Z[0],
    ],
    ids=["lower", "destroy", "dephasing", "|1><1|", "|0><0|", "Z and i", "XY and 1", "shifted", "zero"],
)
def test_collapse_operators_agree(operator: Any) -> None:
    agree(H, ENTANGLED, [operator])


def test_collapse_operators_add_up() -> None:
    made = agree(H, ENTANGLED, [0.4 * Z[0], 0.3 * Z[0], on(1, qutip.sigmap()), qutip.QobjEvo(0.2 * X[2])])
    assert dict(made.collapse) == pytest.approx({"Z0": 0.25, "S-1": 1.0, "X2": 0.04})


@pytest.mark.parametrize("order", range(5))
def test_samples_agree_with_the_spline_that_qutip_lays_through_them(order: int) -> None:
    drive = qutip.coefficient(np.sin(3 * SAMPLES), tlist=SAMPLES, order=order)
    agree(qutip.QobjEvo([H, [Z[0] + X[1], drive], [Z[0], 0.3]]), ENTANGLED)


def test_other_coefficients_agree() -> None:
    times = np.linspace(1.0, 3.0, 21)
    spline = CubicSpline(times, np.cos(times))
    sampled = qutip.coefficient(np.sin(times), tlist=times)
    agree([H, [Z[0], np.cos(times)], [X[1], spline], [Y[2], sampled * sampled + sampled]], ENTANGLED, times=times)


@pytest.mark.filterwarnings("ignore:.*required for compilation of string coefficents")
def test_texts_agree() -> None:
    hamiltonian = [
        H,
        [Z[0], "A*cos(w*t + 0.2) + t**2/4 - (1 + t)*(2 - t)/3"],
        [Y[1], "2*exp(-(t - 1)**2/0.5)*np.sin(2*pi*t)"],
        [X[2], "sqrt(A)/2 - cos(w*t)**2"],
    ]
    agree(hamiltonian, ENTANGLED, times=TIMES + 0.5, args={"A": 1.5, "w": 2.0})
    agree(qutip.QobjEvo([H, [Z[0], "A*sin(t)"]], args={"A": 0.7}), ENTANGLED)


@pytest.mark.filterwarnings("ignore:.*required for compilation of string coefficents")
def test_rotating_drives_agree() -> None:
    raising, lowering = on(0, qutip.sigmap()), on(0, qutip.sigmam())
    args = {"w": 1.7, "phi": 0.4}
    turning = [[raising, "0.5*exp(1j*(w*t + phi))"], [lowering, "0.5*exp(-1j*(w*t + phi))"]]
    pulses = [[raising, "exp(-(t - 1)**2 - 1j*w*t)*t"], [lowering, "conj(exp(-(t - 1)**2 - 1j*w*t))*t"]]
    for drive in (turning, pulses):
        agree([H, *drive], ENTANGLED, args=args)
        agree([H, *drive], ENTANGLED, times=TIMES + 0.7, args=args)
    times = np.linspace(0.0, 3.0, 31)
    samples = np.exp(1.7j * times) * (1 + times)
    agree([H, [raising, samples], [lowering, samples.conj()]], ENTANGLED, times=times)


def test_hamiltonians_keep_small_terms_and_take_many_qubits() -> None:
    many = 12
    chain = sum(
        qutip.tensor(*[qutip.sigmaz() if k in (j, j + 1) else qutip.qeye(2) for k in range(many)])
        for j in range(many - 1)
    )
    small = 1e-13 * qutip.tensor(qutip.sigmax(), *[qutip.qeye(2)] * (many - 1))
    made = load_evolution(chain + small, qutip.basis([2] * many, [0] * many), [0.0, 1.0])
    assert dict(made.hamiltonian) == {"X0": 1e-13} | {f"Z{k} Z{k + 1}": 1.0 for k in range(11)}


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((qutip.destroy(3), qutip.basis(3, 0), TIMES), r"dims `\[\[3\], \[3\]\]`"),
        ((qutip.liouvillian(H), ENTANGLED, TIMES), "`super`"),
        ((lambda t: H, ENTANGLED, TIMES), "function of Python's"),
        ((qutip.QobjEvo(lambda t: H), ENTANGLED, TIMES), "function of Python's"),
        (([H, [Z[0], lambda t: t]], ENTANGLED, TIMES), "a Python function as a coefficient"),
        (([H, [Z[0], np.ones(3)]], ENTANGLED, TIMES), "`3` samples"),
        (([H, [Z[0], 1j * TIMES]], ENTANGLED, TIMES), "not Hermitian"),
        (([H, [on(0, qutip.sigmap()), TIMES]], ENTANGLED, TIMES), "not Hermitian"),
        (([H, [Z[0], "exp(-t)"]], ENTANGLED, TIMES), "`exp` of a function of time"),
        (([H, [Z[0], "exp(1j*t)"]], ENTANGLED, TIMES), "not Hermitian"),
        (([H, [Z[0], "exp(1j*t**2)"]], ENTANGLED, TIMES), "`exp` of a function of time"),
        (([H, [Z[0], "__import__('os')"]], ENTANGLED, TIMES), "is not read here"),
        (([H, [Z[0], "w*t"]], ENTANGLED, TIMES), "no `w` in `args`"),
        (([H, [Z[0], "1/0*t"]], ENTANGLED, TIMES), "division by zero"),
        (([H, [Z[0], "9**9**9**9"]], ENTANGLED, TIMES), "carried"),
        (([H, [Z[0], "(" * 5000 + "t"]], ENTANGLED, TIMES), "carried"),
        (([], ENTANGLED, TIMES), "empty list"),
        (("H", ENTANGLED, TIMES), "`str`"),
        ((1j * H, ENTANGLED, TIMES), "not Hermitian"),
        ((H, 0.5 * ENTANGLED, TIMES), "norm `0.5"),
        ((H, qutip.basis(2, 0), TIMES), "not those of 3 qubits"),
        ((H, 0.5 * qutip.ket2dm(ENTANGLED) + 0.5 * qutip.fock_dm([2] * N, [0] * N), TIMES), "is mixed"),
        ((H, "psi", TIMES), "no ket"),
        ((H, ENTANGLED, []), "ascending times"),
        ((H, ENTANGLED, [1.0, 0.0]), "ascending times"),
        ((H, ENTANGLED, None), "ascending times"),
        ((H, ENTANGLED, TIMES, [on(0, qutip.sigmam()) + on(1, qutip.sigmam())]), r"`c_ops\[0\]` is a sum of `4`"),
        ((H, ENTANGLED, TIMES, [[Z[0], "t"]]), r"`c_ops\[0\]` is a function of time"),
        ((H, ENTANGLED, TIMES, [qutip.sigmaz()]), "acts on `1` qubits"),
    ],
)
def test_what_cannot_be_carried_is_refused_by_name(arguments: Any, word: str) -> None:
    with pytest.raises(EigenError, match=word) as caught:
        load_evolution(*arguments)
    assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"


@pytest.mark.parametrize(
    ("e_ops", "word"),
    [
        ([on(0, qutip.sigmap())], "not Hermitian"),
        ({"mine": lambda t, state: 1.0}, r"`e_ops\[mine\]` is a function of Python's"),
        ("Z", "no list"),
    ],
)
def test_other_expectations_are_refused(e_ops: Any, word: str) -> None:
    with pytest.raises(EigenError, match=word):
        load_evolution(H, ENTANGLED, TIMES, e_ops=e_ops)


def test_a_problem_is_a_job() -> None:
    c_ops = [0.3 * on(0, qutip.sigmam())]
    problem = load_evolution(H, qutip.basis([2] * N, [0, 0, 1]), TIMES, c_ops, e_ops=E_OPS, name="three spins")
    theirs = qutip.mesolve(H, qutip.basis([2] * N, [0, 0, 1]), TIMES, c_ops, e_ops=E_OPS, options=EXACT)
    with eigen.connect() as client:
        results = client.run(problem)
        assert client.status(results.job_id).name == "three spins"
    assert np.abs(np.array(results.outputs["values"]) - np.array(theirs.expect).T).max() < CLOSE
