"""Small circuits, one for each thing that a circuit may have: the rows of the table in docs/guides/formats.md."""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING

import numpy as np

from eigen.ir import Circuit, CircuitBuilder, Condition

if TYPE_CHECKING:
    from collections.abc import Callable


def _made(*arguments: int, **options: object) -> Callable[[Callable[[CircuitBuilder], object]], Circuit]:
    def build(fill: Callable[[CircuitBuilder], object]) -> Circuit:
        builder = CircuitBuilder(*arguments, **options)  # type: ignore[arg-type]
        fill(builder)
        return builder.build()

    return build


def _clifford(b: CircuitBuilder) -> None:
    b.gate("H", [0])
    b.gate("CX", [0, 1])
    b.gate("S", [1], inverse=True)


def _registers() -> Circuit:
    builder = CircuitBuilder()
    builder.add_qubits(1, "alpha")
    builder.add_qubits(2, "beta")
    builder.gate("H", [0])
    builder.gate("CX", [1, 2])
    return builder.build()


def _branch(b: CircuitBuilder, with_else: bool) -> None:
    b.measure([0], [0])
    b.begin_if(Condition.bit(0))
    b.gate("X", [1])
    if with_else:
        b.begin_else()
        b.gate("Z", [1])
    b.end()
    b.measure([1], [1])


def _while(b: CircuitBuilder) -> None:
    b.measure([0], [0])
    b.begin_while(Condition.bit(0), 9)
    b.gate("H", [0])
    b.measure([0], [0])
    b.end()


def _for(b: CircuitBuilder) -> None:
    b.begin_for(3)
    b.gate("S", [0])
    b.end()


def _or(b: CircuitBuilder) -> None:
    b.measure([0, 1], [0, 1])
    b.gate("X", [2], condition=Condition.bit(0) | Condition.bit(1))
    b.measure([2], [2])


def _middle(b: CircuitBuilder) -> None:
    b.gate("H", [0])
    b.measure([0], [0])
    b.gate("CX", [0, 1])
    b.measure([1], [1])


FEATURES: dict[str, Circuit] = {
    "Clifford gates": _made(2)(_clifford),
    "rotations by any angle": _made(1)(lambda b: b.gate("RX", [0], [1e-17 + 0.3])),
    "controls on 0, inverses, powers": _made(3)(
        lambda b: b.gate("RY", [0, 1, 2], [0.4], num_controls=2, ctrl_state="01", inverse=True, power=0.5)
    ),
    "unitary matrices": _made(2)(lambda b: b.gate("UNITARY", [1, 0], matrix=np.diag(np.exp(1j * np.arange(4))))),
    "global phase": _made(1)(lambda b: (b.gate("GPHASE", [], [0.3]), b.gate("H", [0]))),
    "open parameters": _made(1)(lambda b: b.gate("RZ", [0], ["theta"])),
    "names of registers": _registers(),
    "name and metadata": _made(1, name="mine", metadata={"by": "me"})(lambda b: b.gate("H", [0])),
    "idle qubits": _made(4)(lambda b: b.gate("H", [1])),
    "measurement at the end": _made(2, 2)(lambda b: (_clifford(b), b.measure([0, 1], [0, 1]))),
    "measurement in X and Y": _made(2, 2)(lambda b: (b.measure([0], [0], "X"), b.measure([1], [1], "Y"))),
    "outcomes out of order": _made(2, 2)(lambda b: (_clifford(b), b.measure([0, 1], [1, 0]))),
    "measurement on the way": _made(2, 2)(_middle),
    "reset": _made(1)(lambda b: (b.gate("H", [0]), b.reset([0]))),
    "barrier": _made(2)(lambda b: (b.gate("H", [0]), b.barrier([0, 1]), b.gate("H", [1]))),
    "delay in seconds": _made(1)(lambda b: b.delay([0], 20.0, "ns")),
    "IF on a bit": _made(2, 2)(lambda b: _branch(b, False)),
    "IF with ELSE": _made(2, 2)(lambda b: _branch(b, True)),
    "conditions with OR": _made(3, 3)(_or),
    "FOR": _made(1)(_for),
    "WHILE": _made(1, 1)(_while),
    "Pauli rotations": _made(3)(lambda b: b.gate("PAULI_ROT", [0, 1, 2], [pi / 2], pauli="XYZ")),
}
