"""The subset of `math`: our own deterministic functions, so that results do not depend on the host."""

from __future__ import annotations

import math as _constants
from typing import TYPE_CHECKING

from eigen.lang.binding import bind
from eigen.lang.evaluate.operate import binary
from eigen.lang.reification import describe
from eigen.lang.values import Builtin, Object, Sym

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Call, Value


def plain(ctx: Context, value: Value, span: Span) -> Value:
    """An argument of a function of numbers: objects as values, circuit parameters refused."""
    if isinstance(value, Object):
        return ctx.reify(value, span)
    if isinstance(value, Sym):
        ctx.fail(
            "E0505",
            "a function of a circuit parameter is not affine",
            span,
            hint="compute the angle from run-time values, such as the elements of the cost function's argument",
        )
    return value


def _function(op: str, signature: str) -> Callable[[Context, Call], Value]:
    def function(ctx: Context, call: Call) -> Value:
        values = [plain(ctx, value, call.span) for value in bind(call, signature)]
        return ctx.apply(op, values, span=call.span)

    return function


def _variadic(op: str) -> Callable[[Context, Call], Value]:
    def function(ctx: Context, call: Call) -> Value:
        (values,) = bind(call, "*values")
        return ctx.apply(op, [plain(ctx, value, call.span) for value in values], span=call.span)

    return function


def _log(ctx: Context, call: Call) -> Value:
    value, base = bind(call, "x, base=None")
    found = ctx.apply("math.log", [plain(ctx, value, call.span)], span=call.span)
    if base is None:
        return found
    bottom = ctx.apply("math.log", [plain(ctx, base, call.span)], span=call.span)
    return binary(ctx, "/", "truediv", found, bottom, call.span)


def _isclose(ctx: Context, call: Call) -> Value:
    left, right, relative, absolute = bind(call, "a, b, *, rel_tol=1e-09, abs_tol=0.0")
    attrs = {
        "rel_tol": ctx.require_static(relative, "`rel_tol`", call.span),
        "abs_tol": ctx.require_static(absolute, "`abs_tol`", call.span),
    }
    if not all(isinstance(value, (int, float)) for value in attrs.values()):
        ctx.fail("E0402", f"a tolerance is a number, not {describe(relative)}", call.span)
    return ctx.apply("math.isclose", [left, right], attrs=attrs, span=call.span)


_ALSO_ONE = (
    "fabs",
    "floor",
    "ceil",
    "trunc",
    "radians",
    "degrees",
    "isqrt",
    "factorial",
    "isnan",
    "isinf",
    "isfinite",
)
_TWO = "atan2 pow fmod copysign comb perm"


def _table() -> dict[str, Value]:
    from eigen.ir.ops import OPS
    from eigen.ir.ops.mathematics import ONE_ARGUMENT

    one = [name for name in (*ONE_ARGUMENT, *_ALSO_ONE) if name != "log"]  # `log` has a base

    table: dict[str, Value] = {
        "pi": _constants.pi,
        "e": _constants.e,
        "tau": _constants.tau,
        "inf": _constants.inf,
        "nan": _constants.nan,
        "log": Builtin("log", _log, "x, base=e", "The logarithm.", "math"),
        "isclose": Builtin("isclose", _isclose, "a, b, *, rel_tol=1e-09, abs_tol=0.0", "", "math"),
    }
    signatures = [(name, "x") for name in one] + [(name, "x, y") for name in _TWO.split()]
    signatures += [("fsum", "items"), ("prod", "items"), ("dist", "p, q")]
    for name, signature in signatures:
        op = f"math.{name}"
        table[name] = Builtin(name, _function(op, signature), signature, OPS[op].help, "math")
    for name in ("gcd", "lcm", "hypot"):
        op = f"math.{name}"
        table[name] = Builtin(name, _variadic(op), "*values", OPS[op].help, "math")
    return table


MATH: dict[str, Value] = _table()
"""Every member of the module."""
