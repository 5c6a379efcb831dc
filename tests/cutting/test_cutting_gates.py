"""Two-qubit gates as rotations about products of axes, and what cutting them costs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from eigen.cutting.gates import NAMES, WIRE_GAMMA, gamma, pair_of
from eigen.ir import CircuitBuilder, Instruction, gate_table
from oracle import unitary

ANGLE = 0.731


def instruction(name: str, angle: float = ANGLE) -> Instruction:
    builder = CircuitBuilder(2)
    row = next(row for row in gate_table() if row.name == name)
    builder.gate(name, [0, 1], [angle] * len(row.param_names))
    return builder.build().instructions()[0]


@pytest.mark.parametrize("name", NAMES)
def test_the_form_is_the_gate(name: str) -> None:
    gate = instruction(name)
    pair = pair_of(gate)
    assert pair is not None
    builder = CircuitBuilder(2)
    for side in (0, 1):
        pair.enter(builder, side, side)
    builder.gate("RZZ", [0, 1], [pair.angle])
    for side in (0, 1):
        pair.leave(builder, side, side)
    whole = CircuitBuilder(2)
    whole.gate(name, [0, 1], list(gate.params))
    product = unitary(builder.build()).conj().T @ unitary(whole.build())
    assert np.allclose(product, product[0, 0] * np.eye(4), atol=1e-12)


def test_overheads_are_those_of_the_literature() -> None:
    """Gates: Mitarai and Fujii, New J. Phys. 23, 023021 (2021), and Piveteau and Sutter, IEEE Trans. Inf. Theory 70,
    2734 (2024). Wires without classical communication: Peng et al., Phys. Rev. Lett. 125, 150504 (2020)."""

    def cost(name: str, angle: float = ANGLE) -> float:
        pair = pair_of(instruction(name, angle))
        assert pair is not None
        return gamma(pair.angle)

    assert WIRE_GAMMA == 4.0
    for name in ("CX", "CY", "CZ", "CH"):
        assert cost(name) == pytest.approx(3.0, abs=1e-12)
    for angle in (-2.1, 0.0, 0.3, math.pi / 2, 3.0):
        for name in ("CRX", "CRY", "CRZ", "CP"):
            assert cost(name, angle) == pytest.approx(1 + 2 * abs(math.sin(angle / 2)), abs=1e-12)
        for name in ("RXX", "RYY", "RZZ", "RZX"):
            assert cost(name, angle) == pytest.approx(1 + 2 * abs(math.sin(angle)), abs=1e-12)


def test_an_open_angle_counts_with_its_worst() -> None:
    builder = CircuitBuilder(2)
    builder.gate("RZZ", [0, 1], ["a"])
    pair = pair_of(builder.build().instructions()[0])
    assert pair is not None
    assert gamma(pair.angle) == 3.0


def test_controls_powers_and_swaps_have_no_form() -> None:
    builder = CircuitBuilder(3)
    builder.gate("CX", [0, 1, 2], num_controls=1)
    builder.gate("CX", [0, 1], power=0.5)
    builder.gate("SWAP", [0, 1])
    assert [pair_of(gate) for gate in builder.build().instructions()] == [None] * 3
