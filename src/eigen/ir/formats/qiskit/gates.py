"""The gates that Qiskit and this house both have, and the parameters of either as the other's."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false

from __future__ import annotations

from math import isclose, isfinite, pi
from typing import TYPE_CHECKING, Any

from qiskit.circuit import Parameter, ParameterExpression
from qiskit.circuit import library as lib

from eigen.ir.circuit import Affine
from eigen.ir.formats.objects import refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SAME: dict[str, Any] = {
    "I": lib.IGate,
    "X": lib.XGate,
    "Y": lib.YGate,
    "Z": lib.ZGate,
    "H": lib.HGate,
    "S": lib.SGate,
    "Sdg": lib.SdgGate,
    "T": lib.TGate,
    "Tdg": lib.TdgGate,
    "SX": lib.SXGate,
    "SXdg": lib.SXdgGate,
    "RX": lib.RXGate,
    "RY": lib.RYGate,
    "RZ": lib.RZGate,
    "P": lib.PhaseGate,
    "U": lib.UGate,
    "CX": lib.CXGate,
    "CY": lib.CYGate,
    "CZ": lib.CZGate,
    "CH": lib.CHGate,
    "CP": lib.CPhaseGate,
    "CRX": lib.CRXGate,
    "CRY": lib.CRYGate,
    "CRZ": lib.CRZGate,
    "CU": lib.CUGate,
    "SWAP": lib.SwapGate,
    "ISWAP": lib.iSwapGate,
    "ECR": lib.ECRGate,
    "RXX": lib.RXXGate,
    "RYY": lib.RYYGate,
    "RZZ": lib.RZZGate,
    "RZX": lib.RZXGate,
    "XXPLUSYY": lib.XXPlusYYGate,
    "CCX": lib.CCXGate,
    "CCZ": lib.CCZGate,
    "CSWAP": lib.CSwapGate,
    "GPHASE": lib.GlobalPhaseGate,
}
"""Our name, and the class of the same matrix, parameters and order of qubits."""

Row = tuple[str, "Callable[..., list[float | Affine]]", int]


def _as_they_are(*params: float | Affine) -> list[float | Affine]:
    return list(params)


def _of_u2(phi: float | Affine, lam: float | Affine) -> list[float | Affine]:
    return [pi / 2, phi, lam]


def _of_r(theta: float | Affine, phi: float | Affine) -> list[float | Affine]:
    return [theta, phi + -pi / 2, -phi + pi / 2]


READ: dict[Any, Row] = {kind: (name, _as_they_are, 0) for name, kind in SAME.items()} | {
    lib.U1Gate: ("P", _as_they_are, 0),
    lib.U2Gate: ("U", _of_u2, 0),
    lib.U3Gate: ("U", _as_they_are, 0),
    lib.RGate: ("U", _of_r, 0),
    lib.CU1Gate: ("CP", _as_they_are, 0),
    lib.CU3Gate: ("U", _as_they_are, 1),
    lib.CSGate: ("S", _as_they_are, 1),
    lib.CSdgGate: ("Sdg", _as_they_are, 1),
    lib.CSXGate: ("SX", _as_they_are, 1),
    lib.C3SXGate: ("SX", _as_they_are, 3),
    lib.C3XGate: ("MCX", _as_they_are, 0),
    lib.C4XGate: ("MCX", _as_they_are, 0),
    lib.MCPhaseGate: ("MCP", _as_they_are, 0),
}
"""Class, and our gate: its name, its parameters from theirs, its added controls."""


def affine(value: Any, where: str) -> float | Affine:
    """A parameter of Qiskit's as a number or an affine expression; anything else is refused."""
    if isinstance(value, Parameter):
        return Affine.symbol(value.name)
    if not isinstance(value, ParameterExpression):
        return _number(value, where)
    symbols: list[Any] = sorted(value.parameters, key=lambda symbol: symbol.name)
    if not symbols:
        return _number(value.numeric(), where)
    slopes: dict[str, float] = {}
    for symbol in symbols:
        slope = value.gradient(symbol)
        if isinstance(slope, ParameterExpression):
            if slope.parameters:
                raise refused("qiskit", f"`{value}`, a parameter of {where}, is not affine in `{symbol.name}`")
            slope = slope.numeric()
        slopes[symbol.name] = _number(slope, where)
    zeros = dict.fromkeys(symbols, 0.0)
    made = Affine(_number(value.bind(zeros).numeric(), where), slopes)
    _check(value, made, symbols, where)
    return made


def _check(value: Any, made: Affine, symbols: Sequence[Any], where: str) -> None:
    """Slopes that are numbers do not make a function affine: its values tell."""
    for scale in (0.37, -5.3):
        point = {symbol: scale * (1 + 0.61 * index) for index, symbol in enumerate(symbols)}
        seen = _number(value.bind(point).numeric(), where)
        if not isclose(seen, made.value({s.name: x for s, x in point.items()}), rel_tol=1e-9, abs_tol=1e-9):
            raise refused("qiskit", f"`{value}`, a parameter of {where}, is not affine")


def _number(value: Any, where: str) -> float:
    number = complex(value)
    if number.imag or not isfinite(number.real):
        raise refused("qiskit", f"`{value}`, a parameter of {where}, is no real number")
    return number.real


def expression(value: float | Affine, symbols: Mapping[str, Any]) -> Any:
    """A parameter of ours as Qiskit's."""
    if not isinstance(value, Affine):
        return value
    total: Any = value.constant
    for name, factor in sorted(value.terms.items()):
        total = total + (symbols[name] if factor == 1.0 else factor * symbols[name])
    return total
