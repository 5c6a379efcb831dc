"""Lowering: the device's rules hold, the physics stays, and what cannot be done is named."""

from __future__ import annotations

from dataclasses import replace
from math import pi
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles.restricted import CHIP
from eigen import _core
from eigen.compiler.device_rules import check_device
from eigen.compiler.lower import lower
from eigen.errors import EigenError
from eigen.ir.equivalence import Certificate
from eigen.ir.targets import verification
from eigen.jobspec.spec import CompilerOptions
from eigen.types import Device

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

FREE = Device("sim:all", "everything", "simulator", 24, features=frozenset({"dynamic"}))
RZ_SX = replace(FREE, id="d:rz", gates=("RZ", "SX", "X", "CX"))
U_CZ = replace(FREE, id="d:u", gates=("U", "CZ"))
IONS = replace(FREE, id="d:ions", gates=("RX", "RZ", "RXX"))
LINE = replace(CHIP, features=CHIP.features | {"dynamic"})
STAR = replace(LINE, id="d:star", gates=("RZ", "SX", "X", "ECR"), coupling=((0, 2), (1, 2), (2, 3), (2, 4)))
RING = replace(LINE, id="d:ring", gates=("U", "CZ"), coupling=((0, 1), (1, 2), (2, 3), (3, 4), (4, 0)))
DEVICES = [FREE, RZ_SX, U_CZ, IONS, LINE, STAR, RING]

ONE = ("H", "S", "T", "X", "SX")
TURN = ("RX", "RY", "RZ", "P")
TWO = ("CX", "CZ", "SWAP", "ISWAP", "CH", "ECR")
THREE = ("CCX", "CSWAP", "CCZ")


@st.composite
def circuits(draw: st.DrawFn, width: int = 4) -> _core.Circuit:
    """Circuits of every arity, with symbols."""
    builder = _core.CircuitBuilder(width, parameters=["b", "a"])
    for _ in range(draw(st.integers(0, 8))):
        order = draw(st.permutations(range(width)))
        kind = draw(st.sampled_from(["one", "turn", "two", "three", "symbol"]))
        if kind == "one":
            builder.gate(draw(st.sampled_from(ONE)), order[:1])
        elif kind == "turn":
            builder.gate(draw(st.sampled_from(TURN)), order[:1], [draw(st.floats(-7, 7))])
        elif kind == "two":
            builder.gate(draw(st.sampled_from(TWO)), order[:2])
        elif kind == "three":
            builder.gate(draw(st.sampled_from(THREE)), order[:3])
        else:
            builder.gate("CRY", order[:2], [draw(st.sampled_from(["a", "b"]))])
    return builder.build()


def state(circuit: _core.Circuit) -> NDArray[np.complex128]:
    return _core.Plan(circuit).state([0.7, -1.3][: len(circuit.parameters)])


def moved(vector: NDArray[np.complex128], qubit_map: tuple[int, ...], width: int) -> NDArray[np.complex128]:
    """A logical state on device qubits, the others in |0⟩."""
    out = np.zeros(1 << width, dtype=complex)
    for index, amplitude in enumerate(vector):
        out[sum((index >> k & 1) << place for k, place in enumerate(qubit_map))] = amplitude
    return out


@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.id)
@given(circuit=circuits(), level=st.integers(0, 3))
def test_the_state_stays_and_the_rules_hold(device: Device, circuit: _core.Circuit, level: int) -> None:
    lowered = lower(circuit, device, level=level)
    check_device(lowered.circuit, device)
    assert lowered.circuit.parameters == circuit.parameters
    assert len(set(lowered.qubit_map)) == circuit.num_qubits
    wanted = moved(state(circuit), lowered.qubit_map, lowered.circuit.num_qubits)
    overlap = abs(np.vdot(wanted, state(lowered.circuit)))
    assert overlap == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("device", [FREE, RZ_SX, LINE, RING], ids=lambda device: device.id)
@given(circuit=circuits(), pairs=st.permutations(range(4)))
def test_observables_follow_the_qubits(device: Device, circuit: _core.Circuit, pairs: list[int]) -> None:
    observable = _core.Observable.from_terms(4, [("Z0 Z3", 0.5), ("X1", -1.0), (f"Y{pairs[0]} X{pairs[1]}", 2.0)])
    lowered = lower(circuit, device, level=1)
    values = [0.7, -1.3][: len(circuit.parameters)]
    (before,) = _core.Plan(circuit).expectation(values, [observable])
    (after,) = _core.Plan(lowered.circuit).expectation(values, [lowered.observable(observable)])
    assert after == pytest.approx(before, abs=1e-9)


def build(make: Callable[[_core.CircuitBuilder], None]) -> _core.Circuit:
    builder = _core.CircuitBuilder()
    make(builder)
    return builder.build()


def feed_forward(builder: _core.CircuitBuilder) -> None:
    """Distant pairs inside branches and loops; every path must agree on where the qubits are."""
    builder.add_qubits(5, "q")
    builder.add_clbits(3, "early")
    builder.add_clbits(3, "late")
    builder.gate("X", [4])
    builder.gate("CX", [4, 0])
    builder.measure([0], [0])
    builder.begin_if(_core.Condition.bit(0))
    builder.gate("CX", [0, 3])
    builder.gate("CX", [4, 1])
    builder.begin_else()
    builder.gate("X", [2])
    builder.end()
    builder.begin_for(3)
    builder.gate("CX", [4, 2])
    builder.end()
    builder.begin_while(~_core.Condition.bit(2), 2)
    builder.gate("SWAP", [0, 4])
    builder.measure([0], [2])
    builder.end()
    builder.gate("X", [3], condition=_core.Condition.compare([0, 2], "==", 3))
    builder.measure([0, 1, 2, 3, 4], [1, 3, 4, 5, 0])


@pytest.mark.parametrize("level", [0, 1, 2, 3])
@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.id)
def test_control_flow_keeps_its_meaning(device: Device, level: int) -> None:
    circuit = build(feed_forward)
    lowered = lower(circuit, device, level=level).circuit
    assert lowered.clbit_registers == circuit.clbit_registers
    expected = _core.Plan(circuit).sample(shots=20, seed=1).to_dict()
    assert len(expected) == 1
    assert _core.Plan(lowered).sample(shots=20, seed=1).to_dict() == expected


@pytest.mark.parametrize("basis", ["X", "Y"])
def test_measurements_in_other_bases_become_measurements_in_z(basis: str) -> None:
    def make(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(1)
        builder.add_clbits(2)
        builder.measure([0], [0], basis)
        builder.measure([0], [1], basis)

    circuit = build(make)
    lowered = lower(circuit, RZ_SX, level=0).circuit
    assert all(item.basis == "Z" for item in lowered.instructions() if item.name == "MEASURE")
    counts = _core.Plan(lowered).sample(shots=400, seed=2).to_dict()
    assert set(counts) == {"00", "11"}  # the qubit is left in the eigenstate that was found
    assert counts["00"] == pytest.approx(200, abs=6.5 * 10)


@pytest.mark.parametrize("basis", ["X", "Y"])
def test_a_last_measurement_in_another_basis_needs_no_dynamic_device(basis: str) -> None:
    builder = _core.CircuitBuilder(2, 2)
    builder.gate("RX" if basis == "Y" else "RY", [0], [-pi / 2 if basis == "Y" else pi / 2])
    builder.measure([0, 1], [0, 1], basis)
    lowered = lower(builder.build(), CHIP).circuit
    assert not lowered.is_dynamic
    counts = _core.Plan(lowered).sample(shots=200, seed=2).marginal([0]).to_dict()
    assert counts == _core.Plan(builder.build()).sample(shots=200, seed=2).marginal([0]).to_dict() == {"0": 200}


def test_levels_do_what_they_say() -> None:
    def make(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(2)
        for _ in range(3):
            builder.gate("H", [0])
            builder.gate("H", [0])
            builder.gate("RZ", [1], ["a"])
            builder.gate("RZ", [1], [0.25])
            builder.gate("CH", [0, 1])

    circuit = build(make)
    sizes = [len(lower(circuit, RZ_SX, level=level).circuit) for level in (0, 1, 2, 3)]
    assert sizes[0] > sizes[1] >= sizes[2] >= sizes[3]
    assert lower(circuit, FREE, level=0).circuit == circuit


def test_a_parameter_that_cancels_is_still_taken() -> None:
    builder = _core.CircuitBuilder(1)
    builder.gate("RZ", [0], ["a"])
    builder.gate("RZ", [0], [-_core.Affine.symbol("a")])
    builder.gate("RX", [0], ["b"])
    lowered = lower(builder.build(), RZ_SX, level=3).circuit
    assert lowered.parameters == ("a", "b")
    assert _core.Plan(lowered).probabilities([5.0, pi])[1] == pytest.approx(1.0)


def test_the_report_counts() -> None:
    builder = _core.CircuitBuilder(5)
    builder.gate("CX", [0, 4])
    lowered = lower(builder.build(), LINE, level=1)
    assert lowered.report["before"]["gates"] == {"CX": 1}
    assert lowered.report["after"]["gates"]["CX"] == 1
    assert lowered.report["device_digest"] == LINE.digest
    assert lowered.report["final_layout"] == list(lowered.qubit_map)
    assert lowered.report["verification"]["verdict"] == "equal"
    assert lowered.report["passes"][-1]["two_qubit_gates"] == 1


def test_a_layout_is_kept_to_and_a_basis_narrows_the_device() -> None:
    builder = _core.CircuitBuilder(3)
    builder.gate("CX", [0, 2])
    builder.gate("H", [1])
    asked = CompilerOptions(basis=("rz", "sx", "cx"), layout=(4, 1, 0, 2), verify=True)
    lowered = lower(builder.build(), LINE, level=2, options=asked)
    assert lowered.report["initial_layout"] == [4, 1, 0]
    assert lowered.report["swaps_inserted"] == 3
    assert set(lowered.circuit.count_ops()) <= {"RZ", "SX", "CX"}
    assert lowered.report["verification"]["is_proof"]
    free = lower(builder.build(), FREE, level=1, options=CompilerOptions(layout=(5, 3, 1)))
    assert (free.qubit_map, free.circuit.num_qubits) == ((5, 3, 1), FREE.num_qubits)


def test_idle_time_is_filled_where_the_device_tells_how_long_its_gates_take() -> None:
    builder = _core.CircuitBuilder(3, 3)
    for pair in ([0, 1], [1, 2], [1, 2], [0, 1]):
        builder.gate("CX", pair)
        builder.gate("RY", pair[1:], [0.4])
    builder.measure([0, 1, 2], [0, 1, 2])
    times = {"RZ": 0.0, "SX": 3e-8, "X": 3e-8, "CX": 4e-7, "MEASURE": 1e-6}
    device = replace(LINE, properties={"durations": times, "pair_errors": [[1, 0, 0.01]]})
    lowered = lower(builder.build(), device, level=2, options=CompilerOptions(decouple="XX"))
    assert lowered.report["timing"]["filled"] > 0
    assert lowered.report["verification"]["verdict"] == "equal"
    with pytest.raises(EigenError, match="no duration"):
        lower(builder.build(), LINE, options=CompilerOptions(schedule="asap"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (CompilerOptions(basis=("CZ",)), "has no gate `CZ`"),
        (CompilerOptions(basis=("nope",)), "there is no gate `nope`"),
        (CompilerOptions(layout=(0, 1)), "does not place 3 qubits"),
        (CompilerOptions(layout=(0, 1, 1)), "does not place 3 qubits"),
        (CompilerOptions(layout=(0, 1, 5)), "does not place 3 qubits"),
    ],
)
def test_options_that_the_device_does_not_allow_are_named(options: CompilerOptions, message: str) -> None:
    with pytest.raises(EigenError, match=message):
        lower(_core.CircuitBuilder(3).build(), LINE, options=options)


def test_without_verification_nothing_is_compared() -> None:
    lowered = lower(build(feed_forward), LINE, options=CompilerOptions(verify=False))
    assert lowered.report["verification"] is None
    cheap = lower(build(feed_forward), LINE).report["verification"]
    assert cheap["verdict"] == "undecided"
    assert "measures on the way" in cheap["details"][0]


def test_what_cannot_be_proven_is_an_error_where_a_proof_is_demanded(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = Certificate("none", 3, None, None, False, ("not checked: too wide",))
    monkeypatch.setattr(verification, "verified", lambda *_, **__: unknown)
    with pytest.raises(EigenError, match="could not be verified: not checked: too wide"):
        lower(_core.CircuitBuilder(3).build(), LINE, options=CompilerOptions(verify=True))


@pytest.mark.parametrize("level", [-1, 4])
def test_an_unknown_level_is_refused(level: int) -> None:
    with pytest.raises(EigenError, match=f"`{level}`"):
        lower(_core.CircuitBuilder(1).build(), FREE, level=level)


@pytest.mark.parametrize(
    ("device", "gates", "message"),
    [
        (replace(FREE, num_qubits=2), [("CCX", [0, 1, 2])], "has 2 qubits, the circuit needs `3`"),
        (replace(FREE, gates=("X", "CX")), [("H", [0])], "cannot be expressed on `sim:all`"),
        (replace(FREE, gates=("U",)), [("CX", [0, 1])], "cannot be expressed on `sim:all`"),
        (replace(LINE, coupling=((0, 1), (2, 3))), [("CCX", [0, 1, 2])], "largest connected part of the device has 2"),
    ],
)
def test_what_cannot_be_expressed_is_named(device: Device, gates: list[tuple[str, list[int]]], message: str) -> None:
    builder = _core.CircuitBuilder(max(max(qubits) for _, qubits in gates) + 1)
    for name, qubits in gates:
        builder.gate(name, qubits)
    with pytest.raises(EigenError) as caught:
        lower(builder.build(), device)
    assert caught.value.code == "EIGEN_COMPILER_UNSUPPORTED"
    assert message in caught.value.message


def test_dynamic_circuits_need_a_dynamic_device() -> None:
    with pytest.raises(EigenError, match="cannot measure in mid-circuit"):
        lower(build(feed_forward), CHIP)
