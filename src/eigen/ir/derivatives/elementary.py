"""Derivatives of arithmetic and of elementary functions, element by element."""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.ir.array import Array, is_sequence
from eigen.ir.derivatives.structure import FREE, Cotangent, accumulate, elementwise_pullback, pullback
from eigen.ir.ops.table import apply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir.derivatives.structure import Partial


def _enter(names: str, *partials: Partial | None) -> None:
    pullback(*names.split())(elementwise_pullback(*partials))


def _log_of(x: float) -> float:
    return _core.math.log(x) if x > 0 else 0.0


def _power(x: float, exponent: float) -> float:
    return apply("pow", [Array.vector([x]), float(exponent)], {}, FREE).data[0]


_m = _core.math

_enter("sub", lambda a, b, y: 1.0, lambda a, b, y: -1.0)
_enter("truediv", lambda a, b, y: 1.0 / b, lambda a, b, y: -a / (b * b))
_enter(
    "pow math.pow",
    lambda a, b, y: b * _power(a, b - 1.0) if b else 0.0,
    lambda a, b, y: y * _log_of(a),
)
_enter("neg", lambda a, y: -1.0)
_enter("pos", lambda a, y: 1.0)
_enter("abs math.fabs", lambda a, y: 1.0 if a > 0 else -1.0 if a < 0 else 0.0)
_enter("square", lambda a, y: 2.0 * a)
_enter("sin math.sin", lambda a, y: _m.cos(a))
_enter("cos math.cos", lambda a, y: -_m.sin(a))
_enter("tan math.tan", lambda a, y: 1.0 + y * y)
_enter("asin arcsin math.asin", lambda a, y: 1.0 / _m.sqrt(1.0 - a * a))
_enter("acos arccos math.acos", lambda a, y: -1.0 / _m.sqrt(1.0 - a * a))
_enter("atan arctan math.atan", lambda a, y: 1.0 / (1.0 + a * a))
_enter("sinh math.sinh", lambda a, y: _m.cosh(a))
_enter("cosh math.cosh", lambda a, y: _m.sinh(a))
_enter("tanh math.tanh", lambda a, y: 1.0 - y * y)
_enter("asinh arcsinh math.asinh", lambda a, y: 1.0 / _m.sqrt(a * a + 1.0))
_enter("acosh arccosh math.acosh", lambda a, y: 1.0 / _m.sqrt(a * a - 1.0))
_enter("atanh arctanh math.atanh", lambda a, y: 1.0 / (1.0 - a * a))
_enter("exp math.exp", lambda a, y: y)
_enter("expm1 math.expm1", lambda a, y: y + 1.0)
_enter("log math.log", lambda a, y: 1.0 / a)
_enter("log1p math.log1p", lambda a, y: 1.0 / (1.0 + a))
_enter("log2 math.log2", lambda a, y: 1.0 / (a * _m.log(2.0)))
_enter("log10 math.log10", lambda a, y: 1.0 / (a * _m.log(10.0)))
_enter("sqrt math.sqrt", lambda a, y: 0.5 / y)
_enter("cbrt math.cbrt", lambda a, y: 1.0 / (3.0 * y * y))
_enter("erf math.erf", lambda a, y: 2.0 / _m.sqrt(pi) * _m.exp(-a * a))
_enter("atan2 arctan2 math.atan2", lambda a, b, y: b / (a * a + b * b), lambda a, b, y: -a / (a * a + b * b))
_enter("hypot math.hypot", lambda a, b, y: a / y, lambda a, b, y: b / y)
_enter("deg2rad math.radians", lambda a, y: pi / 180.0)
_enter("rad2deg math.degrees", lambda a, y: 180.0 / pi)
_enter("minimum", lambda a, b, y: float(a <= b), lambda a, b, y: float(a > b))
_enter("maximum", lambda a, b, y: float(a >= b), lambda a, b, y: float(a < b))
_enter("where", None, lambda c, a, b, y: float(bool(c)), lambda c, a, b, y: float(not c))


@pullback("add")
def _add(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    if is_sequence(args[0]) and is_sequence(args[1]):
        return cotangent[: len(args[0])], cotangent[len(args[0]) :]
    return _sum_rule(args, attrs, result, cotangent)


_sum_rule = elementwise_pullback(lambda a, b, y: 1.0, lambda a, b, y: 1.0)
product_rule = elementwise_pullback(lambda a, b, y: b, lambda a, b, y: a)


@pullback("mul")
def _mul(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    for place, other in ((0, 1), (1, 0)):
        if is_sequence(args[place]) and isinstance(args[other], int):
            length = len(args[place])
            total: Cotangent = None
            for start in range(0, len(cotangent), length or 1):
                total = accumulate(total, list(cotangent[start : start + length]))
            return (total, None) if place == 0 else (None, total)
    return product_rule(args, attrs, result, cotangent)


@pullback("clip")
def _clip(args: Sequence[Any], attrs: Any, result: Any, cotangent: Cotangent) -> Sequence[Cotangent]:
    value, low, high = args
    bounded = [value, float("-inf") if low is None else low, float("inf") if high is None else high]
    found = _clip_rule(bounded, attrs, result, cotangent)
    return found[0], None if low is None else found[1], None if high is None else found[2]


_clip_rule = elementwise_pullback(
    lambda a, low, high, y: float(low <= a <= high),
    lambda a, low, high, y: float(a < low),
    lambda a, low, high, y: float(a > high),
)
