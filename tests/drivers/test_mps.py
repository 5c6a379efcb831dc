"""The matrix-product-state device beyond the contract: wide circuits against free fermions, what goes on the record."""

from __future__ import annotations

from math import cos, sin

import numpy as np
import pytest

from eigen import _core
from eigen.drivers.native import MPS, NativeDriver
from eigen.errors import EigenError
from eigen.router.features import Features, Question
from eigen.router.route import route
from eigen.types import ExpectationWork, GradientWork, SampleWork


@pytest.fixture
def driver() -> NativeDriver:
    made = NativeDriver()
    made.initialize({})
    return made


def ising(width: int, steps: int, angle_zz: float, angle_x: float) -> _core.Circuit:
    """Trotter steps of the transverse-field Ising chain from |0...0>: exp(-i a/2 ZZ) on all bonds, exp(-i b/2 X)."""
    builder = _core.CircuitBuilder(width)
    for _ in range(steps):
        for first in (0, 1):
            for qubit in range(first, width - 1, 2):
                builder.gate("RZZ", [qubit, qubit + 1], [angle_zz])
        for qubit in range(width):
            builder.gate("RX", [qubit], [angle_x])
    return builder.build()


def free_fermions(width: int, steps: int, angle_zz: float, angle_x: float) -> tuple[np.ndarray, np.ndarray]:
    """The same circuit's <X_j> and <Z_j Z_{j+1}> from the 2n Majorana modes of the Jordan-Wigner transformation.

    a_j = X_0...X_{j-1} Z_j and b_j = X_0...X_{j-1} Y_j, so that X_j = i a_j b_j and Z_j Z_{j+1} = i b_j a_{j+1}: each
    gate turns one plane of modes. |0...0> is the sum of two Gaussian states, even and odd under the flip of all qubits;
    in both every bond is +1, and i a_0 b_{n-1}, which ties the two ends, is the parity. The observables mix none.
    """
    even, odd = (_one_parity(width, steps, angle_zz, angle_x, parity) for parity in (1.0, -1.0))
    return (even[0] + odd[0]) / 2, (even[1] + odd[1]) / 2


def _one_parity(
    width: int, steps: int, angle_zz: float, angle_x: float, parity: float
) -> tuple[np.ndarray, np.ndarray]:
    size = 2 * width
    # Gamma_kl = i <m_k m_l> for k != l, with modes ordered a_0, b_0, a_1, b_1 ...
    gamma = np.zeros((size, size))
    bonds = [(2 * j + 1, 2 * j + 2) for j in range(width - 1)]
    fields = [(2 * j, 2 * j + 1) for j in range(width)]
    for k, m, value in [*((b, a, 1.0) for b, a in bonds), (0, size - 1, parity)]:
        gamma[k, m], gamma[m, k] = value, -value

    def turn(k: int, m: int, angle: float) -> None:
        # exp(-i angle/2 (i m_k m_m)) takes m_k to cos m_k -+ sin m_m.
        rotation = np.eye(size)
        rotation[k, k] = rotation[m, m] = cos(angle)
        rotation[k, m], rotation[m, k] = sin(angle), -sin(angle)
        gamma[:] = rotation @ gamma @ rotation.T

    for _ in range(steps):
        for b, a in bonds:
            turn(b, a, angle_zz)
        for a, b in fields:
            turn(a, b, angle_x)
    return np.array([gamma[a, b] for a, b in fields]), np.array([gamma[b, a] for b, a in bonds])


@pytest.mark.parametrize(("width", "steps"), [(6, 9), (100, 12)])
def test_an_ising_chain_agrees_with_free_fermions(driver: NativeDriver, width: int, steps: int) -> None:
    angle_zz, angle_x = -0.22, -0.31
    circuit = ising(width, steps, angle_zz, angle_x)
    fields, bonds = free_fermions(width, steps, angle_zz, angle_x)
    for label, expected in [
        ("X0", fields[0]),
        (f"X{width // 2}", fields[width // 2]),
        ("Z0 Z1", bonds[0]),
        (f"Z{width // 2 - 1} Z{width // 2}", bonds[width // 2 - 1]),
    ]:
        observable = _core.Observable.from_terms(width, [(label, 1.0)])
        result = driver.execute_circuit(MPS, ExpectationWork(circuit, (), observable, None, 1))
        assert result.value == pytest.approx(expected, abs=1e-5), label
        assert result.metadata["truncation_error"] < 1e-5
        assert 1 < result.metadata["max_bond"] < 20


def test_the_record_tells_when_nothing_was_lost(driver: NativeDriver) -> None:
    builder = _core.CircuitBuilder(80)
    builder.gate("H", [0])
    for qubit in range(79):
        builder.gate("CX", [qubit, qubit + 1])
    work = SampleWork(builder.build().measure_all(), (), 1000, 3)
    result = driver.execute_circuit(MPS, work)
    assert result.counts is not None
    assert set(result.counts.to_dict()) == {"0" * 80, "1" * 80}
    assert result.metadata == {
        "engine": "mps",
        "version": _core.__version__,
        "precision": "f64",
        "max_bond": 2,
        "truncation_error": 0.0,
        "fidelity_estimate": 1.0,
        "state_bytes": 80 * 8 * 16 - 2 * 4 * 16,
        "seed": 3,
    }
    assert driver.execute_circuit(MPS, work).counts == result.counts


def test_options_bound_the_bond() -> None:
    circuit = ising(16, 20, -0.6, -0.7)
    state = _core.Plan(circuit).state()
    for bond in (2, 8, 256):
        plan = _core.Plan(circuit, engine="mps", options={"max_bond": bond, "cutoff": 1e-10})
        infidelity = 1 - abs(np.vdot(state, plan.state())) ** 2
        facts = plan.facts()
        assert infidelity <= facts["truncation_error"] + 1e-12
        assert facts["max_bond"] <= bond
    assert infidelity < 1e-5
    for options, complaint in [
        ({"max_bond": 0}, "max_bond must be 1 to 65536, not `0`"),
        ({"cutoff": 1.5}, "not `1.5`"),
        ({"bond": 3}, "no option `bond`"),
        ({"max_bond": "many"}, "cannot be `many`"),
    ]:
        with pytest.raises(_core.CoreError, match=complaint):
            _core.Plan(circuit, engine="mps", options=options)


def test_it_is_chosen_only_where_nothing_is_truncated(driver: NativeDriver) -> None:
    def asks(steps: int) -> Features:
        circuit = ising(60, steps, 0.1, 0.2)
        return Features(num_qubits=60, num_operations=9, shots=100, questions=(Question(circuit, 100, ()),))

    assert route(asks(1), driver.get_devices(), "sim:auto").device_id == MPS
    with pytest.raises(EigenError, match="`sim:mps` would have to truncate: bonds of up to"):
        route(asks(12), driver.get_devices(), "sim:auto")
    assert route(asks(12), driver.get_devices(), MPS).device_id == MPS


def test_gradients_are_refused(driver: NativeDriver) -> None:
    builder = _core.CircuitBuilder(2)
    builder.gate("RX", [0], ["a"])
    work = GradientWork(builder.build(), (0.3,), _core.Observable.from_terms(2, [("Z0", 1.0)]))
    with pytest.raises(EigenError) as caught:
        driver.execute_circuit(MPS, work)
    assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"
