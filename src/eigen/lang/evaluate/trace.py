"""Tracing: a user function evaluated with run-time arguments into a region of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.ir.values import type_of
from eigen.lang.context import RuntimeParameter, Traced
from eigen.lang.journal import Journal
from eigen.lang.regions import Dyn, Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Value


class TracedCall:
    """What a stage inside a traced function may know of it: `value` is its first run-time argument."""

    __slots__ = ("function", "used", "value")

    def __init__(self, function: Value, value: Dyn | None) -> None:
        self.function = function
        self.value = value
        self.used = False  # whether the library bound the argument by position

    @property
    def reads_argument(self) -> bool:
        """Whether the function's body mentions its first parameter."""
        inner = getattr(self.function, "function", self.function)
        parameters = getattr(inner, "parameters", ())
        reads: frozenset[str] = getattr(inner, "reads", frozenset())
        return bool(parameters) and parameters[0].name in reads


def trace(ctx: Context, function: Value, params: Sequence[RuntimeParameter | Value], span: Span) -> Traced:
    """Evaluate a function into a region; see `Context.trace`."""
    outer_region, outer_journal = ctx.region, ctx.journal
    region = ctx.new_region()
    arguments: list[Value] = []
    first: Dyn | None = None
    for param in params:
        if isinstance(param, RuntimeParameter):
            made = region.parameter(param.type, Origin(param.what, span), length=param.length)
            first = first or made
            arguments.append(made)
        else:
            arguments.append(param)
    ctx.region, ctx.journal = region, Journal(outer_journal, "a function that runs many times")
    ctx.tracing.append(TracedCall(function, first))
    ctx.push_circuit(None)
    try:
        value = ctx.call(function, arguments, span=span)
        held = ctx.reify(value, span)
        index = ctx.use(held, span)
    finally:
        ctx.pop_circuit()
        ctx.tracing.pop()
        ctx.region, ctx.journal = outer_region, outer_journal
    kind = held.type if isinstance(held, Dyn) else type_of(held)
    return Traced(region.finish([index]), region.captures, (kind,), value, tuple(arguments))
