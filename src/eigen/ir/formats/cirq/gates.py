"""The gates that Cirq and this house both have. Angles of Cirq are exponents: half turns."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingModuleSource=false, reportMissingImports=false
# pyright: reportUnknownParameterType=false, reportUnknownLambdaType=false, reportAttributeAccessIssue=false

from __future__ import annotations

import cmath
from math import pi
from typing import TYPE_CHECKING, Any

import cirq
import sympy

from eigen.ir.formats import symbols
from eigen.ir.formats.objects import refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.ir.circuit import Affine, CircuitBuilder

NAME = "cirq"


class Pen:
    """Writes gates on the qubits of one operation, numbered from 0."""

    def __init__(self, builder: CircuitBuilder, qubits: Sequence[int]) -> None:
        self._builder = builder
        self._qubits = qubits

    def __call__(self, name: str, places: Sequence[int] = (0,), *params: float | Affine, controls: int = 0) -> None:
        self._builder.gate(name, [self._qubits[place] for place in places], list(params), num_controls=controls)

    def matrix(self, matrix: Any) -> None:
        """A matrix in Cirq's order of qubits."""
        self._builder.gate("UNITARY", self._qubits[::-1], matrix=matrix)

    def phase(self, gate: Any, share: float = 0.0) -> None:
        """exp(iπ·exponent·(share + global shift))."""
        turn = _turns(gate.exponent, gate) * (share + float(gate.global_shift))
        if turn != 0.0:
            self("GPHASE", (), turn)


def _turns(value: Any, gate: Any) -> float | Affine:
    return symbols.affine(NAME, value, str(gate), pi)


def _radians(value: Any, gate: Any) -> float | Affine:
    return symbols.affine(NAME, value, str(gate))


def _power(whole: dict[float, str], turned: str, width: int, share: float) -> Callable[[Pen, Any], None]:
    """A gate of which some powers have a name, and any other is a rotation and a phase."""

    def write(pen: Pen, gate: Any) -> None:
        exponent, shift = gate.exponent, float(gate.global_shift)
        if shift == 0 and not isinstance(exponent, sympy.Basic) and float(exponent) in whole:
            pen(whole[float(exponent)], range(width))
            return
        pen(turned, range(width), _turns(exponent, gate))
        pen.phase(gate, share)

    return write


def _z(pen: Pen, gate: Any) -> None:
    if float(gate.global_shift) == -0.5:
        pen("RZ", (0,), _turns(gate.exponent, gate))
    else:
        _power({1.0: "Z", 0.5: "S", -0.5: "Sdg", 0.25: "T", -0.25: "Tdg"}, "P", 1, 0.0)(pen, gate)


def _h(pen: Pen, gate: Any) -> None:
    if gate.exponent == 1 and gate.global_shift == 0:
        pen("H")
        return
    pen("RY", (0,), -pi / 4)
    pen("RZ", (0,), _turns(gate.exponent, gate))
    pen("RY", (0,), pi / 4)
    pen.phase(gate, 0.5)


def _cx(pen: Pen, gate: Any) -> None:
    if gate.exponent == 1 and gate.global_shift == 0:
        pen("CX", (0, 1))
        return
    pen("CRX", (0, 1), _turns(gate.exponent, gate))
    pen("P", (0,), _turns(gate.exponent, gate) * 0.5)
    pen.phase(gate)


def _ccx(pen: Pen, gate: Any) -> None:
    if gate.exponent == 1 and gate.global_shift == 0:
        pen("CCX", (0, 1, 2))
        return
    pen("H", (2,))
    pen("MCP", (0, 1, 2), _turns(gate.exponent, gate))
    pen("H", (2,))
    pen.phase(gate)


def _swap(pen: Pen, gate: Any) -> None:
    if gate.exponent == 1 and gate.global_shift == 0:
        pen("SWAP", (0, 1))
        return
    for name in ("RXX", "RYY", "RZZ"):
        pen(name, (0, 1), _turns(gate.exponent, gate) * 0.5)
    pen.phase(gate, 0.25)


def _iswap(pen: Pen, gate: Any) -> None:
    if gate.exponent == 1 and gate.global_shift == 0:
        pen("ISWAP", (0, 1))
        return
    for name in ("RXX", "RYY"):
        pen(name, (0, 1), _turns(gate.exponent, gate) * -0.5)
    pen.phase(gate)


def _phased_x(pen: Pen, gate: Any) -> None:
    pen("RZ", (0,), -_turns(gate.phase_exponent, gate))
    pen("RX", (0,), _turns(gate.exponent, gate))
    pen("RZ", (0,), _turns(gate.phase_exponent, gate))
    pen.phase(gate, 0.5)


def _phased_xz(pen: Pen, gate: Any) -> None:
    axis, x = _turns(gate.axis_phase_exponent, gate), _turns(gate.x_exponent, gate)
    pen("P", (0,), -axis)
    pen("RX", (0,), x)
    pen("GPHASE", (), x * 0.5)
    pen("P", (0,), axis + _turns(gate.z_exponent, gate))


def _identity(pen: Pen, gate: Any) -> None:
    for place in range(cirq.num_qubits(gate)):
        pen("I", (place,))


def _global_phase(pen: Pen, gate: Any) -> None:
    if cirq.is_parameterized(gate):
        raise refused(NAME, f"the phase `{gate.coefficient}` is no number")
    pen("GPHASE", (), cmath.phase(complex(gate.coefficient)))


READ: dict[Any, Callable[[Pen, Any], None]] = {
    cirq.XPowGate: _power({1.0: "X", 0.5: "SX", -0.5: "SXdg"}, "RX", 1, 0.5),
    cirq.YPowGate: _power({1.0: "Y"}, "RY", 1, 0.5),
    cirq.ZPowGate: _z,
    cirq.HPowGate: _h,
    cirq.CXPowGate: _cx,
    cirq.CZPowGate: _power({1.0: "CZ"}, "CP", 2, 0.0),
    cirq.CCXPowGate: _ccx,
    cirq.CCZPowGate: _power({1.0: "CCZ"}, "MCP", 3, 0.0),
    cirq.CSwapGate: lambda pen, gate: pen("CSWAP", (0, 1, 2)),
    cirq.SwapPowGate: _swap,
    cirq.ISwapPowGate: _iswap,
    cirq.XXPowGate: _power({}, "RXX", 2, 0.5),
    cirq.YYPowGate: _power({}, "RYY", 2, 0.5),
    cirq.ZZPowGate: _power({}, "RZZ", 2, 0.5),
    cirq.FSimGate: lambda pen, gate: pen("FSIM", (0, 1), _radians(gate.theta, gate), _radians(gate.phi, gate)),
    cirq.PhasedXPowGate: _phased_x,
    cirq.PhasedXZGate: _phased_xz,
    cirq.IdentityGate: _identity,
    cirq.GlobalPhaseGate: _global_phase,
    cirq.MatrixGate: lambda pen, gate: pen.matrix(cirq.unitary(gate)),
}


WRITE: dict[str, Callable[..., Any]] = {
    "I": lambda: cirq.I,
    "X": lambda: cirq.X,
    "Y": lambda: cirq.Y,
    "Z": lambda: cirq.Z,
    "H": lambda: cirq.H,
    "S": lambda: cirq.S,
    "Sdg": lambda: cirq.S**-1,
    "T": lambda: cirq.T,
    "Tdg": lambda: cirq.T**-1,
    "SX": lambda: cirq.X**0.5,
    "SXdg": lambda: cirq.X**-0.5,
    "RX": lambda t: cirq.XPowGate(exponent=t, global_shift=-0.5),
    "RY": lambda t: cirq.YPowGate(exponent=t, global_shift=-0.5),
    "RZ": lambda t: cirq.ZPowGate(exponent=t, global_shift=-0.5),
    "P": lambda t: cirq.ZPowGate(exponent=t),
    "CX": lambda: cirq.CX,
    "CZ": lambda: cirq.CZ,
    "CP": lambda t: cirq.CZ**t,
    "SWAP": lambda: cirq.SWAP,
    "ISWAP": lambda: cirq.ISWAP,
    "RXX": lambda t: cirq.XXPowGate(exponent=t, global_shift=-0.5),
    "RYY": lambda t: cirq.YYPowGate(exponent=t, global_shift=-0.5),
    "RZZ": lambda t: cirq.ZZPowGate(exponent=t, global_shift=-0.5),
    "CCX": lambda: cirq.CCX,
    "CCZ": lambda: cirq.CCZ,
    "CSWAP": lambda: cirq.CSWAP,
}
"""Our name, and Cirq's gate; parameters in half turns."""
TURN = {"X": ("H",), "Y": ("Sdg", "H"), "Z": ()}
TURN_BACK = {"X": ("H",), "Y": ("H", "S"), "Z": ()}
