"""Compiling for devices: every basis on every shape keeps the physics, the couplings, the layout and the seed."""

from __future__ import annotations

import json
from itertools import pairwise, product
from math import pi
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen import _core
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, compile_for
from eigen.ir.targets import Target, compilation, topologies, verification, work
from eigen.ir.targets.target import both_ways

if TYPE_CHECKING:
    from eigen.ir import Circuit

BASES = (
    ("U", "CX"),
    ("RZ", "SX", "X", "CX"),
    ("RZ", "SX", "X", "CZ"),
    ("RZ", "SX", "X", "ECR"),
    ("RX", "RY", "RZ", "RZZ"),
    ("RX", "RZ", "RXX"),
    ("U", "ISWAP"),
    ("RZ", "SX", "CP"),
    ("U", "CZ", "GPHASE"),
)
SHAPES = ("all:6", "line:6", "ring:6", "grid:2x3", "heavy-hex:27")
DIRECTED = Target(5, ((1, 0), (1, 2), (3, 2), (3, 4)), name="directed")


def mixed() -> Circuit:
    """Gates of every kind, among pairs that no line has."""
    builder = CircuitBuilder(5, parameters=["a"])
    builder.gate("H", [0])
    builder.gate("CCX", [0, 2, 4])
    builder.gate("RZZ", [1, 3], ["a"])
    builder.gate("CP", [4, 1], [0.7])
    builder.gate("SWAP", [0, 3])
    builder.gate("CX", [2, 0])
    builder.gate("ISWAP", [3, 4])
    builder.gate("RY", [1], [1.1])
    return builder.build()


def is_coupled(circuit: Circuit, target: Target) -> bool:
    pairs = set(target.coupling)
    return all(len(i.qubits) < 2 or not pairs or i.qubits in pairs for i in circuit.instructions())


@pytest.mark.parametrize(("basis", "shape"), list(product(BASES, SHAPES)), ids=str)
def test_every_basis_compiles_on_every_shape(basis: tuple[str, ...], shape: str) -> None:
    for level in (0, 2):
        done = compile_for(mixed(), shape, basis=basis, level=level)
        assert set(done.circuit.count_ops()) <= set(basis)
        assert is_coupled(done.circuit, Target.of(shape))
        assert done.certificate is not None
        assert done.certificate.verdict == "equal"
        assert done.certificate.max_error < 1e-9
        assert done.circuit.parameters == ("a",)


@pytest.mark.parametrize("basis", BASES, ids=str)
def test_directions_are_kept_to(basis: tuple[str, ...]) -> None:
    target = Target.of(DIRECTED, basis)
    for level in (0, 1, 2, 3):
        done = compile_for(mixed(), target, level=level)
        assert is_coupled(done.circuit, target)
        assert set(done.circuit.count_ops()) <= set(basis)
        assert done.certificate is not None
        assert done.certificate.verdict == "equal"


def excitation(builder: CircuitBuilder, qubits: list[int], letters: str, angle: float) -> None:
    """A rotation about a Pauli product, as a ladder of CX."""
    turns = {"X": ("H", "H"), "Y": ("SX", "SXDG")}
    for before in (True, False):
        for qubit, letter in zip(qubits, letters, strict=True):
            if letter in turns:
                builder.gate(turns[letter][0 if before else 1], [qubit])
        ladder = list(pairwise(qubits))
        for pair in ladder if before else reversed(ladder):
            builder.gate("CX", pair)
        if before:
            builder.gate("RZ", [qubits[-1]], [angle])


@pytest.mark.parametrize("level", [2, 3])
def test_pauli_rotations_are_woven_before_they_are_mapped(level: int) -> None:
    builder = CircuitBuilder(6)
    for k, letters in enumerate(("XXXY", "XXYX", "XYXX", "YXXX", "YYYX", "YYXY", "YXYY", "XYYY")):
        excitation(builder, [0, 2, 3, 5], letters, 0.1 + k)
    circuit = builder.build()
    done = compile_for(circuit, "line:6", basis=["U", "CX"], level=level)
    assert done.certificate is not None
    assert done.certificate.verdict == "equal"
    assert "weave-rotations" in [stage.name for stage in done.stages]
    assert done.circuit.count_ops()["CX"] < circuit.count_ops()["CX"], "routed, and still fewer than it came with"


def test_clifford_circuits_are_woven_before_they_are_mapped() -> None:
    builder = CircuitBuilder(8)
    for layer in range(20):
        for qubit in range(8):
            builder.gate("HS"[(layer + qubit) % 2], [qubit])
        for qubit in range(4):
            builder.gate("CX", [qubit, 4 + (qubit + layer) % 4] if layer % 3 else [qubit, (qubit + 1 + layer % 5) % 8])
    circuit = builder.build()
    done = compile_for(circuit, "grid:2x4", basis=["U", "CX"])
    assert done.certificate is not None
    assert done.certificate.verdict == "equal"
    assert done.certificate.method == "tableau", "what comes out is a Clifford circuit, too"
    assert done.circuit.count_ops()["CX"] < circuit.count_ops()["CX"]


def test_turning_a_gate_round_costs_nothing_on_two_qubits() -> None:
    builder = CircuitBuilder(2)
    builder.gate("CX", [0, 1])
    builder.gate("RX", [0], [0.3])
    done = compile_for(builder.build(), Target(2, ((1, 0),), ("U", "CX")), layout=[0, 1])
    assert done.circuit.count_ops() == {"CX": 1, "U": 4}


def test_observables_and_layouts_follow_the_qubits() -> None:
    circuit = mixed()
    observable = _core.Observable.from_terms(5, [("Z0 Z3", 0.5), ("X1 Y2", -1.0), ("Z4", 2.0)])
    done = compile_for(circuit, "line:6", basis=["U", "CX"], layout=[5, 0, 3, 1, 2])
    assert done.initial == (5, 0, 3, 1, 2)
    (before,) = _core.Plan(circuit).expectation([0.4], [observable])
    (after,) = _core.Plan(done.circuit).expectation([0.4], [done.observable(observable)])
    assert after == pytest.approx(before, abs=1e-9)


def test_the_result_depends_on_the_seed_and_not_on_threads() -> None:
    circuit = mixed()
    first, second = (compile_for(circuit, "grid:3x3", basis=["U", "CX"], seed=5, threads=n) for n in (1, 2))
    assert first.circuit.digest == second.circuit.digest
    assert (first.initial, first.final) == (second.initial, second.final)


def test_measurements_and_branches_stay_what_they_were() -> None:
    builder = CircuitBuilder(4, 3)
    builder.gate("X", [3])
    builder.gate("CX", [3, 0])
    builder.measure([0], [0])
    builder.begin_if(_core.Condition.bit(0))
    builder.gate("CX", [3, 1])
    builder.gate("CX", [0, 2])
    builder.end()
    builder.measure([1, 2], [1, 2], "Z")
    circuit = builder.build()
    done = compile_for(circuit, "line:5", basis=["U", "CZ"])
    assert _core.Plan(done.circuit).sample(shots=20, seed=1).to_dict() == {"111": 20}


def test_stages_have_seconds_only_with_a_clock() -> None:
    ticks = iter(range(100))
    done = compile_for(mixed(), "line:5", basis=["U", "CX"], clock=lambda: float(next(ticks)))
    assert next(stage.name for stage in done.stages) == "input"
    assert sum(stage.seconds or 0.0 for stage in done.stages) == 3.0  # before the mapping, the mapping, behind it
    assert all(stage.seconds is None for stage in compile_for(mixed(), "line:5", basis=["U", "CX"]).stages)
    assert done.stages[-1].two_qubit_gates == done.circuit.count_ops()["CX"]


def test_a_wrong_compilation_is_found_and_never_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(
        circuit: Circuit, level: int, basis: list[str] | None, freedom: str, keep: bool
    ) -> tuple[Circuit, list[_core.PassStep], list[int], list[tuple[str, Circuit]]]:
        builder = CircuitBuilder(circuit.num_qubits, parameters=circuit.parameters)
        builder.append(circuit, range(circuit.num_qubits))
        builder.gate("RX", [0], [1e-3])
        return builder.build(), [], [], []

    monkeypatch.setattr(_core, "optimise_traced", wrong)
    with pytest.raises(EigenError, match="is another circuit") as caught:
        compile_for(mixed(), "all:5", basis=["U", "CX"], level=1)
    assert caught.value.code == "EIGEN_INTERNAL"


def circuit_of(*gates: tuple[str, list[int]], width: int = 3, measured: bool = False) -> Circuit:
    builder = CircuitBuilder(width, width if measured else 0)
    for name, qubits in gates:
        builder.gate(name, qubits, [0.4] if name.startswith("R") else [])
    if measured:
        builder.measure(range(width), range(width))
    return builder.build()


def check(before: Circuit, after: Circuit, initial: list[int], final: list[int], *, thorough: bool = False) -> object:
    return verification.verified(before, after, initial, final, thorough=thorough).is_equivalent


def test_verification_follows_layouts_and_sees_every_change() -> None:
    bell = circuit_of(("H", [0]), ("CX", [0, 1]), width=2)
    moved = circuit_of(("H", [3]), ("CX", [3, 1]), ("SWAP", [1, 2]), width=4)
    for thorough in (False, True):
        assert check(bell, moved, [3, 1], [3, 2], thorough=thorough)
        assert check(bell, moved, [3, 1], [3, 1], thorough=thorough) is False
        assert check(bell, circuit_of(("H", [3]), width=4), [3, 1], [3, 1], thorough=thorough) is False
    turned = circuit_of(("H", [0]), ("RX", [0]), ("CX", [0, 1]), width=2)
    assert check(turned, turned, [0, 1], [0, 1])
    assert check(turned, circuit_of(("H", [0]), ("RY", [0]), ("CX", [0, 1]), width=2), [0, 1], [0, 1]) is False
    spare = circuit_of(("H", [0]), ("RX", [0]), ("CX", [0, 1]), ("X", [2]))
    assert check(turned, spare, [0, 1], [0, 1]) is False


def test_phases_that_no_outcome_shows_do_not_count() -> None:
    with_phase = circuit_of(("H", [0]), ("RX", [1]), ("RZ", [0]), measured=True)
    without = circuit_of(("H", [0]), ("RX", [1]), measured=True)
    assert check(with_phase, without, [0, 1, 2], [0, 1, 2])
    assert check(with_phase, circuit_of(("RX", [1]), measured=True), [0, 1, 2], [0, 1, 2]) is False
    builder = CircuitBuilder(3, 3)
    builder.gate("H", [0])
    builder.gate("RX", [1], [0.4])
    builder.measure([0, 2, 1], [0, 1, 2])
    assert check(with_phase, builder.build(), [0, 1, 2], [0, 1, 2]) is False


def test_circuits_of_middling_width_are_proven_with_spare_qubits_moved_about() -> None:
    gates = (
        [("CX", [k, k + 1]) for k in range(29)] + [("RX", [k]) for k in range(30)] + [("CX", [0, 15]), ("CX", [29, 3])]
    )
    circuit = circuit_of(*gates, width=30)
    for level in (1, 2):
        certificate = compile_for(circuit, "heavy-hex:65", basis=["RZ", "SX", "X", "CZ"], level=level).certificate
        assert certificate is not None
        assert (certificate.verdict, certificate.is_proof) == ("equal", True)
        assert certificate.method == "chain"
    done = compile_for(circuit, "heavy-hex:65", basis=["U", "CX"])
    builder = CircuitBuilder(65)
    builder.append(done.circuit, range(65))
    builder.gate("RX", [done.final[7]], [1e-3])
    assert check(circuit, builder.build(), list(done.initial), list(done.final)) is None
    moves = work._moves(_core.map_to_device(circuit, 65, Target.of("heavy-hex:65").coupling, level=2))
    assert moves is not None
    assert sorted(moves) == list(range(65))


def test_wide_clifford_circuits_are_proven_and_other_wide_ones_are_said_to_be_unchecked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chain = circuit_of(("H", [0]), *[("CX", [k, k + 1]) for k in range(99)], width=100)
    certificate = compile_for(chain, "line:100", basis=["U", "CX"]).certificate
    assert certificate is not None
    assert (certificate.verdict, certificate.method, certificate.is_proof) == ("equal", "tableau", True)
    rotated = circuit_of(*[("RX", [k]) for k in range(100)], *[("CX", [k, k + 1]) for k in range(99)], width=100)
    monkeypatch.setattr(verification, "MOST_WINDOWED", 100)
    monkeypatch.setattr(compilation, "is_wide", lambda _: False)  # no circuits between the passes are kept
    cheap = compile_for(rotated, "line:100", basis=["U", "CX"]).certificate
    assert cheap is not None
    assert cheap.verdict == "undecided"
    assert "100 qubits" in cheap.details[0]
    proven = compile_for(rotated, "line:100", basis=["U", "CX"], verify="thorough").certificate
    assert proven is not None
    assert (proven.verdict, proven.is_proof) == ("equal", True)
    assert compile_for(rotated, "line:100", basis=["U", "CX"], verify="no").certificate is None


@given(st.integers(2, 6), st.integers(0, 3), st.integers(0, 2**32), st.data())
def test_random_circuits_on_random_connected_devices(width: int, level: int, seed: int, data: st.DataObject) -> None:
    spare = data.draw(st.integers(0, 2))
    tree = [(data.draw(st.integers(0, k - 1)), k) for k in range(1, width + spare)]
    directed = data.draw(st.booleans())
    target = Target(width + spare, tuple(tree) if directed else both_ways(tree), ("RZ", "SX", "CX"))
    builder = CircuitBuilder(width)
    for _ in range(data.draw(st.integers(0, 10))):
        pair = data.draw(st.permutations(range(width)))[:2]
        builder.gate(data.draw(st.sampled_from(["CX", "CZ", "SWAP", "CH", "ISWAP"])), pair)
        builder.gate("RY", pair[:1], [data.draw(st.floats(-pi, pi))])
    done = compile_for(builder.build(), target, level=level, seed=seed)
    assert is_coupled(done.circuit, target)
    assert done.certificate is not None
    assert done.certificate.is_equivalent


def test_shapes_are_what_they_are_called() -> None:
    assert len(topologies.ring(5)) == len(topologies.line(5)) + 1 == 5
    assert len(topologies.grid(3, 4)) == 3 * 3 + 2 * 4
    for size, pairs in {27: 28, 65: 72, 127: 144, 433: 504, 1121: 1320}.items():
        edges = topologies.heavy_hex(size)
        assert (len(edges), 1 + max(map(max, edges))) == (pairs, size)
        degrees = np.bincount(np.array(edges).ravel())
        assert set(degrees) <= {1, 2, 3}


def test_devices_described_in_json() -> None:
    text = json.dumps({"coupling": [[0, 1], [1, 2]], "basis": ["cz", "u3"], "errors": [[0, 1, 0.1]]})
    target = Target.from_json(text)
    assert target.coupling == ((0, 1), (1, 0), (1, 2), (2, 1))
    assert (target.num_qubits, target.errors) == (3, {(0, 1): 0.1})
    assert Target.from_json('{"coupling": [[0, 1]], "directed": true}').coupling == ((0, 1),)
    assert Target.from_json("[[0, 3]]").num_qubits == 4


@pytest.mark.parametrize(
    "text",
    [
        "line:x",
        "line:0",
        "line:-3",
        "grid:3",
        "grid:9x",
        "torus:5",
        "",
        "heavy-hex:28",
        "all:99999999999",
        "grid:999x999",
    ],
)
def test_texts_that_name_no_device_are_refused(text: str) -> None:
    with pytest.raises(EigenError) as caught:
        compile_for(mixed(), text)
    assert caught.value.code == "EIGEN_USAGE"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[[0]]", "[[0, 0]]", '[["a", "b"]]', "[[-1, 0]]", "5", '{"coupling": [[0, 1]], "colour": 1}',
     '{"num_qubits": 1, "coupling": [[0, 1]]}', '{"num_qubits": 2, "basis": ["nope"]}', "[[0, 99999999]]",
     '{"coupling": [[0, 1]], "errors": [[0, 1, 2.0]]}', '{"num_qubits": 2, "durations": {"CX": -1}}'],
)  # fmt: skip
def test_descriptions_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(EigenError) as caught:
        Target.from_json(text)
    assert caught.value.code == "EIGEN_USAGE"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"device": "line:3"}, "EIGEN_COMPILER_UNSUPPORTED"),
        ({"device": "line:5", "basis": ["RZ", "CX"]}, "EIGEN_COMPILER_UNSUPPORTED"),
        ({"device": "line:5", "level": 4}, "EIGEN_USAGE"),
        ({"device": "line:5", "layout": [0, 1, 2]}, "EIGEN_USAGE"),
        ({"device": "line:5", "verify": "maybe"}, "EIGEN_USAGE"),
        ({"device": Target(5, ((0, 1), (2, 3)))}, "EIGEN_COMPILER_UNSUPPORTED"),
    ],
)
def test_what_cannot_be_done_is_named(asked: dict[str, object], code: str) -> None:
    with pytest.raises(EigenError) as caught:
        compile_for(mixed(), **asked)  # type: ignore[arg-type]
    assert caught.value.code == code


def small_phases() -> Circuit:
    """A Fourier transform whose last phases no state can show."""
    builder = CircuitBuilder(3)
    for qubit in range(3):
        builder.gate("H", [qubit])
    for pair, angle in (((0, 1), 0.5), ((0, 2), 5e-9), ((1, 2), -3e-9), ((2, 0), 3e-9)):
        builder.gate("CP", pair, [angle])
        builder.gate("H", pair[:1])
    return builder.build()


def test_the_smallest_rotations_are_left_out_and_told() -> None:
    done = compile_for(small_phases(), "line:3", basis=["U", "CX"], level=1)
    assert done.left_out is not None
    assert done.left_out.rotations == 2
    assert done.left_out.error_bound == pytest.approx(6e-9)
    assert done.certificate is not None
    assert done.certificate.verdict == "equal"
    assert done.certificate.max_error is not None
    assert done.certificate.max_error >= 6e-9
    assert any("2 rotations left out" in line for line in done.certificate.details)
    assert done.to_json()["left_out"] == {"rotations": 2, "error_bound": done.left_out.error_bound}


def test_every_rotation_stays_at_tolerance_0_and_at_level_0() -> None:
    for options in ({"tolerance": 0.0}, {"level": 0}):
        done = compile_for(small_phases(), "all:3", basis=["U", "CX"], **options)
        assert done.left_out is None
        assert "left_out" not in done.to_json()


@pytest.mark.parametrize("tolerance", [-1e-9, 0.2, float("nan")])
def test_a_tolerance_that_makes_no_sense_is_refused(tolerance: float) -> None:
    with pytest.raises(EigenError, match="tolerance"):
        compile_for(small_phases(), "all:3", tolerance=tolerance)
