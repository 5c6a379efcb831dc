"""States, amplitudes and probabilities against dense matrices; the same bits for any number of threads."""

from __future__ import annotations

import math
import sys
from subprocess import run

import numpy as np
import pytest
from hypothesis import given
from sim_circuits import unitary_circuits

from eigen import _core
from oracle import state

VALUES = (0.7, -1.9, 3.3)


def named(circuit: _core.Circuit, values: tuple[float, ...]) -> dict[str, float]:
    return dict(zip(circuit.parameters, values, strict=True))


@given(unitary_circuits())
def test_state_is_the_product_of_the_matrices(circuit: _core.Circuit) -> None:
    np.testing.assert_allclose(_core.Plan(circuit).state(), state(circuit), atol=1e-11)


@given(unitary_circuits(symbolic=True))
def test_parameters_are_bound_in_the_order_of_the_circuit(circuit: _core.Circuit) -> None:
    plan = _core.Plan(circuit)
    expected = state(circuit, named(circuit, VALUES))
    np.testing.assert_allclose(plan.state(VALUES), expected, atol=1e-11)
    np.testing.assert_allclose(plan.state([0.0, 0.0, 0.0]), state(circuit, named(circuit, (0.0, 0.0, 0.0))), atol=1e-11)
    np.testing.assert_array_equal(plan.state(np.array(VALUES)), plan.state(list(VALUES)))
    np.testing.assert_allclose(_core.Plan(circuit.bind(VALUES)).state(), expected, atol=1e-11)


@pytest.mark.parametrize("info", _core.gate_table(), ids=lambda info: info.name)
def test_each_gate_wherever_its_qubits_and_controls_lie(info: _core.GateInfo) -> None:
    orders = [(0, 1, 2, 3, 4, 5), (5, 4, 3, 2, 1, 0), (2, 5, 0, 4, 1, 3), (3, 0, 4, 1, 5, 2), (4, 3, 1, 5, 0, 2)]
    for trial, order in enumerate(orders):
        own = info.num_qubits if info.num_qubits is not None else 2 + trial % 3
        controls = min(trial % 3, 6 - own)
        builder = _core.CircuitBuilder(6, 0)
        for qubit in range(6):
            builder.gate("U", [qubit], [0.4 + 0.3 * qubit, 0.7 * qubit, 0.2])
        builder.gate(
            info.name,
            order[: own + controls],
            [0.3 + 0.4 * k + trial for k in range(len(info.param_names))],
            num_controls=controls,
            ctrl_state="10"[:controls] or None,
            inverse=trial % 2 == 1,
            power=[1.0, 0.5, 2.0][trial % 3],
            matrix=_core.gate_matrix("U", [0.3, 0.2, 0.1], num_controls=own - 1) if info.name == "UNITARY" else None,
            pauli="XYZX"[:own] if info.name == "PAULI_ROT" else None,
        )
        circuit = builder.build()
        np.testing.assert_allclose(_core.Plan(circuit).state(), state(circuit), atol=1e-11)


@given(unitary_circuits(most_qubits=4))
def test_inverse_undoes(circuit: _core.Circuit) -> None:
    there_and_back = circuit.compose(circuit.inverse())
    assert _core.Plan(there_and_back).probability([], "0" * circuit.num_qubits) == pytest.approx(1.0, abs=1e-10)


def wide_circuit(width: int, layers: int = 2) -> _core.Circuit:
    builder = _core.CircuitBuilder(width, 0)
    for layer in range(layers):
        for qubit in range(width):
            builder.gate("U", [qubit], [0.3 + 0.1 * qubit, 0.2 * layer, 0.5])
        for qubit in range(width - 1):
            builder.gate("CX", [qubit, qubit + 1])
            builder.gate("CP", [width - 1 - qubit, qubit % 3], [0.1]) if width - 1 - qubit != qubit % 3 else None
        builder.gate("RXX", [0, width - 1], [0.4])
        builder.gate("CSWAP", [width - 1, 1, width - 2])
        builder.gate("FSIM", [2, width - 3], [0.4, 0.3])
    return builder.build()


@pytest.mark.parametrize("width", [14, 16])
def test_threads_do_not_change_a_bit(width: int) -> None:
    circuit = wide_circuit(width)
    observable = _core.Observable.from_terms(width, [("X0 Y5", 0.3), (f"Z{width - 1}", 1.0), ("Z1 Z2", 0.5)])
    one, two = _core.Plan(circuit, threads=1), _core.Plan(circuit, threads=2)
    assert one.state().tobytes() == two.state().tobytes()
    assert one.expectation([], [observable]) == two.expectation([], [observable])
    assert one.variance([], [observable]) == two.variance([], [observable])
    measured = circuit.measure_all()
    counts = [_core.Plan(measured, threads=threads).sample(shots=5000, seed=3) for threads in (1, 2)]
    assert counts[0] == counts[1]


def test_fourier_transform_of_a_basis_state() -> None:
    width, value = 15, 12345
    builder = _core.CircuitBuilder(width, 0)
    for qubit in range(width):
        if value >> qubit & 1:
            builder.gate("X", [qubit])
    for target in reversed(range(width)):
        builder.gate("H", [target])
        for control in range(target):
            builder.gate("CP", [control, target], [math.pi / 2 ** (target - control)])
    for qubit in range(width // 2):
        builder.gate("SWAP", [qubit, width - 1 - qubit])
    index = np.arange(2**width)
    expected = np.exp(2j * np.pi * index * value / 2**width) / np.sqrt(2**width)
    np.testing.assert_allclose(_core.Plan(builder.build()).state(), expected, atol=1e-12)


def test_bit_order_and_single_amplitudes() -> None:
    builder = _core.CircuitBuilder(3, 0)
    builder.gate("X", [0])
    builder.gate("H", [2])
    plan = _core.Plan(builder.build())
    assert plan.num_qubits == 3
    assert plan.amplitude([], 0b001) == pytest.approx(math.sqrt(0.5))
    assert plan.probability([], "101") == pytest.approx(0.5)
    assert plan.probability([], "110") == 0
    np.testing.assert_allclose(plan.probabilities(), [0, 0.5, 0, 0, 0, 0.5, 0, 0], atol=1e-15)
    np.testing.assert_allclose(plan.probabilities([], [2, 0]), [0, 0, 0.5, 0.5], atol=1e-15)


def test_no_qubits_at_all() -> None:
    builder = _core.CircuitBuilder(0, 0)
    builder.gate("GPHASE", [], [0.5])
    np.testing.assert_allclose(_core.Plan(builder.build()).state(), [np.exp(0.5j)])


def test_loops_of_gates_have_a_state() -> None:
    builder = _core.CircuitBuilder(2, 0, parameters=["a"])
    builder.begin_for(5)
    builder.gate("RY", [0], ["a"])
    builder.begin_for(2)
    builder.gate("CX", [0, 1])
    builder.gate("RX", [1], [0.1])
    builder.end()
    builder.end()
    circuit = builder.build()
    np.testing.assert_allclose(_core.Plan(circuit).state([0.3]), state(circuit, {"a": 0.3}), atol=1e-12)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda plan: plan.state([1.0]), "EIGEN_CIRCUIT_PARAMETERS"),
        (lambda plan: plan.state([1.0, math.nan]), "EIGEN_CIRCUIT_PARAMETERS"),
        (lambda plan: plan.amplitude([1.0, 2.0], 4), "EIGEN_SIM_ARGUMENTS"),
        (lambda plan: plan.probability([1.0, 2.0], "0x"), "EIGEN_SIM_ARGUMENTS"),
        (lambda plan: plan.probabilities([1.0, 2.0], [0, 0]), "EIGEN_SIM_ARGUMENTS"),
        (lambda plan: plan.probabilities([1.0, 2.0], [2]), "EIGEN_SIM_ARGUMENTS"),
        (lambda plan: plan.sample([1.0, 2.0], shots=0, seed=1), "EIGEN_SIM_ARGUMENTS"),
        (lambda plan: plan.expectation([1, 2], [_core.Observable.pauli("ZZZ")]), "EIGEN_SIM_ARGUMENTS"),
    ],
)
def test_bad_arguments_are_refused_and_the_plan_lives_on(call: object, code: str) -> None:
    builder = _core.CircuitBuilder(2, 0)
    builder.gate("RX", [0], ["a"])
    builder.gate("RY", [1], ["b"])
    plan = _core.Plan(builder.build())
    with pytest.raises(_core.CoreError) as caught:
        call(plan)  # type: ignore[operator]
    assert caught.value.code == code
    assert plan.probability([0.0, 0.0], "00") == 1.0


def test_measured_circuits_have_no_state() -> None:
    builder = _core.CircuitBuilder(1, 1)
    builder.gate("H", [0])
    builder.measure([0], [0])
    plan = _core.Plan(builder.build())
    for call in (plan.state, plan.probabilities):
        with pytest.raises(_core.CoreError, match="measures or resets"):
            call()


def test_memory_is_refused_with_the_numbers() -> None:
    circuit = _core.CircuitBuilder(34, 0).build()
    with pytest.raises(_core.CoreError, match=r"2\^34 amplitudes = 256 GiB; limit 20 GiB") as caught:
        _core.Plan(circuit, memory_limit_bytes=20 * 2**30).state()
    assert caught.value.code == "EIGEN_SIM_MEMORY"
    with pytest.raises(_core.CoreError, match=r"2\^1000 amplitudes"):
        _core.Plan(_core.CircuitBuilder(1000, 0).build()).state()
    plan = _core.Plan(_core.CircuitBuilder(10, 0).build(), memory_limit_bytes=2**14)
    assert plan.probability([], "0" * 10) == 1.0
    # What no gate joins needs no more than its own qubits; a chain of gates needs them all.
    assert plan.gradient([], _core.Observable.pauli("Z", [0], 10))[0] == 1.0
    builder = _core.CircuitBuilder(10, 0)
    for qubit in [*range(9), *range(9)]:
        builder.gate("U", [qubit], [0.7, 0.2, 0.4])
        builder.gate("CX", [qubit, qubit + 1])
        builder.gate("U", [qubit + 1], [0.3, 0.9, 0.1])
    plan = _core.Plan(builder.build(), memory_limit_bytes=2**14)
    with pytest.raises(_core.CoreError, match=r"2 times 2\^10 amplitudes = 32 KiB; limit 16 KiB"):
        plan.gradient([], _core.Observable.pauli("X", [9], 10))


def test_numpy_is_imported_only_for_arrays() -> None:
    script = """
import sys
from eigen import _core
builder = _core.CircuitBuilder(2, 2)
builder.gate("H", [0])
builder.measure([0, 1], [0, 1])
_core.Plan(builder.build()).sample(shots=10, seed=1)
assert "numpy" not in sys.modules
"""
    run([sys.executable, "-c", script], check=True)
