"""Drawings: each wire shows what acts on it, panels keep the width, SVG is well-formed and says the same."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.ir import Affine, Circuit, CircuitBuilder, Condition
from eigen.ir.drawing import draw_svg, draw_text, lay_out
from eigen.ir.drawing.labels import text_of_angle, text_of_condition


def teleportation() -> Circuit:
    builder = CircuitBuilder(3, 3)
    builder.gate("ry", [0], [1.2])
    builder.gate("h", [1])
    builder.gate("cx", [1, 2])
    builder.gate("cx", [0, 1])
    builder.gate("h", [0])
    builder.measure([0, 1], [0, 1])
    builder.begin_if(Condition.bit(1))
    builder.gate("x", [2])
    builder.end()
    builder.begin_if(Condition.bit(0))
    builder.gate("z", [2])
    builder.end()
    builder.measure([2], [2])
    return builder.build()


def test_teleportation() -> None:
    assert draw_text(teleportation()).split("\n") == [
        "q0: ─RY(1.2)───●─H─M→c0──────────────────────────────",
        "               │    │",
        "q1: ────H────●─⊕───M→c1──────────────────────────────",
        "             │",
        "q2: ─────────⊕──────────[if c1:─X─]─[if c0:─Z─]─M→c2─",
    ]


def test_a_condition_stands_after_its_measurement() -> None:
    layout = lay_out(teleportation())
    columns = {mark: k for k, column in enumerate(layout.columns) for item in column for mark in item.marks.values()}
    assert columns["if c1"] > columns["M→c1"]
    assert columns["if c0"] > columns["M→c0"]


def gates_circuit() -> Circuit:
    builder = CircuitBuilder(4, 1)
    builder.gate("h", [0, 1, 2], num_controls=2, ctrl_state="01")
    builder.gate("cswap", [0, 1, 2])
    builder.gate("cp", [0, 3], [0.7853981633974483])
    builder.gate("rzz", [0, 2], [Affine.symbol("p0") * 2.0])
    builder.gate("rzx", [1, 3], [0.5])
    builder.gate("pauli_rot", [0, 1, 3], [0.2], pauli="XYZ")
    builder.gate("t", [0], inverse=True, power=0.5)
    builder.barrier([0, 1])
    builder.begin_while(Condition.bit(0), 5)
    builder.gate("x", [1])
    builder.end()
    builder.begin_for(3)
    builder.gate("y", [2])
    builder.end()
    return builder.build()


def test_marks_of_gates() -> None:
    text = draw_text(gates_circuit(), width=400)
    for word in ("○", "●", "×", "P(π/4)", "RZZ(2·p0)", "RZX(0.5):0", "RZX(0.5):1", "⟨X⟩(0.2)", "⟨Y⟩", "⟨Z⟩", "┆"):
        assert word in text, word
    assert "[while c0:" in text
    assert "[repeat 3:" in text


@given(st.integers(20, 120))
def test_panels_keep_the_width(width: int) -> None:
    for line in draw_text(gates_circuit(), width=width).split("\n"):
        assert len(line) <= max(width, 30)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=30))
def test_every_operation_is_drawn_in_order(pairs: list[tuple[int, int]]) -> None:
    builder = CircuitBuilder(5)
    for a, b in pairs:
        builder.gate("h", [a]) if a == b else builder.gate("cx", [a, b])
    circuit = builder.build()
    seen: dict[int, list[str]] = {wire: [] for wire in range(5)}
    for column in lay_out(circuit).columns:
        taken: set[int] = set()
        for item in column:
            assert not taken & set(item.span)
            taken |= set(item.span)
            for wire, mark in item.marks.items():
                seen[wire].append(mark)
    expected: dict[int, list[str]] = {wire: [] for wire in range(5)}
    for a, b in pairs:
        expected[a].append("H" if a == b else "●")
        if a != b:
            expected[b].append("⊕")
    assert seen == expected
    ElementTree.fromstring(draw_svg(circuit))


def test_a_long_circuit_is_cut_and_says_so() -> None:
    builder = CircuitBuilder(1)
    for _ in range(50):
        builder.gate("h", [0])
    assert draw_text(builder.build(), max_operations=10).endswith("… 40 more operations")


def test_svg_names_the_same_marks() -> None:
    root = ElementTree.fromstring(draw_svg(gates_circuit()))
    texts = {element.text for element in root.iter() if element.tag.endswith("text")}
    assert {"P(π/4)", "RZZ(2·p0)", "⟨Y⟩", "while c0", "repeat 3", "q3"} <= texts


@pytest.mark.parametrize(
    ("angle", "text"),
    [
        (0.0, "0"),
        (3.141592653589793, "π"),
        (-1.5707963267948966, "-π/2"),
        (2.356194490192345, "3π/4"),
        (0.123456, "0.123"),
        (Affine.symbol("a") * -1.0 + 1.0, "-a+1"),
        (Affine.symbol("a") * 0.5 - Affine.symbol("b"), "0.5·a-b"),
    ],
)
def test_angles(angle: float | Affine, text: str) -> None:
    assert text_of_angle(angle) == text


def test_conditions() -> None:
    a, b = Condition.bit(0), Condition.bit(1)
    assert text_of_condition(a & ~b) == "c0 and not c1"
    assert text_of_condition(~(a | b)) == "not (c0 or c1)"
    assert text_of_condition(Condition.compare([0, 1, 2], ">=", 3)) == "c[2..0] >= 3"
    assert text_of_condition(Condition.compare([0, 2], "==", 1)) == "c[2,0] == 1"
