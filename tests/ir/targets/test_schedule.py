"""Schedules: nothing overlaps, nothing is late, idle time is on record; and echoes restore what slow noise took."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen import _core
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, compile_for
from eigen.ir.rewriting import rewritten
from eigen.ir.targets import Target
from eigen.ir.targets.decoupling import SEQUENCES, decoupled
from eigen.ir.targets.schedule import MODES, scheduled

if TYPE_CHECKING:
    from eigen.ir import Circuit

TIMES = {"X": 20e-9, "Y": 20e-9, "H": 20e-9, "SX": 20e-9, "RZ": 0.0, "RX": 30e-9, "CX": 200e-9, "MEASURE": 1e-6}


def ends(circuit: Circuit) -> list[float]:
    """When each qubit is done, in ns, DELAYs as written; every gate waits for all of its qubits."""
    free = [0.0] * circuit.num_qubits
    for item in circuit.instructions():
        length = item.params[0] if item.name == "DELAY" else 1e9 * TIMES.get(item.name, 0.0)
        end = max(free[qubit] for qubit in item.qubits) + length
        for qubit in item.qubits:
            free[qubit] = end
    return free


def waits(circuit: Circuit, mode: str) -> list[float]:
    """How long a qubit that was acted on waits for another one without a DELAY that says so; late ones backwards."""
    free: dict[int, float] = {}
    found = []
    operations = [item for item in circuit.instructions() if item.name != "BARRIER"]
    for item in operations if mode == "asap" else operations[::-1]:
        length = item.params[0] if item.name == "DELAY" else 1e9 * TIMES.get(item.name, 0.0)
        known = [free[qubit] for qubit in item.qubits if qubit in free]
        start = max(known, default=0.0)
        found += [start - time for time in known]
        for qubit in item.qubits:
            free[qubit] = start + length
    return found


def staircase() -> Circuit:
    builder = CircuitBuilder(3, 3)
    builder.gate("H", [0])
    builder.gate("CX", [0, 1])
    builder.gate("X", [2])
    builder.gate("CX", [1, 2])
    builder.gate("H", [0])
    builder.measure([0, 1, 2], [0, 1, 2])
    return builder.build()


def test_idle_time_is_written_where_the_mode_puts_it() -> None:
    soon, late = (scheduled(staircase(), TIMES, mode) for mode in ("asap", "alap"))
    assert soon.duration == late.duration == pytest.approx(20e-9 + 200e-9 + 200e-9 + 1e-6)
    delays = [
        [(item.qubits[0], item.params[0]) for item in found.circuit.instructions() if item.name == "DELAY"]
        for found in (soon, late)
    ]
    assert delays == [[(2, 200.0), (0, 180.0)], [(0, 180.0)]]  # the X of qubit 2 waits for its CX, or it begins later
    assert (soon.idle, late.idle) == (pytest.approx(380e-9), pytest.approx(180e-9))


@given(st.data(), st.sampled_from(MODES))
def test_schedules_take_as_long_as_the_longest_chain_and_keep_the_circuit(data: st.DataObject, mode: str) -> None:
    builder = CircuitBuilder(4)
    for _ in range(data.draw(st.integers(0, 12))):
        pair = data.draw(st.permutations(range(4)))
        name = data.draw(st.sampled_from(["X", "H", "RZ", "RX", "CX", "BARRIER", "DELAY"]))
        if name == "BARRIER":
            builder.barrier(pair[:3])
        elif name == "DELAY":
            builder.delay(pair[:1], data.draw(st.integers(1, 300)), "ns")
        else:
            builder.gate(name, pair[: 2 if name == "CX" else 1], [0.3] if name.startswith("R") else [])
    circuit = builder.build()
    found = scheduled(circuit, TIMES, mode)
    assert 1e9 * found.duration == pytest.approx(max(ends(circuit)), abs=1e-6)
    assert max(ends(found.circuit)) <= 1e9 * found.duration + 1e-6
    without = [rewritten(c, lambda _, item: item.name in {"DELAY", "BARRIER"}) for c in (circuit, found.circuit)]
    states = [_core.Plan(c).state([]) for c in without]
    assert abs(np.vdot(*states)) == pytest.approx(1.0)
    if "BARRIER" not in circuit.count_ops():  # at one, a qubit that was not acted on may hold another one back
        assert max(waits(found.circuit, mode), default=0.0) < 1e-3


def ramsey(name: str = "H") -> Circuit:
    """Qubit 0 in superposition, idle while qubit 1 is busy."""
    builder = CircuitBuilder(2)
    builder.gate(name, [0])
    builder.barrier([0, 1])
    for _ in range(50):
        builder.gate("X", [1])
    builder.barrier([0, 1])
    builder.gate(name, [0])
    return builder.build()


def coherence(circuit: Circuit, detuning: float) -> float:
    """<Z> of qubit 0 when its frequency is off by `detuning` radians a nanosecond in every DELAY."""

    def drift(builder: _core.CircuitBuilder, item: _core.Instruction) -> bool:
        if item.name != "DELAY":
            return False
        builder.gate("RZ", item.qubits, [detuning * item.params[0]])
        return True

    (value,) = _core.Plan(rewritten(circuit, drift)).expectation([], [_core.Observable.pauli("Z", [0], 2)])
    return value


@pytest.mark.parametrize("sequence", list(SEQUENCES))
def test_an_echo_restores_what_quasi_static_noise_takes(sequence: str) -> None:
    """Without pulses the average over detunings of spread s decays as exp(-(s T)^2 / 2); with them nothing is lost."""
    plain = scheduled(ramsey(), TIMES).circuit
    echoed, filled = decoupled(plain, TIMES, sequence)
    assert filled == 1
    spread, time = 1.5e-3, 1000.0
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    weights = weights / weights.sum()
    averages = [sum(w * coherence(c, spread * x) for x, w in zip(nodes, weights, strict=True)) for c in (plain, echoed)]
    assert averages[0] == pytest.approx(exp(-((spread * time) ** 2) / 2), abs=1e-6)
    assert averages[1] == pytest.approx(1.0, abs=1e-6)


def test_a_linear_drift_needs_more_than_one_echo_and_two_pulses_do_not_see_it() -> None:
    """Equal and opposite parts: what the pulses bracket adds up to nothing, to the picosecond."""
    for sequence, pulses in SEQUENCES.items():
        echoed, _ = decoupled(scheduled(ramsey(), TIMES).circuit, TIMES, sequence)
        sign, total, sum_of_delays = 1, 0.0, 0.0
        for item in echoed.instructions():
            if item.qubits == (0,) and item.name in {"X", "Y"}:
                sign = -sign
            elif item.qubits == (0,) and item.name == "DELAY":
                total += sign * item.params[0]
                sum_of_delays += item.params[0]
        assert total == pytest.approx(0.0, abs=4e-3)
        assert sum_of_delays == pytest.approx(1000.0 - 20.0 * len(pulses))


def test_pulses_are_written_in_the_gates_of_the_device() -> None:
    times = {"RZ": 0.0, "SX": 25e-9, "CX": 600e-9}
    target = Target(3, ((0, 1), (1, 2)), ("RZ", "SX", "CX"), durations=times)
    builder = CircuitBuilder(3)
    builder.gate("H", [0])
    for _ in range(3):
        builder.gate("CX", [0, 1])
        builder.gate("RX", [1], [0.4])
        builder.gate("CX", [1, 2])
        builder.gate("RY", [1], [0.4])
    builder.gate("CX", [0, 1])
    for sequence in SEQUENCES:
        done = compile_for(builder.build(), target, decouple=sequence)
        assert done.timing is not None
        assert done.timing.filled >= 1
        assert set(done.circuit.count_ops()) <= {"RZ", "SX", "CX", "DELAY"}
        assert done.certificate is not None
        assert done.certificate.verdict == "equal"
        assert done.to_json()["timing"]["decouple"] == sequence


def test_short_delays_and_qubits_in_their_ground_state_are_left_alone() -> None:
    builder = CircuitBuilder(2)
    builder.delay([0], 1000.0, "ns")
    builder.gate("H", [0])
    builder.delay([0], 79.0, "ns")
    builder.gate("H", [0])
    circuit = builder.build()
    assert decoupled(circuit, TIMES, "XX") == (circuit, 0)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"schedule": "later"}, "EIGEN_USAGE"),
        ({"decouple": "ZZ"}, "EIGEN_USAGE"),
        ({"schedule": "asap", "basis": ["U", "CX"]}, "EIGEN_USAGE"),
    ],
)
def test_what_makes_no_sense_is_named(asked: dict[str, object], code: str) -> None:
    target = Target(3, ((0, 1), (1, 2)), ("RZ", "SX", "X", "CX"), durations=TIMES)
    with pytest.raises(EigenError) as caught:
        compile_for(staircase(), target, **asked)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_what_ends_at_no_known_time_is_refused() -> None:
    builder = CircuitBuilder(1, 1)
    builder.measure([0], [0])
    builder.gate("X", [0], condition=_core.Condition.bit(0))
    with pytest.raises(EigenError, match="depends on outcomes"):
        scheduled(builder.build(), TIMES)
    turned = CircuitBuilder(1, parameters=["t"])
    turned.delay([0], "t", "ns")
    with pytest.raises(EigenError, match="no length"):
        scheduled(turned.build(), TIMES)
