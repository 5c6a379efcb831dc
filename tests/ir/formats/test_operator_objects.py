"""Pauli sums of other packages as observables, against the matrices that these packages have of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from qiskit.circuit import Parameter
from qiskit.quantum_info import Pauli, SparsePauliOp

from eigen.errors import EigenError
from eigen.ir.formats.operators import load_observable


def turned(matrix: Any) -> np.ndarray:
    """A matrix whose first factor is the most significant one, the other way round."""
    dense = np.asarray(matrix)
    width = dense.shape[0].bit_length() - 1
    order = [int(format(k, f"0{width}b")[::-1], 2) for k in range(1 << width)]
    return dense[np.ix_(order, order)]


def test_qiskit_operators_keep_their_width_and_order() -> None:
    operator = SparsePauliOp(["IXYZI", "ZIIII", "IIIII", "IXYZI"], [0.3, -0.2, 1.5, 0.1])
    made = load_observable(operator)
    assert made.num_qubits == 5
    assert np.allclose(made.matrix(), operator.to_matrix())
    assert np.allclose(load_observable(Pauli("-XZI")).matrix(), Pauli("-XZI").to_matrix())
    assert load_observable(SparsePauliOp(["ZI"]), num_qubits=4).num_qubits == 4


def test_cirq_operators_are_read() -> None:
    cirq = pytest.importorskip("cirq")
    line = cirq.LineQubit.range(4)
    operator = 0.3 * cirq.X(line[0]) * cirq.Z(line[3]) - 2 * cirq.Y(line[1]) + 0.5
    assert np.allclose(load_observable(operator).matrix(), turned(operator.matrix(line)))
    named = [cirq.NamedQubit(name) for name in ("b", "a")]
    single = 0.7 * cirq.X(named[0]) * cirq.Y(named[1])
    assert load_observable(single).terms == [("Y0 X1", 0.7)]
    assert load_observable(single, places=named).terms == [("X0 Y1", 0.7)]


def test_pennylane_operators_are_read() -> None:
    qml = pytest.importorskip("pennylane")
    operator = 0.3 * qml.X(0) @ qml.Z(2) + qml.Y(1) - 2 * qml.Identity(0)
    assert np.allclose(load_observable(operator).matrix(), turned(qml.matrix(operator, wire_order=[0, 1, 2])))
    hamiltonian = qml.Hamiltonian([0.1, 0.2], [qml.Z(0), qml.X(0) @ qml.X(1)])
    assert np.allclose(load_observable(hamiltonian).matrix(), turned(qml.matrix(hamiltonian, wire_order=[0, 1])))
    assert load_observable(qml.Z("b") @ qml.X("a"), places=["a", "b"]).terms == [("X0 Z1", 1.0)]
    with pytest.raises(EigenError, match="Hermitian"):
        load_observable(qml.Hermitian(np.eye(2), wires=0))


def test_openfermion_operators_are_read() -> None:
    openfermion = pytest.importorskip("openfermion")
    operator = openfermion.QubitOperator("X0 Y2", 0.3) - openfermion.QubitOperator("Z1", 2.0)
    operator += openfermion.QubitOperator("", 0.25)
    expected = openfermion.get_sparse_operator(operator, n_qubits=3).toarray()
    assert np.allclose(load_observable(operator).matrix(), turned(expected))


def test_openfermion_fermions_are_mapped_as_it_is_said() -> None:
    openfermion = pytest.importorskip("openfermion")
    hopping = openfermion.FermionOperator("1^ 0", 0.7) + openfermion.FermionOperator("0^ 1", 0.7)
    hubbard = hopping + openfermion.FermionOperator("2^ 2", -0.4) + openfermion.FermionOperator("2^ 2 0^ 0", 1.3)
    expected = np.linalg.eigvalsh(openfermion.get_sparse_operator(hubbard, n_qubits=3).toarray())
    for mapping in ("jordan-wigner", "bravyi-kitaev"):
        made = load_observable(hubbard, mapping=mapping, num_qubits=3)
        assert np.allclose(np.linalg.eigvalsh(made.matrix()), expected)
    chain = openfermion.get_sparse_operator(hubbard, n_qubits=3).toarray()
    assert np.allclose(load_observable(hubbard, mapping="jordan-wigner").matrix(), turned(chain))
    for mapping, word in (("", "no `mapping` says how"), ("parity", "`parity` is no mapping")):
        with pytest.raises(EigenError, match=word):
            load_observable(hubbard, mapping=mapping)
    with pytest.raises(EigenError, match="not real"):
        load_observable(openfermion.FermionOperator("1^ 0"), mapping="jordan-wigner")
    with pytest.raises(EigenError, match="takes no mapping"):
        load_observable(openfermion.QubitOperator("X0"), mapping="jordan-wigner")


def test_openfermion_molecules_are_mapped() -> None:
    openfermion = pytest.importorskip("openfermion")
    draw = np.random.default_rng(5)
    one = draw.normal(size=(4, 4))
    molecule = openfermion.InteractionOperator(0.3, one + one.T, np.zeros((4, 4, 4, 4)))
    made = load_observable(molecule, mapping="jordan-wigner")
    assert np.allclose(made.matrix(), turned(openfermion.get_sparse_operator(molecule).toarray()))


def test_qutip_operators_are_read() -> None:
    qutip = pytest.importorskip("qutip")
    operator = qutip.rand_herm([2, 2, 2], seed=3)
    assert np.allclose(load_observable(operator).matrix(), turned(operator.full()), atol=1e-12)
    tiny = qutip.Qobj(np.kron(np.diag([1.0, -1.0]), np.array([[1.0, 1e-20], [1e-20, 1.0]])), dims=[[2, 2], [2, 2]])
    assert load_observable(tiny, num_qubits=3).terms == [("Z0", 1.0), ("Z0 X1", 1e-20)]
    for other, word in ((qutip.sigmap(), "not real"), (qutip.num(3), "no qubits"), (qutip.basis(2, 0), "no operator")):
        with pytest.raises(EigenError, match=word):
            load_observable(other)


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: SparsePauliOp(["X"], [1j]), "not real"),
        (lambda: SparsePauliOp(["X"], np.array([Parameter("a")])), "no number"),
        (lambda: Pauli("iX"), "imaginary"),
        (lambda: "X0", "str"),
    ],
)
def test_what_is_no_observable_is_refused_by_name(make: Any, word: str) -> None:
    with pytest.raises(EigenError, match=word) as caught:
        load_observable(make())
    assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"


def test_an_operator_wider_than_asked_for_is_refused() -> None:
    with pytest.raises(EigenError, match="`2`"):
        load_observable(SparsePauliOp(["ZI"]), num_qubits=1)
