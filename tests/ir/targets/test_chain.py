"""Wide compiled circuits, proven by the circuits between the passes: what agrees, and what is noticed."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest

from eigen.ir import CircuitBuilder, compile_for
from eigen.ir.targets import Target, verification
from eigen.ir.targets.work import Work

if TYPE_CHECKING:
    from eigen.ir import Circuit

WIDTH = 40
IBM = ("RZ", "SX", "X", "CZ")


def wide(*, measured: bool = False, symbols: bool = False) -> Circuit:
    """Rotations about pairs, gates that no pass knows, a Toffoli gate, SWAPs and what no outcome shows."""
    random = Random("chain")
    builder = CircuitBuilder(WIDTH, WIDTH if measured else 0)
    for layer in range(3):
        for qubit in range(WIDTH - 1):
            builder.gate(("RZZ", "RXX", "CRY")[layer], [qubit, qubit + 1], [random.uniform(-2, 2)])
        for qubit in range(WIDTH):
            builder.gate("RX", [qubit], [random.uniform(-3, 3)])
        for _ in range(6):
            builder.gate(random.choice(("CX", "ISWAP", "SWAP", "ECR")), random.sample(range(WIDTH), 2))
    builder.gate("CCX", random.sample(range(WIDTH), 3))
    builder.gate("PAULI_ROT", [3, 9, 27, 31], [0.3], pauli="XYZY")
    for qubit in range(WIDTH):
        builder.gate("RZ", [qubit], [f"a{qubit}" if symbols else 0.1 * qubit])
    if measured:
        builder.measure(range(WIDTH), range(WIDTH)[::-1])
    return builder.build()


@pytest.mark.parametrize("level", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("device", "basis"), [("all:40", ("U", "CX")), ("line:41", ("U", "ISWAP")), ("heavy-hex:65", IBM)]
)
def test_wide_circuits_are_proven(device: str, basis: tuple[str, ...], level: int) -> None:
    certificate = compile_for(wide(), device, basis=basis, level=level, trials=2).certificate
    assert certificate is not None
    assert (certificate.verdict, certificate.method, certificate.is_proof) == ("equal", "chain", True), certificate
    assert certificate.max_error is not None
    assert certificate.max_error < 1e-8
    assert "rotations compared" in certificate.details[0]


def test_measurements_layouts_schedules_and_directions_are_followed() -> None:
    durations = {"RZ": 0.0, "SX": 3e-8, "X": 3e-8, "CX": 4e-7, "MEASURE": 1e-6}
    pairs = tuple((k + k % 2, k + 1 - k % 2) for k in range(WIDTH))
    chip = Target(WIDTH + 1, pairs, ("RZ", "SX", "X", "CX"), durations=durations)
    scheduled = compile_for(wide(measured=True), chip, level=1, trials=2, decouple="XY4")
    placed = compile_for(wide(measured=True), "all:50", basis=IBM, layout=list(range(WIDTH + 5, 5, -1)))
    for done in (scheduled, placed):
        assert done.certificate is not None
        assert (done.certificate.verdict, done.certificate.method) == ("equal", "chain"), done.certificate


def test_symbols_agree_for_every_value() -> None:
    done = compile_for(wide(symbols=True), "line:40", basis=IBM, level=2, trials=2)
    assert done.certificate is not None
    assert (done.certificate.verdict, done.certificate.method, done.certificate.is_proof) == ("equal", "chain", True)
    assert len(done.circuit.parameters) == WIDTH


def test_gates_too_wide_to_be_written_out_are_told_and_prove_nothing() -> None:
    builder = CircuitBuilder(WIDTH)
    for qubit in range(WIDTH):
        builder.gate("RY", [qubit], [0.1 + qubit])
    builder.gate("MCX", range(9))
    certificate = compile_for(builder.build(), "line:40", basis=["U", "CX"], level=1, trials=1).certificate
    assert certificate is not None
    assert (certificate.verdict, certificate.is_proof) == ("equal", False)
    assert "MCX" in certificate.details[1]


def spoilt(circuit: Circuit, at: int) -> Circuit:
    """The circuit with one more small rotation behind an operation."""
    builder = CircuitBuilder(circuit.num_qubits)
    for number, item in enumerate(circuit.instructions()):
        builder.gate(item.name, item.qubits, item.params)
        if number == at:
            builder.gate("RX", item.qubits[:1], [1e-4])
    return builder.build()


def test_what_goes_wrong_on_the_way_is_noticed() -> None:
    given, target = wide(), Target.of("line:40", IBM)
    work = Work(given, target, 2, lambda: None, keep=True)
    work.run(0, None, 2, None)

    def verdict(circuit: Circuit, final: tuple[int, ...]) -> str:
        found = verification._followed(given, circuit, work.initial, final, work.trail)
        return found.verdict

    assert verdict(work.circuit, work.final) == "equal"
    assert verdict(spoilt(work.circuit, 5), work.final) == "undecided"
    assert verdict(work.circuit, (work.final[1], work.final[0], *work.final[2:])) == "undecided"
    assert len(work.trail) >= 5
    for number, point in enumerate(work.trail[:-1]):
        right = list(work.trail)
        work.trail[number] = replace(point, circuit=spoilt(point.circuit, len(point.circuit) // 2))
        assert verdict(work.circuit, work.final) == "undecided", number
        work.trail = right
