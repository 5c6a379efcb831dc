"""Gate angles: numbers, circuit parameters, and run-time numbers that become symbols of the circuit."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from eigen.lang.regions import Dyn
from eigen.lang.values import Sym

if TYPE_CHECKING:
    from eigen._core import Affine
    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.library.scope import Scope
    from eigen.lang.values import Value

_NUMERIC = {"int", "float", "any"}


def angle_of(ctx: Context, scope: Scope, value: Value, what: str, span: Span) -> float | Affine:
    """An angle in radians as the circuit stores it: a finite float, or an affine expression of symbols."""
    if isinstance(value, Dyn):
        if value.type not in _NUMERIC:
            ctx.fail(
                "E0802", f"{what} must be a number, not a run-time {value.type}", span, secondary=ctx.provenance(value)
            )
        return scope.symbol_for(ctx, value, span)
    if isinstance(value, Sym):
        return value.affine
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        from eigen.lang.reification import describe

        ctx.fail("E0802", f"{what} must be a number, not {describe(value)}", span)
    try:
        angle = float(value)
    except OverflowError:
        ctx.fail("E0802", f"{what} is too large", span)
    if not isfinite(angle):
        ctx.fail("E0802", f"{what} must be finite, not `{angle}`", span)
    return angle
