"""`minimize`: a cost function becomes the region of a `minimize` stage."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from eigen.ir.methods import MethodError, check_bounds, check_count, check_options, check_tolerance, method_of
from eigen.ir.values import Array, is_dict, is_list, is_tuple
from eigen.lang.binding import bind
from eigen.lang.context import RuntimeParameter
from eigen.lang.regions import Dyn
from eigen.lang.values import Object

if TYPE_CHECKING:
    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Call, Value

_SIGNATURE = (
    "objective, initial_guess, method='cobyla', max_iter=None, tolerance=None, bounds=None, options=None, **more"
)
MAX_ITERATIONS = 100_000
_NUMBERS = {"float", "int", "any"}


def minimize(ctx: Context, call: Call) -> Value:
    """`minimize(objective, initial_guess, method="cobyla", max_iter=None, tolerance=None, bounds=None, options=None)`.

    Options of the method may also be given as keywords, such as `learning_rate=0.1`.
    """
    objective, guess, method, max_iter, tolerance, bounds, options, more = bind(call, _SIGNATURE)
    start, size = initial_point(ctx, guess, call.span_of("initial_guess"))
    if not isinstance(objective, Object) or isinstance(objective, Dyn):
        from eigen.lang.reification import describe

        ctx.fail(
            "E0810",
            f"`minimize` takes a function to be minimised, not {describe(objective)}",
            call.span,
            hint="put the expression into a function decorated with `@cost_function`",
        )
    settings = [method, max_iter, tolerance, bounds, options, *more.values()]
    ctx.require_static(settings, "an option of `minimize`", call.span)
    given = {"max_iter": max_iter, "tolerance": tolerance, "bounds": bounds, "options": options, "more": more}
    attrs = settings_of(ctx, method, size, call.span, **given)
    what = "the parameters that `minimize` varies"
    traced = ctx.trace(objective, [RuntimeParameter("array", size, what)], span=call.span)
    if not traced.types or traced.types[0] not in _NUMBERS:
        found = traced.types[0] if traced.types else "none"
        ctx.fail("E0810", f"the cost function must return a number, not a value of type `{found}`", call.span)
    return ctx.emit(
        "minimize",
        [start, *traced.captures],
        attrs=attrs,
        type="record:minimize",
        regions=[traced.region],
        span=call.span,
        origin="`minimize`",
        lengths={"optimal_parameters": size},
    )


def initial_point(ctx: Context, value: Value, span: Span) -> tuple[Value, int]:
    """The starting point as an array, and its length, which must be known at compile time."""
    if isinstance(value, Object):
        value = value.reify(ctx, span)
    if isinstance(value, Dyn):
        if value.type in {"float", "int"}:
            return ctx.emit("array", [value], attrs={"kind": "f"}, type="array", span=span, length=1), 1
        if value.length is None:
            ctx.fail_runtime(value, "the number of parameters of `minimize`", span)
        made = ctx.emit("asarray", [value], attrs={"kind": "f"}, type="array", span=span, length=value.length)
        return made, value.length
    items: list[Any]
    if isinstance(value, Array) and value.ndim == 1:
        items = list(value.data)
    elif is_list(value) or is_tuple(value):
        items = list(value)
    else:
        items = [value]
    if any(isinstance(item, Dyn) for item in items):
        made = ctx.emit("array", items, attrs={"kind": "f"}, type="array", span=span, length=len(items))
        return made, len(items)
    if any(isinstance(item, bool) or not isinstance(item, (int, float)) for item in items):
        ctx.fail("E0810", "`initial_guess` must be a vector of numbers", span)
    try:
        start = [float(item) for item in items]
    except OverflowError:
        ctx.fail("E0810", "`initial_guess` holds an integer that is too large for a float", span)
    for item in start:
        if not isfinite(item):
            ctx.fail("E0810", f"`initial_guess` must be finite, not `{item}`", span)
    return Array.vector(start), len(start)


def _finite(bound: float) -> float | None:
    return bound if isfinite(bound) else None


def settings_of(
    ctx: Context,
    method: Value,
    size: int,
    span: Span,
    *,
    max_iter: Value = None,
    tolerance: Value = None,
    bounds: Value = None,
    options: Value = None,
    more: dict[str, Value],
) -> dict[str, Any]:
    """The static attributes of a `minimize` stage, checked against the table of methods; E0811."""
    try:
        chosen = method_of(method)
        if options is not None and not is_dict(options):
            raise MethodError("the options of `minimize` are a dict")
        given: dict[Any, Any] = {**(options or {}), **more}
        pairs = check_bounds(chosen, bounds, size)
        return {
            "method": chosen.name,
            "max_iter": chosen.max_iter if max_iter is None else check_count("`max_iter`", max_iter, MAX_ITERATIONS),
            "tolerance": check_tolerance(tolerance),
            "bounds": None if pairs is None else [[_finite(low), _finite(high)] for low, high in pairs],
            "options": {name: value for name, value in check_options(chosen, given).items() if name in given},
        }
    except MethodError as error:
        return ctx.fail("E0811", error.message, span, hint=error.hint)
    except OverflowError:
        return ctx.fail("E0811", "an option of `minimize` is too large for a float", span)
