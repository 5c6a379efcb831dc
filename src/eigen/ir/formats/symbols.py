"""Parameters of packages that write them with SymPy, as ours and back. SymPy comes with the package."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingModuleSource=false, reportMissingImports=false

from __future__ import annotations

from math import isfinite
from typing import Any

from eigen.ir.circuit import Affine
from eigen.ir.formats.objects import refused


def affine(package: str, value: Any, where: str, unit: float = 1.0) -> float | Affine:
    """A number or an expression, in the given unit, as a parameter; what is not affine is refused."""
    symbols = sorted(getattr(value, "free_symbols", ()), key=str)
    if not symbols:
        return _number(package, value, where) * unit
    import sympy

    slopes: dict[str, float] = {}
    for symbol in symbols:
        slope = sympy.diff(value, symbol)
        if slope.free_symbols:
            raise refused(package, f"`{value}`, a parameter of `{where}`, is not affine in `{symbol}`")
        slopes[str(symbol)] = _number(package, slope, where) * unit
    constant = sympy.sympify(value).subs(dict.fromkeys(symbols, 0))
    return Affine(_number(package, constant, where) * unit, slopes)


def expression(value: float | Affine, unit: float = 1.0) -> Any:
    """A parameter of ours, counted in the given unit, as a number or an expression of SymPy's."""
    if not isinstance(value, Affine):
        return value / unit
    import sympy

    total: Any = value.constant / unit
    for name, factor in sorted(value.terms.items()):
        total = total + factor / unit * sympy.Symbol(name)
    return total


def _number(package: str, value: Any, where: str) -> float:
    try:
        number = complex(value)
    except (TypeError, ValueError):
        raise refused(package, f"`{value}`, a parameter of `{where}`, is no number") from None
    if number.imag or not isfinite(number.real):
        raise refused(package, f"`{value}`, a parameter of `{where}`, is no real number")
    return number.real
