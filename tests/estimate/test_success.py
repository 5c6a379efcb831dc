"""The product of fidelities: closed forms, and the noisy engine as the truth."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen import _core
from eigen.errors import EigenError
from eigen.estimate.success import UnknownErrorRate, success_of
from eigen.ir import CircuitBuilder, NoiseModel
from eigen.ir.targets.calibration import FRAMES, Calibration, QubitData

QUBIT = {"t1_ns": 100_000, "t2_ns": 80_000, "one_given_zero": 0.01, "zero_given_one": 0.03}


def document(**changes: Any) -> dict[str, Any]:
    gates = [{"gate": "SX", "qubits": [q], "error": 0.001, "duration_ns": 30} for q in range(3)]
    gates += [{"gate": "CX", "qubits": [q, q + 1], "error": 0.01, "duration_ns": 300} for q in range(2)]
    base = {"kind": "calibration", "version": "1", "measure_ns": 1000, "qubits": [QUBIT] * 3, "gates": gates}
    return {**base, **changes}


def test_gates_readout_and_waiting_multiply() -> None:
    builder = CircuitBuilder(3, 2)
    builder.gate("SX", [0])
    builder.gate("RZ", [0], [0.3])
    builder.gate("CX", [0, 1])
    builder.gate("CX", [1, 2])
    builder.measure([0, 2], [0, 1])
    found = success_of(builder.build(), Calibration.from_json(document()))
    assert found.gates == pytest.approx(0.999 * 0.99**2)
    assert found.readout == pytest.approx(0.98**2)
    waited = Calibration.from_json(document()).qubit(0).idle_error(300e-9)
    assert found.idle == pytest.approx(1 - waited)
    assert found.value == pytest.approx(found.gates * found.readout * found.idle)
    assert found.duration == pytest.approx(1630e-9)
    assert found.low <= found.high


def test_a_qubit_waits_only_between_its_first_operation_and_its_last() -> None:
    builder = CircuitBuilder(3)
    builder.gate("SX", [0])
    builder.gate("SX", [0])
    builder.barrier([0, 1, 2])
    builder.gate("CX", [1, 2])
    assert success_of(builder.build(), Calibration.from_json(document())).idle == 1.0


@given(st.floats(1e-6, 1e-3), st.floats(0.05, 2.0), st.floats(1e-9, 1e-4))
def test_waiting_costs_what_the_channel_of_relaxation_costs(t1: float, ratio: float, seconds: float) -> None:
    """Against the average fidelity over the six axis states, each relaxed by its closed form."""
    t2 = ratio * t1
    decay, phase = math.exp(-seconds / t1), math.exp(-seconds / t2)
    poles = (1.0 + decay) / 2.0  # the mean over |0>, which stays, and |1>
    equator = (1.0 + phase) / 2.0
    assert 1.0 - QubitData(t1, t2).idle_error(seconds) == pytest.approx((poles + 2 * equator) / 3, abs=1e-12)


def test_a_gate_is_not_better_than_waiting_as_long() -> None:
    fast = document(gates=[{"gate": "SX", "qubits": [0], "error": 0.0, "duration_ns": 5000}])
    builder = CircuitBuilder(1)
    builder.gate("SX", [0])
    calibration = Calibration.from_json(fast)
    assert success_of(builder.build(), calibration).gates == pytest.approx(1 - calibration.qubit(0).idle_error(5e-6))


def test_what_was_not_measured_is_named() -> None:
    builder = CircuitBuilder(3)
    builder.gate("CX", [0, 2])
    with pytest.raises(UnknownErrorRate, match="`CX` on 0, 2"):
        success_of(builder.build(), Calibration.from_json(document()))
    builder = CircuitBuilder(1)
    builder.gate("H", [0])
    with pytest.raises(UnknownErrorRate, match="`H` on 0"):
        success_of(builder.build(), Calibration.from_json(document()))


def test_a_pair_counts_in_either_order() -> None:
    builder = CircuitBuilder(2)
    builder.gate("CX", [1, 0])
    assert success_of(builder.build(), Calibration.from_json(document())).gates == pytest.approx(0.99)


def test_loops_are_written_out_and_the_longer_side_of_a_branch_counts() -> None:
    text = """OPENQASM 3; include "stdgates.inc"; qubit[1] q; bit[1] c;
    for int i in [0:4] { sx q[0]; }
    c[0] = measure q[0];
    if (c[0]) { sx q[0]; sx q[0]; } else { sx q[0]; }
    """
    from eigen.ir import load

    found = success_of(load(text, format="qasm3"), Calibration.from_json(document()))
    assert found.gates == pytest.approx(0.999**7)


def test_the_probability_of_the_right_outcome_lies_in_the_interval() -> None:
    """A mirror circuit, with the density matrix of the same calibration as the truth."""
    builder = CircuitBuilder(3)
    layers = [("SX", [q]) for q in range(3)] + [("CX", [0, 1]), ("CX", [1, 2])]
    for name, qubits in layers * 3:
        builder.gate(name, qubits)
    half = builder.build()
    whole = CircuitBuilder(3)
    whole.append(half, [0, 1, 2])
    for name, qubits in list(reversed(layers * 3)):
        for _ in range(3 if name == "SX" else 1):  # SX three times undoes SX, up to a phase
            whole.gate(name, qubits)
    circuit = whole.build()
    model = NoiseModel.from_json(json.dumps(document()).encode())
    truth = _core.Plan(circuit, engine="density", options={"noise": model}).probability((), "000")
    found = success_of(circuit.measure_all(), Calibration.from_json(document()))
    assert found.low <= truth <= found.high


def test_a_document_that_is_no_calibration_is_refused() -> None:
    with pytest.raises(EigenError) as caught:
        Calibration.from_json(document(gates=[{"gate": "SX", "qubits": [0], "error": 2.0}]))
    assert caught.value.code == "EIGEN_NOISE_INVALID"


def test_what_schedules_and_layouts_take_of_it() -> None:
    calibration = Calibration.from_json(document())
    assert calibration.pair_errors() == {(0, 1): 0.01, (1, 2): 0.01}
    measured = {"MEASURE": 1e-6, "RESET": 0.0, "SX": 3e-8, "CX": 3e-7}
    assert calibration.durations() == pytest.approx(dict.fromkeys(FRAMES, 0.0) | measured)
    assert calibration.qubit(99) == QubitData()
