"""Stim as a device: Clifford gates and no others, outcomes that decide with frames and without, and exact values."""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doubles.packages import needed
from eigen._core import gate_table
from eigen.drivers.native import NativeDriver
from eigen.ir import CircuitBuilder, Condition, NoiseModel, Observable, load
from eigen.types import ExpectationWork, ProbabilityWork, SampleWork
from eigen_driver import Circuit, Expectation, Probability, RefusedError, Sample
from eigen_driver import Observable as Theirs
from eigen_driver.engines import stim as engines
from eigen_driver.matrices import GATES

if TYPE_CHECKING:
    from eigen.ir import Circuit as Ours

needed("stim")
ROWS = {row.name: row for row in gate_table()}
CLIFFORD = [name for name in GATES if name != "UNITARY" and ROWS[name].is_clifford]
QUARTERS = ["RX", "RY", "RZ", "P", "U", "RXX", "RYY", "RZZ", "RZX"]


@pytest.fixture(scope="module")
def engine() -> engines.StimEngine:
    made = engines.StimEngine()
    made.start({}, 0)
    return made


@pytest.fixture(scope="module")
def native() -> NativeDriver:
    made = NativeDriver()
    made.initialize({})
    return made


def read(circuit: Ours) -> Circuit:
    return Circuit.from_aqo(circuit.digest, circuit.to_aqo())


def sampled(engine: engines.StimEngine, circuit: Ours, shots: int = 100, seed: int = 3) -> tuple[dict[int, int], str]:
    found = engine.sample(engine.devices()[0], Sample(read(circuit), (), shots, seed))
    assert sum(found.found.values()) == shots
    return dict(found.found), str(found.metadata["method"])


@st.composite
def programs(draw: st.DrawFn, width: int = 4) -> Ours:
    builder = CircuitBuilder(width)
    for _ in range(draw(st.integers(1, 14))):
        name = draw(st.sampled_from([*CLIFFORD, *QUARTERS]))
        row = ROWS[name]
        qubits = draw(st.permutations(range(width)))[: row.num_qubits]
        builder.gate(name, list(qubits), [draw(st.integers(-9, 9)) * pi / 2 for _ in row.param_names])
    return builder.build()


@settings(max_examples=60)
@given(circuit=programs())
def test_exact_values_are_those_of_the_native_state_vector(
    engine: engines.StimEngine, native: NativeDriver, circuit: Ours
) -> None:
    observable = Observable.from_terms(4, [("Z0 Y2", 0.5), ("X1 Z0 Z3", -1.25), ("X2", 0.3), ("Z3", 0.7), ("", 2.0)])
    ours = native.execute_circuit("sim:statevector", ExpectationWork(circuit, (), observable, None, 0)).value
    theirs = Theirs.from_json(observable.digest, observable.to_json())
    device = engine.devices()[0]
    assert engine.expectation(device, Expectation(read(circuit), (), theirs)).value == pytest.approx(ours, abs=1e-12)
    for state in range(16):
        bits = f"{state:04b}"
        wanted = native.execute_circuit("sim:statevector", ProbabilityWork(circuit, (), bits, None, 0)).value
        found = engine.probability(device, Probability(read(circuit), (), bits)).value
        assert found == pytest.approx(wanted, abs=1e-12)


@settings(max_examples=30)
@given(circuit=programs())
def test_samples_are_those_of_the_native_state_vector(
    engine: engines.StimEngine, native: NativeDriver, circuit: Ours
) -> None:
    """Outcomes of a Clifford circuit have probabilities 0 or 2^-k with k at most 4: in 2,000 shots one that is possible
    is missed with a probability below 16 (15/16)^2000 < 1e-54."""
    found, method = sampled(engine, circuit.measure_all(), 2000)
    assert method == "frames"
    work = SampleWork(circuit.measure_all(), (), 2000, 5)
    counts = native.execute_circuit("sim:statevector", work).counts
    assert counts is not None
    assert set(found) == {int(bits, 2) for bits in counts.to_dict()}


@pytest.mark.parametrize(
    ("name", "angles"), [("T", []), ("RX", [0.3]), ("P", [pi / 4]), ("CP", [pi / 2]), ("CCX", []), ("RZ", [1e-6])]
)
def test_other_gates_are_refused_by_name(engine: engines.StimEngine, name: str, angles: list[float]) -> None:
    builder = CircuitBuilder(3, 1)
    builder.gate(name, list(range(ROWS[name].num_qubits or 0)), angles)
    builder.measure([0], [0])
    with pytest.raises(RefusedError, match=rf"`{name}.*` is not a Clifford gate") as error:
        sampled(engine, builder.build())
    assert error.value.code == "EIGEN_SIM_UNSUPPORTED"


def test_a_matrix_that_is_clifford_is_taken(engine: engines.StimEngine) -> None:
    builder = CircuitBuilder(2, 2)
    builder.gate("X", [1])
    builder.gate("UNITARY", [1, 0], [], matrix=[[1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0]])
    builder.measure([0, 1], [0, 1])
    assert sampled(engine, builder.build())[0] == {3: 100}


def test_bits_and_bases(engine: engines.StimEngine) -> None:
    """Qubit 2 is |-> and measured in X into bit 0, qubit 0 is |-i> in Y into bit 1, qubit 1 is |1> into bit 3."""
    builder = CircuitBuilder(3, 4)
    builder.gate("X", [2])
    builder.gate("H", [2])
    builder.gate("H", [0])
    builder.gate("Sdg", [0])
    builder.gate("X", [1])
    builder.measure([2], [0], basis="X")
    builder.measure([0], [1], basis="Y")
    builder.measure([1], [3])
    assert sampled(engine, builder.build()) == ({0b1011: 100}, "frames")


TELEPORT = """OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q; bit[4] c;
x q[0]; h q[1]; cx q[1], q[2]; cx q[0], q[1]; h q[0];
c[0] = measure q[0]; c[1] = measure q[1];
if (c[1] == 1) x q[2];
if (%s) z q[2];
c[2] = measure q[2];
reset q[2];
c[3] = measure q[2];
"""


@pytest.mark.parametrize(
    ("question", "method"), [("c[0]", "frames"), ("!!c[0]", "frames"), ("c[0] && !(c[0] && c[1])", "tableau")]
)
def test_outcomes_decide(engine: engines.StimEngine, question: str, method: str) -> None:
    found, told = sampled(engine, load((TELEPORT % question).encode(), format="qasm3"), 400)
    assert told == method
    assert found == sampled(engine, load((TELEPORT % question).encode(), format="qasm3"), 400)[0]
    assert set(found) == {0b0100, 0b0101, 0b0110, 0b0111}  # each is missed with probability 4 (3/4)^400 < 1e-49


def test_sums_of_bits_are_asked_of_records(engine: engines.StimEngine) -> None:
    """Bits 0 and 1 are the same coin, bit 2 its opposite: `0 ^ 1` never holds, `not (0 ^ 2)` neither."""
    builder = CircuitBuilder(4, 5)
    builder.gate("H", [0])
    builder.gate("CX", [0, 1])
    builder.gate("CX", [0, 2])
    builder.gate("X", [2])
    builder.measure([0, 1, 2], [0, 1, 2])
    zero, one, two = (Condition.bit(bit) for bit in range(3))
    builder.gate("X", [3], condition=zero ^ one)
    builder.measure([3], [3])
    builder.gate("X", [3], condition=~(zero ^ two))
    builder.gate("X", [3], condition=Condition.bit(4))  # nothing was written there
    builder.measure([3], [4])
    found, method = sampled(engine, builder.build())
    assert method == "frames"
    assert set(found) == {0b00100, 0b00011}


def test_a_loop_that_repeats_ends_with_its_last_round(engine: engines.StimEngine) -> None:
    """A qubit is flipped five times; a hundred thousand rounds of parity checks stay one block."""
    builder = CircuitBuilder(3, 3)
    builder.begin_for(5)
    builder.gate("X", [0])
    builder.measure([0], [0])
    builder.end()
    builder.begin_for(100_000)
    builder.gate("CX", [0, 1])
    builder.measure([1], [1])
    builder.reset([1])
    builder.end()
    builder.gate("X", [2], condition=Condition.bit(1))
    builder.measure([2], [2])
    assert sampled(engine, builder.build(), 20) == ({0b111: 20}, "frames")


@pytest.mark.parametrize("gate", ["X", "H"])
def test_a_loop_with_decisions_is_written_out_or_walked(engine: engines.StimEngine, gate: str) -> None:
    """Each round flips qubit 1 where qubit 0 was found in 1, which it is each time: an even number of flips."""
    builder = CircuitBuilder(2, 2)
    builder.gate("X", [0])
    builder.begin_for(6)
    builder.measure([0], [0])
    builder.gate(gate, [1], condition=Condition.bit(0))
    builder.end()
    builder.measure([1], [1])
    assert sampled(engine, builder.build()) == ({0b01: 100}, "frames" if gate == "X" else "tableau")


def test_a_while_goes_on_to_its_bound_and_no_further(engine: engines.StimEngine) -> None:
    builder = CircuitBuilder(1, 1)
    builder.begin_while(~Condition.bit(0), 64)
    builder.gate("H", [0])
    builder.measure([0], [0])
    builder.end()
    assert sampled(engine, builder.build()) == ({1: 100}, "tableau")
    builder = CircuitBuilder(1, 1)
    builder.begin_while(~Condition.bit(0), 3)
    builder.measure([0], [0])
    builder.end()
    with pytest.raises(RefusedError, match="beyond its bound") as error:
        sampled(engine, builder.build())
    assert error.value.code == "EIGEN_SIM_LOOP_BOUND"


def test_wide_circuits_and_many_shots_in_chunks(engine: engines.StimEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand qubits in one chain of CX; then a Bell pair in chunks of a thousand shots."""
    builder = CircuitBuilder(1000, 1000)
    builder.gate("H", [0])
    for qubit in range(999):
        builder.gate("CX", [qubit, qubit + 1])
    builder.measure(range(1000), range(1000))
    assert set(sampled(engine, builder.build())[0]) == {0, (1 << 1000) - 1}
    builder = CircuitBuilder(2, 2)
    builder.gate("H", [0])
    builder.gate("CX", [0, 1])
    builder.measure([0, 1], [1, 0])
    monkeypatch.setattr(engines, "CHUNK_BYTES", 2000)
    found, _ = sampled(engine, builder.build(), 20_500)
    assert set(found) == {0, 3}
    assert abs(found[0] - 10_250) < 500  # seven standard deviations; the seed is fixed besides


def test_more_outcomes_than_a_shot_may_have_are_refused(engine: engines.StimEngine) -> None:
    builder = CircuitBuilder(1, 1)
    builder.begin_for(1_000_000)
    builder.begin_for(1_000_000)
    builder.measure([0], [0])
    builder.end()
    builder.end()
    with pytest.raises(RefusedError, match="outcomes") as error:
        sampled(engine, builder.build())
    assert error.value.code == "EIGEN_SIM_MEMORY"


def noisy(engine: engines.StimEngine, circuit: Ours, noise: str, shots: int = 100) -> dict[int, int]:
    told = {"noise_model": NoiseModel.parse(noise).to_json().decode()}
    return dict(engine.sample(engine.devices()[0], Sample(read(circuit), (), shots, 3, told)).found)


@pytest.mark.parametrize(
    ("noise", "outcomes"),
    [
        ("bit_flip(1.0)", {0b00}),
        ("readout(1.0)", {0b10}),
        ("measure(1.0)", {0b10}),
        ("reset(1.0)", {0b11}),
        ("phase_flip(1.0)", {0b01}),
        ("pauli(0, 1.0, 0) + readout(1.0)", {0b11}),
    ],
)
def test_errors_that_always_happen(engine: engines.StimEngine, noise: str, outcomes: set[int]) -> None:
    """Qubit 0 is flipped by a gate, qubit 1 is reset."""
    builder = CircuitBuilder(2, 2)
    builder.gate("X", [0])
    builder.reset([1])
    builder.measure([0, 1], [0, 1])
    assert set(noisy(engine, builder.build(), noise)) == outcomes


def test_noise_is_that_of_the_native_engine(engine: engines.StimEngine, native: NativeDriver) -> None:
    """Bits of a repeated code: six standard deviations off in one of sixteen outcomes happens in fewer than one of ten
    million runs; the seeds are fixed besides."""
    noise = "depolarizing(0.05, 0.1) + measure(0.03) + reset(0.04) + readout(0.02)"
    builder = CircuitBuilder(3, 4)
    builder.gate("H", [0])
    builder.gate("CX", [0, 1])
    builder.begin_for(3)
    builder.gate("CX", [0, 2])
    builder.gate("CX", [1, 2])
    builder.measure([2], [2])
    builder.reset([2])
    builder.end()
    builder.gate("S", [1])
    builder.measure([0], [0], basis="X")
    builder.measure([1], [1])
    builder.gate("SX", [1])
    builder.measure([1], [3], basis="Y")
    shots = 200_000
    found = noisy(engine, builder.build(), noise, shots)
    work = SampleWork(builder.build(), (), shots, 5, {"noise_model": noise})
    counts = native.execute_circuit("sim:stabilizer", work).counts
    assert counts is not None
    wanted = {int(bits, 2): count for bits, count in counts.to_dict().items()}
    assert set(found) == set(wanted)
    for outcome, count in wanted.items():
        assert abs(found[outcome] - count) < 6 * (found[outcome] + count) ** 0.5


@pytest.mark.parametrize("noise", ["amplitude_damping(0.1)", "readout(0.1, 0.2)"])
def test_noise_that_is_no_pauli_channel_is_refused(engine: engines.StimEngine, noise: str) -> None:
    builder = CircuitBuilder(1, 1)
    builder.gate("X", [0])
    builder.measure([0], [0])
    with pytest.raises(RefusedError, match=r"amplitude_damping|readout") as error:
        noisy(engine, builder.build(), noise)
    assert error.value.code == "EIGEN_SIM_UNSUPPORTED"


def test_noise_on_what_outcomes_decide_is_refused_by_name(engine: engines.StimEngine) -> None:
    builder = CircuitBuilder(2, 1)
    builder.measure([0], [0])
    builder.gate("X", [1], condition=Condition.bit(0))
    with pytest.raises(RefusedError, match="no noise on `X`"):
        noisy(engine, builder.build(), "bit_flip(0.1)")
